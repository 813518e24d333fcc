/** Open files that are not on a disk (a config made on request), and open files that tell when they were read to the end. */
import { Readable } from 'node:stream'
import { bytesReadBy, type OpenFile } from '../lib/files.ts'

/** A text as an open file. Its `mtime` is 0: made on request, so nobody may keep it. */
export function fileOfText(path: string, text: string): OpenFile {
  const bytes = Buffer.from(text)
  return {
    path,
    size: bytes.length,
    mtime: 0,
    read: async (into, offset) => (offset >= bytes.length ? 0 : bytes.copy(into, 0, offset)),
    stream: (range) => Readable.from([bytes.subarray(range?.start ?? 0, (range?.end ?? bytes.length) + 1)]),
    close: async () => {},
  }
}

/**
 * Calls `done` once, when the last byte has been read. A machine that only asks for the size (TFTP `tsize`, HTTP HEAD) and
 * comes back for the file is so seen once; one that gives up halfway is not seen to have it.
 */
export function whenReadToEnd(file: OpenFile, done: () => void): OpenFile {
  let told = false
  const reached = (offset: number) => {
    if (told || offset < file.size) return
    told = true
    done()
  }
  return {
    ...file,
    async read(into, offset) {
      const count = await file.read(into, offset)
      reached(offset + count)
      return count
    },
    stream(range) {
      const stream = file.stream(range)
      stream.once('end', () => reached((range?.end ?? file.size - 1) + 1))
      // A client that has its last byte may hang up before we come to the end: what was read by then tells.
      stream.once('close', () => reached((range?.start ?? 0) + bytesReadBy(stream)))
      return stream
    },
  }
}
