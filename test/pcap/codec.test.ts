/** pcapng as it is specified: what is written is read back by a reader of its own, block by block. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Ipv4, Mac } from '../../src/model/address.ts'
import { type CapturedPacket, encodePacket, encodeSection, encodeStatistics } from '../../src/pcap/codec.ts'
import { tcpFrame, udpFrame } from '../../src/pcap/frame.ts'

interface Block {
  readonly type: number
  readonly body: Buffer
}

/** Blocks end to end: each says its length twice, a multiple of four. */
function blocksOf(bytes: Buffer): Block[] {
  const found: Block[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4)
    expect(length % 4).toBe(0)
    expect(bytes.readUInt32LE(at + length - 4)).toBe(length)
    found.push({ type: bytes.readUInt32LE(at), body: bytes.subarray(at + 8, at + length - 4) })
    at += length
  }
  return found
}

function optionsOf(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = 0; at < bytes.length; ) {
    const [code, length] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)]
    if (code === 0) break
    found.set(code, bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length + ((4 - (length % 4)) % 4)
  }
  return found
}

function packetOf({ type, body }: Block): CapturedPacket {
  expect(type).toBe(6)
  const [high = 0, low = 0, kept = 0, length = 0] = [4, 8, 12, 16].map((at) => body.readUInt32LE(at))
  const options = optionsOf(body.subarray(20 + Math.ceil(kept / 4) * 4))
  const comment = options.get(1)?.toString()
  return {
    at: high * 2 ** 32 + low,
    way: options.get(2)?.readUInt32LE() === 1 ? 'in' : 'out',
    frame: new Uint8Array(body.subarray(20, 20 + kept)),
    length,
    ...(comment !== undefined && { comment }),
  }
}

describe('pcapng', () => {
  test('a packet that was written is read again, whatever is in it', () => {
    const packet = fc.record(
      {
        at: fc.integer({ min: 0, max: 2 ** 45 }),
        way: fc.constantFrom('in' as const, 'out' as const),
        frame: fc.uint8Array({ maxLength: 200 }),
        length: fc.integer({ min: 200, max: 65_535 }),
        comment: fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }),
      },
      { requiredKeys: ['at', 'way', 'frame', 'length'] },
    )
    fc.assert(
      fc.property(fc.array(packet), (packets) => {
        const blocks = blocksOf(Buffer.concat(packets.map(encodePacket)))
        expect(blocks.map(packetOf)).toEqual(packets)
      }),
    )
  })

  test('a section says who wrote it, of what, and with which clock; statistics say what was lost', () => {
    const words = { program: 'p', comment: 'c é', interfaceName: 'n', interfaceComment: 'i' }
    const [header, description, statistics] = blocksOf(
      Buffer.concat([encodeSection(words), encodeStatistics({ at: 5, dropped: 2 ** 33 + 1 })]),
    )
    expect(header?.type).toBe(0x0a0d0d0a)
    expect(header?.body.readUInt32LE()).toBe(0x1a2b3c4d)
    expect(
      optionsOf(header?.body.subarray(16) ?? Buffer.of())
        .get(1)
        ?.toString(),
    ).toBe('c é')
    expect([description?.type, description?.body.readUInt16LE()]).toEqual([1, 1])
    expect(optionsOf(description?.body.subarray(8) ?? Buffer.of()).get(9)).toEqual(Buffer.of(3))
    expect(
      optionsOf(statistics?.body.subarray(12) ?? Buffer.of())
        .get(5)
        ?.readBigUInt64LE(),
    ).toBe(2n ** 33n + 1n)
  })

  test('a comment that is too long is cut between two characters', () => {
    const comment = `x${'é'.repeat(40_000)}`
    const [block] = blocksOf(encodePacket({ at: 0, way: 'in', frame: Buffer.of(), length: 0, comment }))
    const { comment: cut = '' } = packetOf(block ?? { type: 0, body: Buffer.of() })
    expect(comment.startsWith(cut)).toBe(true)
    expect(Buffer.byteLength(cut)).toBeGreaterThan(64_900)
  })
})

/** RFC 1071: over all of it, with its checksum in place, the sum is all ones. */
function sumOf(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return sum
}

const here = { mac: '02:00:00:00:00:01' as Mac, ip: '10.77.0.1' as Ipv4, port: 69 }
const there = { mac: '52:54:00:77:00:01' as Mac, ip: '10.77.0.100' as Ipv4, port: 2070 }

describe('a frame', () => {
  test.each([
    ['UDP', (payload: Uint8Array) => udpFrame(there, here, payload)],
    ['TCP', (payload: Uint8Array) => tcpFrame(there, here, { seq: 1, ack: 2, flags: ['psh', 'ack'] }, payload)],
  ])('of %s has sums that are right, and says its length', (_, make) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (payload) => {
        const { frame, length } = make(payload)
        expect(length).toBe(frame.length)
        const ip = frame.subarray(14, 34)
        expect(sumOf(ip)).toBe(0xffff)
        expect(ip.readUInt16BE(2)).toBe(frame.length - 14)
        const size = frame.length - 34
        const pseudo = Buffer.concat([ip.subarray(12), Buffer.of(0, ip[9] ?? 0, size >> 8, size & 255)])
        expect(sumOf(Buffer.concat([pseudo, frame.subarray(34)]))).toBe(0xffff)
      }),
    )
  })

  test('of which the end is not kept says how long it was, and never more than fits', () => {
    const cut = tcpFrame(here, there, { seq: 1, ack: 1, flags: ['ack'] }, Buffer.from('head'), 1000)
    expect([cut.frame.length, cut.length]).toEqual([58, 1058])
    const most = tcpFrame(here, there, { seq: 1, ack: 1, flags: ['ack'] }, Buffer.from('head'), 1e9)
    expect([most.frame.length, most.length]).toEqual([58, 14 + 65_535])
    expect(udpFrame(here, there, Buffer.alloc(70_000)).length).toBe(14 + 65_535)
  })
})
