/**
 * A file that can be read while it is written, and has its name only when it is whole; and what a cache on disk needs
 * besides: how large its files are, and when each was last used.
 */
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isPlainPath } from './files.ts'

export interface GrowingFile {
  append(bytes: Uint8Array): Promise<void>
  /** Fills `into` from `offset`; answers how many bytes were there. Not before they were appended. */
  read(into: Uint8Array, offset: number): Promise<number>
  /** Syncs it and gives it another name below the root, over whatever has that. It can still be read. */
  keep(path: string): Promise<void>
  /** Takes its name away. It can still be read. */
  discard(): Promise<void>
  close(): Promise<void>
}

/** @throws Error when there is a file of that name */
export async function growBelow(root: string, path: string): Promise<GrowingFile> {
  const place = placeOf(root, path)
  await mkdir(dirname(place), { recursive: true, mode: 0o700 })
  const handle = await open(place, 'wx+', 0o600)
  let size = 0
  return {
    async append(bytes) {
      await writeWhole(handle, bytes, size)
      size += bytes.length
    },
    read: async (into, offset) => (await handle.read(into, 0, into.length, offset)).bytesRead,
    async keep(to) {
      const target = placeOf(root, to)
      await handle.sync()
      await mkdir(dirname(target), { recursive: true, mode: 0o700 })
      await rename(place, target)
    },
    discard: () => rm(place, { force: true }),
    close: () => handle.close(),
  }
}

/** A full disk takes a part and no more. */
async function writeWhole(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
  }
}

export interface FileFacts {
  /** Below the root. */
  readonly path: string
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtime: number
}

/** Of all regular files in the folders of a root, one level deep. */
export async function factsBelow(root: string): Promise<FileFacts[]> {
  const found: FileFacts[] = []
  for (const folder of await namesIn(root)) {
    for (const name of await namesIn(join(root, folder))) {
      const path = `${folder}/${name}`
      const facts = await stat(join(root, path)).catch(() => undefined)
      if (facts?.isFile()) found.push({ path, size: facts.size, mtime: facts.mtimeMs })
    }
  }
  return found
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => [])
}

/** Says that a file was used at this time. One that is gone needs no telling. */
export async function touchBelow(root: string, path: string, at: number): Promise<void> {
  await utimes(placeOf(root, path), at / 1000, at / 1000).catch(() => {})
}

function placeOf(root: string, path: string): string {
  if (!isPlainPath(path)) throw new Error(`not a path below the root: ${path}`)
  return join(root, path)
}
