/** Options that a site sets by their names: their bytes, and what is said of a value that has another form. */
import { describe, expect, test } from 'vitest'
import {
  encodeDomains,
  encodeNamedOption,
  encodeRoutes,
  NAMED_OPTIONS,
  type OptionValue,
} from '../../src/model/dhcp-options.ts'
import { ip } from '../support/dhcp.ts'

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const encoded = (name: string, value: OptionValue) => {
  const told = encodeNamedOption(name, value)
  return told.ok ? `${told.code}: ${hexOf(told.bytes)}` : told.because
}

describe('an option by its name', () => {
  test.each<[string, OptionValue, string]>([
    ['time-servers', '10.0.0.1, 10.0.0.2', '4: 0a0000010a000002'],
    ['log-servers', ['10.0.0.1'], '7: 0a000001'],
    ['time-offset', -3600, '2: fffff1f0'],
    ['arp-cache-timeout', 4_294_967_295, '35: ffffffff'],
    ['boot-size', 513, '13: 0201'],
    ['default-ip-ttl', 64, '23: 40'],
    ['ip-forwarding', false, '19: 00'],
    ['tzdb-timezone', 'Europe/Berlin', `101: ${Buffer.from('Europe/Berlin').toString('hex')}`],
    ['option-224', '01:fF 00', '224: 01ff00'],
  ])('%s of %j is %s', (name, value, bytes) => expect(encoded(name, value)).toBe(bytes))

  test.each<[string, OptionValue, RegExp]>([
    ['time-servers', 'ten', /^time-servers: IPv4 addresses, at least one$/],
    ['time-servers', [], /at least one/],
    ['default-ip-ttl', 256, /^default-ip-ttl: a whole number from 0 to 255$/],
    ['ip-forwarding', 'yes', /^ip-forwarding: true or false$/],
    ['tzdb-timezone', 'Zürich', /^tzdb-timezone: text, in ASCII$/],
    ['option-224', 'xyz', /bytes in hexadecimal/],
    ['option-66', '00', /is no option that can be set here/],
    ['time-server', '10.0.0.1', /"time-server" is no option .*near it: .*time-servers/],
    ['constructor', 'x', /is no option/],
  ])('%s of %j is refused', (name, value, because) => expect(encoded(name, value)).toMatch(because))

  test('has a code of its own, which the server does not work out itself', () => {
    const codes = Object.values(NAMED_OPTIONS).map(({ code }) => code)
    expect(new Set(codes).size).toBe(codes.length)
    for (const own of [
      1, 3, 6, 12, 15, 26, 28, 42, 43, 50, 51, 53, 54, 58, 59, 60, 61, 66, 67, 82, 93, 97, 119, 121, 175,
    ])
      expect(codes).not.toContain(own)
  })
})

test('routes are written as far as their prefix goes (the examples of RFC 3442)', () => {
  const route = (network: string, prefix: number) => ({ to: { network: ip(network), prefix }, via: ip('10.0.0.1') })
  expect(hexOf(encodeRoutes([route('0.0.0.0', 0)]))).toBe('000a000001')
  expect(hexOf(encodeRoutes([route('10.17.0.0', 16), route('10.229.0.128', 25)]))).toBe(
    '100a110a0000011' + '90ae500800a000001',
  )
})

test('search domains are labels with their lengths (RFC 3397)', () => {
  expect(hexOf(encodeDomains(['eng.a', 'b']))).toBe('03656e67016100' + '016200')
})
