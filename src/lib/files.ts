/**
 * Files, opened, listed and written below one root and never above it. With folders.ts the only place in the daemon that
 * opens files, so a path traversal is refused once for TFTP, HTTP, templates and the store.
 */
import { accessSync, constants, mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { type FileHandle, mkdir, open, realpath, rename, rm } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { FileBody } from './file-body.ts'
import { readCached } from './libc.ts'

/** An open file: read it at any offset, then close it. */
export interface OpenFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtime: number
  /** Fills `into` from `offset`; answers how many bytes were there. */
  read(into: Uint8Array, offset: number): Promise<number>
  /** The whole file or a part of it (`end` is the last byte's offset); closes the file when it ends. */
  stream(range?: { start: number; end: number }): Readable
  close(): Promise<void>
}

/** True for a relative path whose every part is an ordinary name. Backslashes and NULs are somebody's attack. */
export function isPlainPath(path: string): boolean {
  if (path === '' || path.startsWith('/') || /[\0\\]/.test(path)) return false
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

/**
 * Opens `path` below `root`, symbolic links resolved; undefined when there is no such regular file there.
 * A link that leads out of the root is "not there".
 */
export async function openBelow(root: string, path: string): Promise<OpenFile | undefined> {
  if (!isPlainPath(path)) return undefined
  try {
    const [realRoot, realFile] = await Promise.all([realpath(root), realpath(join(root, path))])
    return isInside(realRoot, realFile) ? await openFile(realFile) : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Both are real paths. The root itself is not inside. */
function isInside(realRoot: string, realPath: string): boolean {
  const way = relative(realRoot, realPath)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`)
}

/** Opens one regular file by its absolute path, for paths that an administrator has set; undefined when it is not there. */
export async function openRegular(path: string): Promise<OpenFile | undefined> {
  try {
    return await openFile(await realpath(path))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function openFile(path: string): Promise<OpenFile | undefined> {
  // Without NONBLOCK, opening a named pipe would wait for whoever writes into it, maybe for ever.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const stat = await handle.stat()
  if (!stat.isFile()) {
    await handle.close()
    return undefined
  }
  return fileOf(path, handle, stat.size, stat.mtimeMs)
}

export function fileOf(path: string, handle: FileHandle, size: number, mtime: number): OpenFile {
  return {
    path,
    size,
    mtime,
    async read(into, offset) {
      // What needs no disk needs no other thread either.
      const wanted = Math.min(into.length, size - offset)
      if (readCached(handle.fd, into, offset) === wanted) return wanted
      return (await handle.read(into, 0, into.length, offset)).bytesRead
    },
    stream: ({ start, end } = { start: 0, end: size - 1 }) => new FileBody(handle, start, end),
    close: () => handle.close(),
  }
}

/** How far a stream of a file has come. Others say nothing. */
export function bytesReadBy(stream: Readable): number {
  return 'bytesRead' in stream && typeof stream.bytesRead === 'number' ? stream.bytesRead : 0
}

/** The text of a small file below a root (templates, preseeds); undefined when it is not there. */
export function readTextBelow(root: string, path: string): string | undefined {
  if (!isPlainPath(path)) return undefined
  try {
    const [realRoot, realFile] = [realpathSync(root), realpathSync(join(root, path))]
    return isInside(realRoot, realFile) && statSync(realFile).isFile() ? readFileSync(realFile, 'utf8') : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** When a file below a root was last written, in milliseconds since 1970; undefined when it is not there. */
export async function writtenBelow(root: string, path: string): Promise<number | undefined> {
  const file = await openBelow(root, path)
  await file?.close()
  return file && Math.floor(file.mtime)
}

/** The regular files below a root, or below a folder in it, in order. Links are not followed. */
export function listBelow(root: string, path = '.'): string[] {
  if (path !== '.' && !isPlainPath(path)) return []
  try {
    const [realRoot, folder] = [realpathSync(root), realpathSync(join(root, path))]
    if (folder !== realRoot && !isInside(realRoot, folder)) return []
    return [...filesIn(folder)].map((file) => relative(realRoot, file)).sort()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** By hand: Node's own recursive listing follows links to folders. */
function* filesIn(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesIn(path)
    else if (entry.isFile()) yield path
  }
}

/** What a folder has in it, in order; nothing when it is not there. */
export function listNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

export function fileExists(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Whether this user may run it. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** The real path of a regular file, or undefined. */
export function realFile(path: string): string | undefined {
  try {
    const real = realpathSync(path)
    return statSync(real).isFile() ? real : undefined
  } catch {
    return undefined
  }
}

/** Makes a folder (and its parents) that only this user may enter. Throws what the system says. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
}

let drafts = 0

/** Writes a file below a root whole or not at all: to a neighbor first, synced, then renamed over. */
export async function writeBelow(
  root: string,
  path: string,
  bytes: string | Uint8Array | Readable,
  mode = 0o644,
): Promise<void> {
  const target = await placeBelow(root, path)
  await mkdir(dirname(target), { recursive: true })
  // Of its own: two writes of one path at once must not share a draft.
  const draft = `${target}.part-${process.pid}-${++drafts}`
  const handle = await open(draft, 'w', mode)
  try {
    await handle.chmod(mode)
    await handle.writeFile(bytes)
    await handle.sync()
    await handle.close()
    await rename(draft, target)
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(draft, { force: true })
    throw error
  }
}

/** Gives a file below a root another name there, over whatever has that name. */
export async function renameBelow(root: string, from: string, to: string): Promise<void> {
  for (const path of [from, to]) if (!isPlainPath(path)) throw new Error(`not a path below the root: ${path}`)
  await rename(join(root, from), join(root, to))
}

export async function removeBelow(root: string, path: string): Promise<void> {
  await rm(await placeBelow(root, path), { force: true, recursive: true })
}

/**
 * Where a path below a root is to be written: its nearest folder that exists must really be in the root. A link in the
 * last place is replaced or removed itself, so it may lead anywhere.
 */
async function placeBelow(root: string, path: string): Promise<string> {
  if (!isPlainPath(path)) throw new Error(`not a path below the root: ${path}`)
  const base = resolve(root)
  const target = join(base, path)
  const realRoot = await realPathOf(base)
  for (let folder = dirname(target); folder.length > base.length; folder = dirname(folder)) {
    const real = await realPathOf(folder)
    if (real === undefined) continue
    if (realRoot === undefined || !isInside(realRoot, real)) throw new Error(`not a path below the root: ${path}`)
    break
  }
  return target
}

export async function realPathOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG'
}
