/** The codec and the codes against what ipmitool said to a BMC, and against every sort of rubbish. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../../src/lib/bytes.ts'
import {
  checksum,
  decode,
  decodeResponse,
  encodeOld,
  encodePing,
  encodePlain,
  encodeRequest,
  PAYLOAD,
  type RmcpPlus,
  seal,
  unseal,
} from '../../../src/power/ipmi/codec.ts'
import {
  type Exchange,
  keysOf,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  SUITES,
  type SuiteId,
  sessionKey,
} from '../../../src/power/ipmi/crypto.ts'
import {
  ASK_VERSION,
  askSuites,
  decodeOpenResponse,
  decodeRakp2,
  decodeRakp4,
  decodeSuites,
  decodeVersion,
  encodeOpenRequest,
  encodeRakp1,
  encodeRakp3,
  isSuite,
} from '../../../src/power/ipmi/handshake.ts'
import { readCapture, type Said } from './capture.ts'

const PASSWORD = Buffer.from('secret')
const USER = Buffer.from('admin')
/** What ipmitool always takes. */
const CONSOLE_ID = 0xa0a2a3a4

function packetOf(said: Said | undefined, payloadType?: number): RmcpPlus {
  const datagram = decode(said?.bytes ?? new Uint8Array())
  if (datagram.format !== 'rmcp+') throw new Error(`no RMCP+, but ${datagram.format}`)
  if (payloadType !== undefined) expect(datagram.payloadType).toBe(payloadType)
  return datagram
}

describe.each([
  ['suite-3.capture', 3, 2],
  ['suite-17.capture', 17, 4],
] as const)('the conversation %s', (name, suiteId: SuiteId, opensAt) => {
  const said = readCapture(name)
  const suite = SUITES[suiteId]
  const [openRequest, openAnswer, ask1, answer2, ask3, answer4, ...session] = said.slice(opensAt)
  const open = decodeOpenResponse(packetOf(openAnswer, PAYLOAD.openResponse).payload)
  const rakp1 = packetOf(ask1, PAYLOAD.rakp1).payload
  const rakp2 = decodeRakp2(packetOf(answer2, PAYLOAD.rakp2).payload, suite)
  const exchange: Exchange = {
    ...{ suite, consoleId: CONSOLE_ID, managedId: open.managedId, role: 0x14, user: USER },
    ...{ consoleRandom: rakp1.subarray(8, 24), managedRandom: rakp2.random, guid: rakp2.guid },
  }
  const sik = sessionKey(exchange, PASSWORD)

  test('begins with what we would say, but for the privilege', () => {
    expect(said[0]?.bytes).toEqual(encodeOld(encodeRequest({ ...ASK_VERSION, data: Uint8Array.of(0x8e, 4) }, 0)))
    expect(openRequest?.bytes).toEqual(
      encodePlain(PAYLOAD.openRequest, withByte(encodeOpenRequest(0, 'operator', CONSOLE_ID, suite), 1, 0)),
    )
    expect(ask1?.bytes).toEqual(
      encodePlain(PAYLOAD.rakp1, encodeRakp1(0, open.managedId, exchange.consoleRandom, 0x14, USER)),
    )
  })

  test('says that the BMC speaks IPMI 2.0', () => {
    const answer = decode(said[1]?.bytes ?? new Uint8Array())
    if (answer.format !== 'v1.5') throw new Error(answer.format)
    expect(decodeVersion(decodeResponse(answer.payload).data)).toBe(true)
  })

  test('agrees on the suite', () => {
    expect(open).toMatchObject({ tag: 0, status: 0, consoleId: CONSOLE_ID })
    expect(isSuite(open, suite)).toBe(true)
    expect(isSuite(open, SUITES[suiteId === 3 ? 17 : 3])).toBe(false)
  })

  test('proves the password on both sides with the codes that we make', () => {
    expect(rakp2.code).toEqual(rakp2Code(exchange, PASSWORD))
    expect(rakp2.code).not.toEqual(rakp2Code(exchange, Buffer.from('Secret')))
    const ours = encodeRakp3(0, 0, open.managedId, rakp3Code(exchange, PASSWORD))
    expect(ask3?.bytes).toEqual(encodePlain(PAYLOAD.rakp3, ours))
    expect(decodeRakp4(packetOf(answer4, PAYLOAD.rakp4).payload, suite).code).toEqual(rakp4Code(exchange, sik))
  })

  test('is sealed as we seal, byte by byte', () => {
    const keys = keysOf(suite, sik)
    for (const { bytes } of session) {
      const packet = packetOf({ by: 'bmc', bytes })
      const payload = unseal(keys, packet)
      // The IV is the one thing that chance decides.
      expect(seal(keys, { ...packet, payload }, packet.payload.subarray(0, 16))).toEqual(bytes)
    }
  })

  test('reads that the power is as ipmitool said', () => {
    const keys = keysOf(suite, sik)
    const answers = session
      .filter(({ by }) => by === 'bmc')
      .map(({ bytes }) => decodeResponse(unseal(keys, packetOf({ by: 'bmc', bytes }))))
    const status = answers.find(({ netFn, command }) => netFn === 0 && command === 1)
    expect(status).toMatchObject({ completion: 0 })
    expect((status?.data[0] ?? 0) & 1).toBe(suiteId === 3 ? 0 : 1)
    const privilege = answers.find(({ netFn, command }) => netFn === 6 && command === 0x3b)
    expect(privilege?.data).toEqual(Buffer.of(4))
  })
})

describe('the list of cipher suites', () => {
  test('is asked for as ipmitool asks', () => {
    const [, , ask] = readCapture('suite-17.capture')
    expect(ask?.bytes).toEqual(encodePlain(PAYLOAD.ipmi, encodeRequest(askSuites(0), 1)))
  })

  test.each([
    ['c003014181c011034481', [3, 17], 'two records'],
    ['c000004080c001014080c0020141c8', [0, 1, 2], 'whatever the algorithms are'],
    ['c180570100014181c011034481', [17], 'one of an OEM is passed over'],
    ['c180', [], 'cut short'],
    ['c0', [], 'cut shorter'],
    ['0102030405', [], 'no list'],
    ['', [], 'nothing'],
  ])('%s is %j: %s', (hex, suites) => {
    expect(decodeSuites(Buffer.from(hex, 'hex'))).toEqual(suites)
  })
})

describe('small messages', () => {
  test('a ping is 12 bytes, and a pong says whether IPMI is there', () => {
    expect(encodePing(7).toString('hex')).toBe('0600ff06000011be80070000')
    expect(decode(encodePing(7))).toEqual({ format: 'ping', tag: 7 })
    const pong = `0600ff06000011be40070010${'000011be'}00000000${'81'}00000000000000`
    expect(decode(Buffer.from(pong, 'hex'))).toEqual({ format: 'pong', tag: 7, ipmi: true })
  })

  test.each([
    ['', '0 bytes'],
    ['0500ff07', 'version 5'],
    ['0600ff09', 'class 9'],
    ['0600ff06000011be40070010', 'pong is cut short'],
    ['0600ff06000011bf4007001000', 'no ASF'],
    ['0600ff06000011be41070010', 'ASF message'],
    ['0600ff0702', 'authentication 2'],
    ['0600ff0700', '1.5 message is cut short'],
    ['0600ff0706c0', 'header is cut short'],
    ['0600ff070602000000000000000000000000', 'OEM'],
    ['0600ff070600000000000000000001ff', 'payload is cut short'],
  ])('refuses "%s": %s', (hex, because) => {
    expect(() => decode(Buffer.from(hex, 'hex'))).toThrow(DecodeError)
    expect(() => decode(Buffer.from(hex, 'hex'))).toThrow(because)
  })

  test('a response needs both of its sums, and to be one', () => {
    const good = Buffer.from('811c6320003800018004020000000021', 'hex')
    expect(decodeResponse(good)).toMatchObject({ netFn: 6, command: 0x38, completion: 0, sequence: 0 })
    for (let at = 0; at < good.length; at++) {
      expect(() => decodeResponse(withByte(good, at, (good[at] ?? 0) ^ 1))).toThrow(DecodeError)
    }
    expect(() => decodeResponse(encodeRequest({ netFn: 6, command: 1, data: Buffer.alloc(3) }, 0))).toThrow('request')
    expect(() => decodeResponse(good.subarray(0, 7))).toThrow(DecodeError)
  })

  test('a sum makes all bytes add up to zero', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const total = [...bytes, checksum(bytes, 0, bytes.length)].reduce((sum, byte) => sum + byte, 0)
        expect(total & 0xff).toBe(0)
      }),
    )
  })

  test('a refusal may end after its status', () => {
    const refusal = Uint8Array.of(9, 0x11, 0, 0)
    expect(decodeOpenResponse(refusal)).toMatchObject({ tag: 9, status: 0x11, consoleId: undefined })
    expect(decodeRakp2(refusal, SUITES[3])).toMatchObject({ tag: 9, status: 0x11 })
    expect(decodeRakp4(refusal, SUITES[3])).toMatchObject({ tag: 9, status: 0x11 })
    expect(() => decodeOpenResponse(Uint8Array.of(9, 0, 0, 0))).toThrow(DecodeError)
  })
})

function withByte(bytes: Uint8Array, at: number, value: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[at] = value
  return changed
}
