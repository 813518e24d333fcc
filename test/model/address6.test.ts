/** IPv6 addresses, as text and as bytes. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseMac } from '../../src/model/address.ts'
import {
  asIpv6,
  asSubnet6,
  contains6,
  ipv6OfBytes,
  ipv6ToBytes,
  isLinkLocal,
  macOfIpv6,
} from '../../src/model/address6.ts'

const ip = (text: string) => asIpv6(text) ?? expect.fail(`${text} is an address`)

test.each([
  ['::', '::'],
  ['::1', '::1'],
  ['FD77:0:0:0:0:0:0:1', 'fd77::1'],
  ['fd77::', 'fd77::'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:2:3:0:5:6:7:8', '1:2:3:0:5:6:7:8'],
  ['0001:002:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
])('%s is written %s', (text, written) => expect(asIpv6(text)).toBe(written))

test.each([
  '',
  ':',
  ':::',
  '1',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4::5:6:7:8',
  'g::',
  '12345::',
  'fe80::1%eth0',
  '1.2.3.4',
])('%j is no address', (text) => expect(asIpv6(text)).toBeUndefined())

test('any sixteen bytes are an address, and it is these bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 16, maxLength: 16 }), (all) => {
      const bytes = Uint8Array.from(all)
      expect(ipv6ToBytes(ipv6OfBytes(bytes))).toEqual(bytes)
      expect(asIpv6(ipv6OfBytes(bytes))).toBe(ipv6OfBytes(bytes))
    }),
  )
})

describe('a subnet', () => {
  test('has no host bits', () => {
    expect(asSubnet6('FD77::/64')).toEqual({ network: 'fd77::', prefix: 64 })
    for (const text of ['fd77::1/64', 'fd77::/129', 'fd77::', 'fd77::/', '10.0.0.0/8'])
      expect(asSubnet6(text), text).toBeUndefined()
  })

  test.each([
    ['fd77::/64', 'fd77::ffff', true],
    ['fd77::/64', 'fd77:0:0:1::', false],
    ['fd77:8000::/17', 'fd77:ffff::1', true],
    ['fd77:8000::/17', 'fd77:7fff::1', false],
    ['::/0', 'ff02::1', true],
  ])('%s has %s in it: %s', (subnet, text, is) => {
    const parsed = asSubnet6(subnet)
    expect(parsed && contains6(parsed, ip(text))).toBe(is)
  })
})

test('a MAC is read out of the address that was made of it', () => {
  expect(macOfIpv6(ip('fe80::5054:ff:fe77:1'))).toBe(parseMac('52:54:00:77:00:01'))
  expect(macOfIpv6(ip('fe80::1'))).toBeUndefined()
  expect(isLinkLocal(ip('fe80::1'))).toBe(true)
  expect(isLinkLocal(ip('fd77::1'))).toBe(false)
})
