import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DhcpPacket, decode, encode, FILE_ROOM, SNAME_ROOM } from '../../src/dhcp/codec.ts'
import { readRequest } from '../../src/dhcp/request.ts'
import { DecodeError } from '../../src/lib/bytes.ts'
import { ipv4OfNumber } from '../../src/model/address.ts'
import { aPacket } from '../support/dhcp.ts'
import { expectGolden, goldenBytes, goldenFiles } from '../support/golden.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** A packet as plain JSON: bytes as hexadecimal digits, options by number. */
function readable({ chaddr, options, ...fields }: DhcpPacket) {
  return { ...fields, chaddr: hex(chaddr), options: [...options].map(([code, value]) => `${code}: ${hex(value)}`) }
}

describe('captured packets', () => {
  test.each(goldenFiles('dhcp/golden'))('%s is read as expected', (path) => {
    const packet = decode(goldenBytes(path))
    // The options are in the packet already.
    const { packet: _, clientId: __, uuid: ___, ...request } = packet.op === 'request' ? readRequest(packet) : {}
    expectGolden(path.replace(/\.hex$/, '.expected'), { packet: readable(packet), request })
  })

  test.each(goldenFiles('dhcp/golden'))('%s survives being written and read again', (path) => {
    const packet = decode(goldenBytes(path))
    expect(readable(decode(encode(packet)))).toEqual(readable(packet))
  })
})

const ipv4 = fc.nat(0xffff_ffff).map(ipv4OfNumber)
const text = (maxLength: number) =>
  fc.string({ maxLength, unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)) })

/** 52 is how options are laid out, not one that a packet has. */
const options = fc
  .uniqueArray(
    fc.tuple(
      fc.integer({ min: 1, max: 254 }).filter((code) => code !== 52),
      fc.uint8Array({ maxLength: 600 }),
    ),
    {
      maxLength: 12,
      selector: ([code]) => code,
    },
  )
  .map((entries) => new Map(entries))

const packets: fc.Arbitrary<DhcpPacket> = fc.record({
  op: fc.constantFrom('request', 'reply'),
  htype: fc.nat(255),
  hlen: fc.nat(255),
  hops: fc.nat(255),
  xid: fc.nat(0xffff_ffff),
  secs: fc.nat(0xffff),
  flags: fc.nat(0xffff),
  ciaddr: ipv4,
  yiaddr: ipv4,
  siaddr: ipv4,
  giaddr: ipv4,
  chaddr: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  sname: text(SNAME_ROOM),
  file: text(FILE_ROOM),
  options,
})

function mustOnlyFailByDecodeError(bytes: Uint8Array): void {
  try {
    readRequest(decode(bytes))
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError)
  }
}

describe('DHCP codec', () => {
  test('what is written is read back the same, options in order', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        expect(readable(decode(encode(packet)))).toEqual(readable(packet))
      }),
    )
  })

  test('no bytes whatever make it fail otherwise than with DecodeError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 700 }), mustOnlyFailByDecodeError))
  })

  test('no damage to a real packet makes it fail otherwise than with DecodeError', () => {
    const captures = goldenFiles('dhcp/golden').map(goldenBytes)
    const damage = fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { maxLength: 20 })
    fc.assert(
      fc.property(fc.constantFrom(...captures), damage, fc.nat(700), (capture, changes, length) => {
        const bytes = Uint8Array.from(capture)
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        mustOnlyFailByDecodeError(bytes.subarray(0, Math.max(length, 230)))
      }),
      { numRuns: 2000 },
    )
  })

  test('is never shorter than 300 bytes, which old relays want', () => {
    expect(encode(aPacket('discover'))).toHaveLength(300)
  })

  test('options may be overloaded onto file and sname, which then are no text', () => {
    const packet = decode(goldenBytes('dhcp/golden/request-overload.hex'))
    expect([packet.file, packet.sname]).toEqual(['', ''])
    expect(hex(packet.options.get(12) ?? new Uint8Array())).toBe(hex(Buffer.from('node1-3')))
    expect(hex(packet.options.get(60) ?? new Uint8Array())).toBe(hex(Buffer.from('late')))
    expect(packet.options.has(52)).toBe(false)
  })

  test.each<[string, (bytes: Uint8Array) => Uint8Array, RegExp]>([
    ['a packet that ends in its header', (bytes) => bytes.subarray(0, 239), /239 bytes/],
    ['another cookie', (bytes) => bytes.with(236, 1), /cookie/],
    ['an op that is none', (bytes) => bytes.with(0, 3), /op 3/],
    ['an option that runs over the end', (bytes) => bytes.subarray(0, 242), /option 53 runs over the end/],
    ['an option without a length', (bytes) => bytes.subarray(0, 241), /option 53 without its length/],
  ])('%s is refused with its reason', (_, change, reason) => {
    expect(() => decode(change(encode(aPacket('discover'))))).toThrow(reason)
  })
})
