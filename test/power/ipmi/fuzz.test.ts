/** The codec and every sort of rubbish: it is read, or it is a DecodeError; and what is sealed cannot be changed. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../../src/lib/bytes.ts'
import { decode, decodeResponse, type RmcpPlus, seal, unseal } from '../../../src/power/ipmi/codec.ts'
import { decryptPayload, encryptPayload, isSame, keysOf, SUITES } from '../../../src/power/ipmi/crypto.ts'
import {
  decodeOpenResponse,
  decodeRakp2,
  decodeRakp4,
  decodeSuites,
  decodeVersion,
  isSuite,
  type OpenResponse,
} from '../../../src/power/ipmi/handshake.ts'
import { decodeSol } from '../../../src/power/ipmi/sol.ts'

const keys = keysOf(SUITES[17], Buffer.alloc(32, 7))

function packetOf(bytes: Uint8Array): RmcpPlus {
  const datagram = decode(bytes)
  if (datagram.format !== 'rmcp+') throw new Error(`no RMCP+, but ${datagram.format}`)
  return datagram
}

describe('whatever comes', () => {
  const decoders: readonly [string, (bytes: Uint8Array) => unknown][] = [
    ['a datagram', decode],
    ['a response', decodeResponse],
    ['an open session response', decodeOpenResponse],
    ['RAKP 2', (bytes) => decodeRakp2(bytes, SUITES[17])],
    ['RAKP 4', (bytes) => decodeRakp4(bytes, SUITES[3])],
    ['a list of suites', decodeSuites],
    ['an answer to which version', decodeVersion],
    ['a packet of the console', decodeSol],
    ['a ciphertext', (bytes) => decryptPayload(keys, bytes)],
    [
      'a sealed packet',
      (bytes) => {
        const datagram = decode(bytes)
        return datagram.format === 'rmcp+' && unseal(keys, datagram)
      },
    ],
  ]

  test.each(decoders)('%s is read, or is a DecodeError', (_, read) => {
    const rubbish = fc.oneof(
      fc.uint8Array({ maxLength: 120 }),
      fc.uint8Array({ maxLength: 90 }).map((bytes) => Buffer.concat([Buffer.from('0600ff07', 'hex'), bytes])),
      fc.uint8Array({ maxLength: 90 }).map((bytes) => Buffer.concat([Buffer.from('0600ff0706c0', 'hex'), bytes])),
      fc.uint8Array({ maxLength: 90 }).map((bytes) => Buffer.concat([Buffer.from('0600ff06000011be40', 'hex'), bytes])),
    )
    fc.assert(
      fc.property(rubbish, (bytes) => {
        try {
          read(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('what is sealed is read again, for both suites', () => {
    const packets = fc.record({
      suite: fc.constantFrom(3 as const, 17 as const),
      payload: fc.uint8Array({ maxLength: 300 }),
      iv: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      sequence: fc.integer({ min: 1, max: 0xffff_ffff }),
      sessionId: fc.integer({ min: 1, max: 0xffff_ffff }),
      payloadType: fc.constantFrom(0, 1),
    })
    fc.assert(
      fc.property(packets, ({ suite, payload, iv, ...head }) => {
        const keys = keysOf(SUITES[suite], Buffer.alloc(32, 9))
        const sealed = decode(seal(keys, { ...head, payload }, iv))
        if (sealed.format !== 'rmcp+') throw new Error(sealed.format)
        expect(sealed).toMatchObject({ ...head, encrypted: true, authenticated: true })
        expect(Buffer.from(unseal(keys, sealed))).toEqual(Buffer.from(payload))
        // What is proven is a multiple of four (13.28.4).
        expect((sealed.session.length - SUITES[suite].shortLength) % 4).toBe(0)
      }),
    )
  })

  test('one bit changed anywhere in a sealed packet is noticed', () => {
    const sealed = seal(
      keys,
      { payloadType: 0, sessionId: 5, sequence: 6, payload: Buffer.alloc(9, 3) },
      Buffer.alloc(16),
    )
    for (let bit = 32; bit < sealed.length * 8; bit++) {
      const changed = withByte(sealed, bit >> 3, (sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
      expect(() => {
        const datagram = decode(changed)
        if (datagram.format !== 'rmcp+') throw new DecodeError('another format')
        unseal(keys, datagram)
      }, `bit ${bit}`).toThrow(DecodeError)
    }
  })

  test('a packet in plain text, or one cut short, is never taken', () => {
    const bytes = seal(keys, { payloadType: 0, sessionId: 5, sequence: 6, payload: Buffer.alloc(9) }, Buffer.alloc(16))
    for (const flags of [0x00, 0x40, 0x80]) {
      const packet = packetOf(withByte(bytes, 5, flags))
      expect(() => unseal(keys, packet)).toThrow('not proven and encrypted')
    }
    for (let length = 16; length < bytes.length; length++) {
      expect(() => unseal(keys, packetOf(bytes.subarray(0, length)))).toThrow(DecodeError)
    }
  })

  test('padding is 1, 2, 3 … and nothing else', () => {
    for (let length = 0; length < 40; length++) {
      const hidden = encryptPayload(keys, Buffer.alloc(length, 0xee), Buffer.alloc(16, 1))
      expect(hidden.length % 16).toBe(0)
      expect(decryptPayload(keys, hidden)).toEqual(Buffer.alloc(length, 0xee))
    }
    // The last byte of the IV's block turns over the last byte of the first block: the length of the padding.
    const hidden = encryptPayload(keys, Buffer.alloc(3), Buffer.alloc(16))
    expect(() => decryptPayload(keys, withByte(hidden, 15, 0x70))).toThrow('padding of')
    expect(() => decryptPayload(keys, withByte(hidden, 14, 0x01))).toThrow('1, 2, 3')
  })

  test('codes of different lengths are not the same', () => {
    expect(isSame(Buffer.from('abc'), Buffer.from('abcd'))).toBe(false)
    expect(isSame(Buffer.from('abc'), Buffer.from('abc'))).toBe(true)
  })

  test('an answer that names weaker algorithms is none to the suite', () => {
    const response: OpenResponse = { tag: 0, status: 0, consoleId: 1, managedId: 2, algorithms: [0, 0, 0] }
    expect(isSuite(response, SUITES[3])).toBe(false)
    expect(isSuite({ ...response, algorithms: [1, 1, 0] }, SUITES[3])).toBe(false)
    expect(isSuite({ ...response, algorithms: [1, 1, 1] }, SUITES[3])).toBe(true)
  })
})

function withByte(bytes: Uint8Array, at: number, value: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[at] = value
  return changed
}
