/** MAC and IPv4 addresses: every spelling that is one, none that is not, and the arithmetic of subnets. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  asIpv4,
  asMac,
  asSubnet,
  broadcast,
  contains,
  ipv4OfNumber,
  ipv4ToNumber,
  macOfBytes,
  macToBytes,
  netmask,
  parseIpv4,
  parseMac,
} from '../../src/model/address.ts'

const sixBytes = fc.uint8Array({ minLength: 6, maxLength: 6 })
const uint32 = fc.integer({ min: 0, max: 0xffffffff })

describe('a MAC address', () => {
  test.each(['52:54:00:ab:cd:ef', '52:54:00:AB:CD:EF', '52-54-00-ab-cd-ef', '5254.00ab.cdef', '525400abcdef'])(
    'may be written %s',
    (text) => {
      expect(asMac(text)).toBe('52:54:00:ab:cd:ef')
    },
  )

  test.each([
    '',
    '52:54:00:ab:cd',
    '52:54:00:ab:cd:ef:01',
    '52:54:00:ab:cd:eg',
    '52:54-00:ab:cd:ef',
    ' 52:54:00:ab:cd:ef',
    '52:54:00:ab:cd:ef\n',
    '5254.00ab:cdef',
    '5:54:00:ab:cd:ef',
  ])('is not %j', (text) => {
    expect(asMac(text)).toBeUndefined()
    expect(() => parseMac(text, 'interfaces.eth0.macAddress')).toThrow(
      expect.objectContaining({ code: 'item.invalid', field: 'interfaces.eth0.macAddress' }),
    )
  })

  test('is the same from bytes, from text and back', () => {
    fc.assert(
      fc.property(sixBytes, (bytes) => {
        const mac = macOfBytes(bytes)
        expect(asMac(mac)).toBe(mac)
        expect(asMac(mac.toUpperCase().replaceAll(':', '-'))).toBe(mac)
        expect(macToBytes(mac)).toEqual(bytes)
      }),
    )
  })
})

describe('an IPv4 address', () => {
  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4 ',
    '1.2.3.-4',
    '1.2.3.0x4',
    '1..3.4',
    '1.2.3.4\n',
    '١.2.3.4',
  ])('is not %j', (text) => {
    expect(asIpv4(text)).toBeUndefined()
    expect(() => parseIpv4(text)).toThrow(/is not an IPv4 address/)
  })

  test('is the same as a number and back, up to the last one', () => {
    fc.assert(
      fc.property(uint32, (value) => {
        const ip = ipv4OfNumber(value)
        expect(asIpv4(ip)).toBe(ip)
        expect(ipv4ToNumber(ip)).toBe(value)
      }),
    )
    expect([ipv4OfNumber(0), ipv4OfNumber(0xffffffff)]).toEqual(['0.0.0.0', '255.255.255.255'])
  })
})

describe('a subnet', () => {
  const subnet = (text: string) => {
    const parsed = asSubnet(text)
    if (!parsed) throw new Error(`no subnet: ${text}`)
    return parsed
  }

  test.each([
    ['10.77.0.0/24', '255.255.255.0', '10.77.0.255'],
    ['10.0.0.0/8', '255.0.0.0', '10.255.255.255'],
    ['192.168.1.128/25', '255.255.255.128', '192.168.1.255'],
    ['192.168.1.4/30', '255.255.255.252', '192.168.1.7'],
    ['203.0.113.7/32', '255.255.255.255', '203.0.113.7'],
    ['0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
    ['128.0.0.0/1', '128.0.0.0', '255.255.255.255'],
  ])('%s has the mask %s and the broadcast address %s', (text, mask, last) => {
    expect([netmask(subnet(text)), broadcast(subnet(text))]).toEqual([mask, last])
  })

  test.each([
    '',
    '10.77.0.0',
    '10.77.0.1/24',
    '10.77.0.0/33',
    '10.77.0.0/',
    '10.77.0.0/-1',
    '10.77.0/24',
    '0.0.0.1/0',
    '10.77.0.0/24 ',
  ])('is not %j', (text) => {
    expect(asSubnet(text)).toBeUndefined()
  })

  test('has exactly the addresses between its first and its last', () => {
    fc.assert(
      fc.property(uint32, fc.integer({ min: 1, max: 32 }), uint32, (base, prefix, other) => {
        const first = base - (base % 2 ** (32 - prefix))
        const parsed = subnet(`${ipv4OfNumber(first)}/${prefix}`)
        const last = ipv4ToNumber(broadcast(parsed))
        expect(last - first + 1).toBe(2 ** (32 - prefix))
        expect(contains(parsed, ipv4OfNumber(other))).toBe(other >= first && other <= last)
        expect(contains(parsed, ipv4OfNumber(base))).toBe(true)
      }),
    )
  })
})
