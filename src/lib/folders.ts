/**
 * A tree of files and folders below one root, in which others write: looked at, listed, received, copied and moved. No
 * symbolic link is followed, not even one that stays inside. files.ts is for roots whose links are the administrator's.
 */
import { type BigIntStats, constants } from 'node:fs'
import { copyFile, lstat, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileOf, isMissing, isPlainPath, type OpenFile, realPathOf } from './files.ts'

/** What is at a path; a symbolic link, a pipe or a device is `other`. */
export interface Entry {
  readonly kind: 'file' | 'folder' | 'other'
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtime: number
  readonly made: number
  /** Another when the bytes are others: which file, how long, changed when, to the nanosecond. */
  readonly mark: string
}

/** What is at a path below a root, or at the root itself (`''`); undefined: nothing. No link is followed. */
export async function lookBelow(root: string, path: string): Promise<Entry | undefined> {
  const place = await placeWithoutLinks(root, path)
  return place === undefined ? undefined : await look(place)
}

/** The names in a folder below a root, and what they are, in order. No link is followed. */
export async function entriesBelow(root: string, path: string): Promise<(Entry & { readonly name: string })[]> {
  const place = await placeWithoutLinks(root, path)
  if (place === undefined || (await look(place))?.kind !== 'folder') return []
  const entries: (Entry & { readonly name: string })[] = []
  for (const name of (await readdir(place)).sort()) {
    const entry = await look(join(place, name))
    if (entry) entries.push({ ...entry, name })
  }
  return entries
}

/** Opens a regular file below a root, as `lookBelow` sees it; what is told of it is what was opened. */
export async function openEntryBelow(root: string, path: string): Promise<(Entry & { file: OpenFile }) | undefined> {
  const place = await placeWithoutLinks(root, path)
  if (place === undefined) return undefined
  try {
    const handle = await open(place, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    const entry = entryOf(await handle.stat({ bigint: true }))
    if (entry.kind === 'file') return { ...entry, file: fileOf(place, handle, entry.size, entry.mtime) }
    await handle.close()
    return undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function look(place: string): Promise<Entry | undefined> {
  try {
    return entryOf(await lstat(place, { bigint: true }))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function entryOf(found: BigIntStats): Entry {
  return {
    kind: found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other',
    size: Number(found.size),
    mtime: Number(found.mtimeMs),
    made: Number(found.birthtimeMs),
    mark: [found.ino, found.size, found.mtimeNs].map((number) => number.toString(16)).join('-'),
  }
}

/** Makes one folder below a root; throws what the system says when it is there, or its parent is not. */
export async function makeFolderBelow(root: string, path: string): Promise<void> {
  const place = await writablePlace(root, path)
  await mkdir(place)
  await syncFile(dirname(place))
}

/** Sockets give less at a time than a disk likes to take. */
const WRITTEN_AT_ONCE = 512 * 1024

/** A new file below a root from what comes in, synced; nothing stays of one that breaks off. Answers its size. */
export async function receiveBelow(root: string, path: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const target = await writablePlace(root, path)
  const handle = await open(target, 'wx', 0o600)
  let size = 0
  const block = Buffer.allocUnsafe(WRITTEN_AT_ONCE)
  let held = 0
  try {
    for await (const chunk of chunks) {
      if (held + chunk.length > block.length) {
        await handle.writeFile(block.subarray(0, held))
        held = 0
      }
      if (chunk.length > block.length) await handle.writeFile(chunk)
      else {
        block.set(chunk, held)
        held += chunk.length
      }
      size += chunk.length
    }
    await handle.writeFile(block.subarray(0, held))
    await handle.sync()
    await handle.close()
    return size
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(target, { force: true })
    throw error
  }
}

export async function copyFileBelow(root: string, from: string, toRoot: string, to: string): Promise<void> {
  const [source, target] = await Promise.all([writablePlace(root, from), writablePlace(toRoot, to)])
  await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  await syncFile(target)
}

/** Gives what is below one root a place below another, over a file that is there. On the disk when it answers. */
export async function moveBelow(root: string, from: string, toRoot: string, to: string): Promise<void> {
  const [source, target] = await Promise.all([writablePlace(root, from), writablePlace(toRoot, to)])
  await rename(source, target)
  await syncFile(dirname(target))
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY)
  await handle.sync().finally(() => handle.close())
}

/** Bytes that may still be written to the file system that a folder is on. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** True when a rename can lead from one folder to the other. */
export async function isOneFileSystem(one: string, other: string): Promise<boolean> {
  const [{ dev }, { dev: others }] = await Promise.all([stat(one), stat(other)])
  return dev === others
}

/** Where a path below a root is, when no folder on its way is a link; undefined also when one is not there. */
async function placeWithoutLinks(root: string, path: string): Promise<string | undefined> {
  const realRoot = await realPathOf(root)
  if (realRoot === undefined || path === '') return realRoot
  if (!isPlainPath(path)) return undefined
  const place = join(realRoot, path)
  return (await realPathOf(dirname(place))) === dirname(place) ? place : undefined
}

async function writablePlace(root: string, path: string): Promise<string> {
  const place = path === '' ? undefined : await placeWithoutLinks(root, path)
  if (place === undefined) throw new Error(`not a path below the root, or its folder is not there: ${path}`)
  return place
}
