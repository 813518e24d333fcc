/** A file as blocks: the same bytes, read in large pieces, never more than two of them in memory. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OpenFile } from '../../src/lib/files.ts'
import { toNetascii } from '../../src/tftp/netascii.ts'
import { type BlockReader, PIECE, readAhead } from '../../src/tftp/read-ahead.ts'

interface Seen {
  /** The piece sizes that were asked for. */
  readonly asked: number[]
  atOnce: number
}

/** An open file over bytes. It answers at most `most` bytes for each read, as files may. */
function fileOf(bytes: Uint8Array, { size = bytes.length, most = Number.POSITIVE_INFINITY } = {}): [OpenFile, Seen] {
  const seen: Seen = { asked: [], atOnce: 0 }
  const file: OpenFile = {
    path: 'test',
    size,
    mtime: 0,
    async read(into, offset) {
      seen.asked.push(into.length)
      seen.atOnce++
      await Promise.resolve()
      seen.atOnce--
      const part = bytes.subarray(offset, Math.min(offset + into.length, offset + most))
      into.set(part)
      return part.length
    },
    stream: () => {
      throw new Error('not a stream')
    },
    close: async () => {},
  }
  return [file, seen]
}

async function readAll(reader: BlockReader, blockSize: number): Promise<Buffer> {
  const blocks: Buffer[] = []
  while (true) {
    const block = Buffer.alloc(4 + blockSize)
    const bytes = reader.take(block, 4)
    if (bytes === undefined) {
      await reader.load()
      continue
    }
    blocks.push(block.subarray(4, 4 + bytes))
    if (bytes < blockSize) return Buffer.concat(blocks)
  }
}

describe('reading ahead', () => {
  test('answers the bytes of the file, whatever its size, the blocks and the reads', async () => {
    const size = fc.oneof(fc.nat(3000), fc.constantFrom(PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7))
    const property = fc.asyncProperty(
      size,
      fc.constantFrom(8, 512, 1468, 65_464),
      fc.constantFrom(1000, 100_000, Number.POSITIVE_INFINITY),
      async (bytes, blockSize, most) => {
        const content = randomBytes(bytes)
        const [file] = fileOf(content, { most })
        expect((await readAll(readAhead(file, blockSize), blockSize)).equals(content)).toBe(true)
      },
    )
    await fc.assert(property, { numRuns: 60 })
  })

  test('converts on the way', async () => {
    const content = Buffer.from('line\n\r'.repeat(PIECE / 2))
    const [file] = fileOf(content)
    const read = await readAll(readAhead(file, 1000, toNetascii), 1000)
    expect(read.equals(toNetascii(content))).toBe(true)
  })

  test('asks for large pieces, and for small files no more than they have', async () => {
    const [large, ofLarge] = fileOf(randomBytes(3 * PIECE))
    await readAll(readAhead(large, 1468), 1468)
    expect(ofLarge.asked[0]).toBeGreaterThanOrEqual(PIECE)
    expect(ofLarge.asked.length).toBe(3)
    const [small, ofSmall] = fileOf(randomBytes(700))
    await readAll(readAhead(small, 1468), 1468)
    expect(ofSmall.asked).toEqual([700])
  })

  test('reads nothing unasked, then one piece ahead and not two', async () => {
    const [file, seen] = fileOf(randomBytes(10 * PIECE))
    const reader = readAhead(file, 1024)
    expect(seen.asked).toEqual([])
    await reader.load()
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen.asked.length).toBe(2)
  })

  test('rejects when the file has become shorter than it was', async () => {
    const [file] = fileOf(randomBytes(1000), { size: 2000 })
    await expect(readAll(readAhead(file, 512), 512)).rejects.toThrow('ended after 1000 of 2000 bytes')
  })

  test('stops at the size that was announced when the file grows', async () => {
    const [file] = fileOf(randomBytes(3000), { size: 2000 })
    expect((await readAll(readAhead(file, 512), 512)).length).toBe(2000)
  })
})
