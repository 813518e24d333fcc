/**
 * Files on disk by their URL, within a bound: what was used longest ago goes first. A file has its place only when it is
 * whole; what was being fetched when the daemon died is swept away at the next start.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { type OpenFile, openBelow, removeBelow } from '../lib/files.ts'
import { factsBelow, type GrowingFile, growBelow, touchBelow } from '../lib/growing-file.ts'
import { decodeHead, encodeHead, type Facts, MOST_HEAD } from './codec.ts'

/** Where the bytes of a body are, whether they are all there or not. */
export interface Source {
  read(into: Uint8Array, offset: number): Promise<number>
}

export interface CachedFile extends Source {
  readonly facts: Facts
  readonly length: number
  close(): Promise<void>
}

/** A file that is being fetched. */
export interface Draft extends Source {
  append(bytes: Uint8Array): Promise<void>
  /** It is whole: from now on it is found. */
  keep(): Promise<void>
  discard(): Promise<void>
  /** When nobody reads it any more. */
  close(): Promise<void>
}

export interface Cache {
  has(url: string): boolean
  /** Undefined: it is not there. Whoever opens it closes it. */
  open(url: string): Promise<CachedFile | undefined>
  /** Undefined: it is too large to be kept, or there is no room now. */
  begin(facts: Facts): Promise<Draft | undefined>
  remove(url: string): Promise<void>
  /** Bytes, with those that are being fetched. */
  size(): number
}

export interface CacheOptions {
  /** A folder of its own. */
  readonly root: string
  readonly mostBytes: number
  readonly clock: Clock
}

interface Entry {
  readonly size: number
  /** What the disk says of its last use. */
  touched: number
}

const DRAFTS = 'drafts'
/** A file takes whole blocks. */
const BLOCK = 4096
/** Uses are written down this often: after a restart it need not be known better. */
const TOUCH_EVERY = 60_000
/** After a write that failed (a full disk, most likely), what is fetched is passed on and not kept. */
const REST = 60_000

export async function openCache({ root, mostBytes, clock }: CacheOptions): Promise<Cache> {
  await removeBelow(root, DRAFTS)
  /** By path, the longest unused first. */
  const entries = new Map<string, Entry>()
  let kept = 0
  let reserved = 0
  let drafts = 0
  let restUntil = 0

  const found = (await factsBelow(root)).sort((one, other) => one.mtime - other.mtime)
  for (const { path, size, mtime } of found) put(path, { size: blocks(size), touched: mtime })
  await reserve(0)

  function put(path: string, entry: Entry): void {
    drop(path)
    entries.set(path, entry)
    kept += entry.size
  }

  function drop(path: string): void {
    kept -= entries.get(path)?.size ?? 0
    entries.delete(path)
  }

  /** Sets room aside; false when even an empty cache would have none. Who reads a file that goes keeps it open. */
  async function reserve(bytes: number): Promise<boolean> {
    if (reserved + bytes > mostBytes) return false
    for (const path of entries.keys()) {
      if (kept + reserved + bytes <= mostBytes) break
      drop(path)
      await removeBelow(root, path)
    }
    if (kept + reserved + bytes > mostBytes) return false
    reserved += bytes
    return true
  }

  function used(path: string, entry: Entry): void {
    entries.delete(path)
    entries.set(path, entry)
    const now = clock.now()
    if (now - entry.touched < TOUCH_EVERY) return
    entry.touched = now
    void touchBelow(root, path, now)
  }

  async function open(url: string): Promise<CachedFile | undefined> {
    const path = pathOf(url)
    const entry = entries.get(path)
    if (!entry) return undefined
    const file = await openBelow(root, path)
    const opened = file && (await readHead(file, url))
    if (opened) {
      if (entries.get(path) === entry) used(path, entry)
      return opened
    }
    // Somebody else's hands were in the folder.
    await file?.close()
    if (entries.get(path) === entry) {
      drop(path)
      await removeBelow(root, path)
    }
    return undefined
  }

  async function begin(facts: Facts): Promise<Draft | undefined> {
    const head = encodeHead(facts)
    if (head.length > MOST_HEAD || clock.now() < restUntil) return undefined
    const expected = blocks(head.length + (facts.length ?? 0))
    if (!(await reserve(expected))) return undefined
    let file: GrowingFile | undefined
    try {
      file = await growBelow(root, `${DRAFTS}/${++drafts}`)
      await file.append(head)
    } catch {
      reserved -= expected
      restUntil = clock.now() + REST
      await file?.discard().catch(() => {})
      await file?.close()
      return undefined
    }
    return draftOf(file, facts.url, head.length, expected)
  }

  function draftOf(file: GrowingFile, url: string, bodyAt: number, expected: number): Draft {
    let size = bodyAt
    let room = expected
    const free = () => {
      reserved -= room
      room = 0
    }
    return {
      async append(bytes) {
        const more = blocks(size + bytes.length) - room
        if (more > 0) {
          if (!(await reserve(more))) throw new Error('there is no room for it in the cache')
          room += more
        }
        await file.append(bytes).catch((error: unknown) => {
          restUntil = clock.now() + REST
          throw error
        })
        size += bytes.length
      },
      async keep() {
        const path = pathOf(url)
        await file.keep(path)
        free()
        put(path, { size: blocks(size), touched: clock.now() })
      },
      async discard() {
        free()
        await file.discard()
      },
      read: (into, offset) => file.read(into, bodyAt + offset),
      close: () => file.close(),
    }
  }

  return {
    has: (url) => entries.has(pathOf(url)),
    open,
    begin,
    async remove(url) {
      drop(pathOf(url))
      await removeBelow(root, pathOf(url))
    },
    size: () => kept + reserved,
  }
}

/** Undefined when it is not what it should be. */
async function readHead(file: OpenFile, url: string): Promise<CachedFile | undefined> {
  const bytes = new Uint8Array(Math.min(file.size, MOST_HEAD))
  try {
    await file.read(bytes, 0)
    const { facts, bodyAt } = decodeHead(bytes)
    const length = file.size - bodyAt
    if (facts.url !== url || (facts.length ?? length) !== length) return undefined
    return { facts, length, read: (into, offset) => file.read(into, bodyAt + offset), close: file.close }
  } catch {
    return undefined
  }
}

function pathOf(url: string): string {
  const hash = createHash('sha256').update(url).digest('hex')
  return join(hash.slice(0, 2), hash.slice(2))
}

function blocks(bytes: number): number {
  return Math.ceil(Math.max(1, bytes) / BLOCK) * BLOCK
}
