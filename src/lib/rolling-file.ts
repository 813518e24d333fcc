/** The last of what never ends: two files below a root, of which the older is forgotten when the younger is full. */
import { appendFile, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isMissing, isPlainPath } from './files.ts'

export interface RollingFile {
  /** Of what is more than can be kept, the end. */
  append(bytes: Uint8Array): Promise<void>
  /** The last so many bytes, or what there is. */
  tail(bytes: number): Promise<Buffer>
  remove(): Promise<void>
}

/** @param most bytes in each of the two; so many are kept at least, twice as many at most. One call at a time. */
export function rollBelow(root: string, path: string, most: number): RollingFile {
  if (!isPlainPath(path)) throw new Error(`not a path below the root: ${path}`)
  const young = join(root, path)
  const old = `${young}.old`
  let size: number | undefined

  return {
    async append(all) {
      const bytes = all.subarray(-most)
      await mkdir(dirname(young), { recursive: true, mode: 0o700 })
      size ??= await sizeOf(young)
      if (size > 0 && size + bytes.length > most) {
        await rename(young, old)
        size = 0
      }
      await appendFile(young, bytes, { mode: 0o600 })
      size += bytes.length
    },
    async tail(bytes) {
      const last = await tailOf(young, bytes)
      const before = last.length < bytes ? await tailOf(old, bytes - last.length) : Buffer.alloc(0)
      return Buffer.concat([before, last])
    },
    async remove() {
      size = undefined
      await Promise.all([young, old].map((file) => rm(file, { force: true })))
    },
  }
}

async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    (found) => found.size,
    () => 0,
  )
}

async function tailOf(file: string, bytes: number): Promise<Buffer> {
  try {
    const handle = await open(file)
    try {
      const { size } = await handle.stat()
      const into = Buffer.alloc(Math.min(bytes, size))
      const { bytesRead } = await handle.read(into, 0, into.length, size - into.length)
      return into.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (isMissing(error)) return Buffer.alloc(0)
    throw error
  }
}
