import { describe, expect, test } from 'vitest'
import { type DhcpPacket, decode, encode } from '../../src/dhcp/codec.ts'
import {
  decodeOptions,
  encodeOptions,
  fitOptions,
  OPTION,
  ofIpv4s,
  ofText,
  readIpv4,
  readText,
  readU8,
  readU16s,
} from '../../src/dhcp/options.ts'
import { layOut } from '../../src/dhcp/overload.ts'
import { aPacket, ip } from '../support/dhcp.ts'

function decoded(...bytes: number[]): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>()
  decodeOptions(Uint8Array.from(bytes), options)
  return options
}

describe('DHCP options', () => {
  test('one pad byte before an option does not swallow it', () => {
    expect(decoded(0, 53, 1, 1, 255)).toEqual(new Map([[53, Uint8Array.of(1)]]))
  })

  test('what stands after END is not read', () => {
    expect(decoded(53, 1, 1, 255, 12, 1, 65).has(12)).toBe(false)
  })

  test('a missing END is forgiven', () => {
    expect(decoded(53, 1, 1).get(53)).toEqual(Uint8Array.of(1))
  })

  test('parts of one option are joined in their order (RFC 3396)', () => {
    expect(decoded(12, 2, 65, 66, 53, 1, 1, 12, 1, 67, 255).get(12)).toEqual(Uint8Array.of(65, 66, 67))
  })

  test('an option of more than 255 bytes is split, and an empty one stays', () => {
    const value = new Uint8Array(256).fill(7)
    const bytes = new Uint8Array(300)
    const end = encodeOptions(
      new Map([
        [43, value],
        [80, new Uint8Array()],
      ]),
      bytes,
      0,
    )
    expect([...bytes.subarray(257, end)]).toEqual([43, 1, 7, 80, 0, 255])
  })

  test('when room is short the least important go, and the relay information stays and is last', () => {
    const options = new Map([
      [OPTION.messageType, Uint8Array.of(2)],
      [OPTION.relayInfo, new Uint8Array(10)],
      [OPTION.bootFile, new Uint8Array(40)],
      [OPTION.domainName, new Uint8Array(5)],
    ])
    expect([...fitOptions(options, 100).keys()]).toEqual([53, 67, 15, 82])
    expect([...fitOptions(options, 23).keys()]).toEqual([53, 15, 82])
    expect([...fitOptions(options, 16).keys()]).toEqual([53, 82])
  })

  test('values of another form than promised read as missing', () => {
    const options = new Map([
      [OPTION.messageType, Uint8Array.of(1, 2)],
      [OPTION.serverId, Uint8Array.of(10, 0, 0)],
      [OPTION.clientArch, Uint8Array.of(0, 7, 0)],
    ])
    expect(readU8(options, OPTION.messageType)).toBeUndefined()
    expect(readIpv4(options, OPTION.serverId)).toBeUndefined()
    expect(readU16s(options, OPTION.clientArch)).toEqual([7])
    expect(readU16s(options, OPTION.maxMessageSize)).toEqual([])
  })

  test('text ends at its first NUL', () => {
    expect(readText(new Map([[12, ofText('node1\0\0')]]), 12)).toBe('node1')
  })

  test('several addresses follow each other', () => {
    expect([...ofIpv4s(ip('10.0.0.1'), ip('255.255.255.0'))]).toEqual([10, 0, 0, 1, 255, 255, 255, 0])
  })
})

describe('what does not fit', () => {
  const bytes = (length: number) => new Uint8Array(length).fill(7)
  const all = new Map([
    [53, bytes(1)],
    [54, bytes(4)],
    [43, bytes(100)],
    [15, bytes(60)],
    [12, bytes(50)],
    [82, bytes(10)],
  ])

  test('stands in the fields that are free, and the relay’s words last', () => {
    const { options, file, sname } = layOut(all, 80, { file: true })
    expect([...options.keys()]).toEqual([53, 54, 12, 52, 82])
    expect([...(file ?? new Map()).keys()]).toEqual([43])
    expect([...(sname ?? new Map()).keys()]).toEqual([15])
    expect(options.get(52)).toEqual(Uint8Array.of(3))
  })

  test('is left out where the boot file has its field, and nothing is said of fields when nothing is in them', () => {
    expect([...layOut(all, 80, { file: false }).options.keys()]).toEqual([53, 54, 12, 52, 82])
    expect(layOut(all, 80, { file: false }).file).toBeUndefined()
    expect(layOut(all, 400, { file: true })).toEqual({ options: all })
  })

  test('is read again from where it stands', () => {
    const laid = layOut(all, 80, { file: true })
    const { options, ...overload } = laid
    const packet: DhcpPacket = { ...decode(encode(aPacket('discover'))), op: 'reply', options, overload }
    const seen = decode(encode(packet))
    const plain = [...seen.options].map(([code, value]) => [code, Uint8Array.from(value)] as const)
    expect(plain.toSorted(([one], [other]) => one - other)).toEqual([...all].toSorted(([one], [other]) => one - other))
    expect([seen.file, seen.sname]).toEqual(['', ''])
  })
})
