/** TFTP packets: bytes to values and back, and nothing that bytes can break. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../src/lib/bytes.ts'
import { decode, encode, isError, isRequest, type TftpPacket, writeDataHeader } from '../../src/tftp/codec.ts'

const ascii = (text: string) => Buffer.from(text, 'latin1')

const text = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((value) => !value.includes('\0'))
const options = fc
  .array(fc.tuple(fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/), text), { maxLength: 5 })
  .map((pairs) => new Map(pairs))
const u16 = fc.integer({ min: 0, max: 65_535 })
const packet: fc.Arbitrary<TftpPacket> = fc.oneof(
  fc.record({
    op: fc.constantFrom('read' as const, 'write' as const),
    path: text,
    mode: fc.constantFrom('octet', 'netascii'),
    options,
  }),
  fc.record({ op: fc.constant('data' as const), block: u16, bytes: fc.uint8Array({ maxLength: 600 }) }),
  fc.record({ op: fc.constant('ack' as const), block: u16 }),
  fc.record({ op: fc.constant('error' as const), code: u16, message: text }),
  fc.record({
    op: fc.constant('oack' as const),
    options: options.filter(({ size }) => size > 0),
  }),
)

describe('a TFTP packet', () => {
  test('is the same after encode and decode', () => {
    fc.assert(
      fc.property(packet, (value) => {
        const back = decode(encode(value))
        const plain = back.op === 'data' ? { ...back, bytes: Uint8Array.from(back.bytes) } : back
        expect(plain).toEqual(value)
      }),
    )
  })

  test('fails with DecodeError only, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 0, max: 8 }), (bytes, opcode) => {
        for (const tried of [bytes, Uint8Array.of(0, opcode, ...bytes)]) {
          try {
            decode(tried)
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError)
          }
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('of a request has its mode and option names in lower case', () => {
    expect(decode(ascii('\0\x01pxelinux.0\0OCTET\0TSize\x000\0blkSIZE\x001456\0'))).toEqual({
      op: 'read',
      path: 'pxelinux.0',
      mode: 'octet',
      options: new Map([
        ['tsize', '0'],
        ['blksize', '1456'],
      ]),
    })
  })

  test('of a request may be padded with NULs up to the size of a buffer', () => {
    expect(decode(ascii(`\0\x01a\0octet\0tsize\x000\0${'\0'.repeat(41)}`))).toMatchObject({
      options: new Map([['tsize', '0']]),
    })
  })

  test('with an option twice means the first', () => {
    expect(decode(ascii('\0\x01a\0octet\0blksize\x001024\0BLKSIZE\x008\0'))).toMatchObject({
      options: new Map([['blksize', '1024']]),
    })
  })

  test('of an acknowledgment may have bytes behind it', () => {
    expect(decode(ascii('\0\x04\x01\x02padding'))).toEqual({ op: 'ack', block: 0x102 })
  })

  test('of an error may lack its last NUL', () => {
    expect(decode(ascii('\0\x05\0\x08no more'))).toEqual({ op: 'error', code: 8, message: 'no more' })
    expect(decode(ascii('\0\x05\0\x08'))).toEqual({ op: 'error', code: 8, message: '' })
  })

  test.each([
    ['nothing', ''],
    ['three bytes', '\0\x04\0'],
    ['an unknown opcode', '\0\x07\0\0'],
    ['a large opcode', '\x01\x01a\0octet\0'],
    ['a request without a mode', '\0\x01name\0'],
    ['a request whose mode is not ended', '\0\x01name\0octet'],
    ['an option without a value', '\0\x01name\0octet\0blksize\0'],
    ['an option whose value is not ended', '\0\x01name\0octet\0blksize\x001468'],
  ])('is refused when it is %s', (_, bytes) => {
    expect(() => decode(ascii(bytes))).toThrow(DecodeError)
  })
})

describe('the header of DATA', () => {
  test('wraps from 65,535 to 0', () => {
    const bytes = Uint8Array.of(9, 9, 9, 9, 42)
    const headerOf = (block: number) => {
      writeDataHeader(bytes, block)
      return [...bytes]
    }
    expect(headerOf(65_535)).toEqual([0, 3, 255, 255, 42])
    expect(headerOf(65_536)).toEqual([0, 3, 0, 0, 42])
    expect(headerOf(131_073)).toEqual([0, 3, 0, 1, 42])
  })
})

test('broken packets are still known for errors and requests', () => {
  expect(isError(Uint8Array.of(0, 5))).toBe(true)
  expect(isError(Uint8Array.of(5))).toBe(false)
  expect(isRequest(Uint8Array.of(0, 1, 65))).toBe(true)
  expect(isRequest(Uint8Array.of(0, 2))).toBe(true)
  expect(isRequest(Uint8Array.of(0, 5, 0, 1))).toBe(false)
})
