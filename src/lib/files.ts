/**
 * Files, opened, listed and written below one root and never above it. The only place in the daemon that opens files,
 * so a path traversal is refused once for TFTP, HTTP, templates and the store.
 */
import { createReadStream, mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { type FileHandle, mkdir, open, realpath, rename, rm } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Readable } from 'node:stream'

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
    const inside = relative(realRoot, realFile)
    if (inside === '' || inside.startsWith(`..${sep}`) || inside === '..') return undefined
    return await openFile(realFile)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
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
  const handle = await open(path, 'r')
  const stat = await handle.stat()
  if (!stat.isFile()) {
    await handle.close()
    return undefined
  }
  return fileOf(path, handle, stat.size, stat.mtimeMs)
}

function fileOf(path: string, handle: FileHandle, size: number, mtime: number): OpenFile {
  return {
    path,
    size,
    mtime,
    read: async (into, offset) => (await handle.read(into, 0, into.length, offset)).bytesRead,
    stream: (range) => handle.createReadStream({ ...range, highWaterMark: 256 * 1024 }),
    close: () => handle.close(),
  }
}

/** The text of a small file below a root (templates, preseeds); undefined when it is not there. */
export function readTextBelow(root: string, path: string): string | undefined {
  if (!isPlainPath(path)) return undefined
  try {
    const [realRoot, realFile] = [realpathSync(root), realpathSync(join(root, path))]
    if (!realFile.startsWith(realRoot + sep)) return undefined
    return readFileSync(realFile, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

export function listBelow(root: string, path = '.'): string[] {
  const folder = resolve(root, path)
  if (relative(root, folder).startsWith('..')) return []
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .sort()
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

/** Writes a file below a root whole or not at all: to a neighbor first, synced, then renamed over. */
export async function writeBelow(
  root: string,
  path: string,
  bytes: string | Uint8Array | Readable,
  mode = 0o644,
): Promise<void> {
  if (!isPlainPath(path)) throw new Error(`not a path below the root: ${path}`)
  const target = join(root, path)
  await mkdir(dirname(target), { recursive: true })
  const draft = `${target}.part-${process.pid}`
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

export async function removeBelow(root: string, path: string): Promise<void> {
  if (!isPlainPath(path)) throw new Error(`not a path below the root: ${path}`)
  await rm(join(root, path), { force: true, recursive: true })
}

/** Reads a file that an administrator named (a tar to import). */
export function streamFile(path: string): Readable {
  return createReadStream(path)
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG'
}
