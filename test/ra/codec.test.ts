/** Router solicitations and advertisements, byte by byte. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DecodeError } from '../../src/lib/bytes.ts'
import { asSubnet6, type Ipv6 } from '../../src/model/address6.ts'
import { type Advertisement, decodeSolicitation, encodeAdvertisement } from '../../src/ra/codec.ts'

const prefix = asSubnet6('fd77::/64') ?? expect.fail('a subnet')
const bare: Advertisement = {
  ...{ prefix, routerSeconds: 0, otherConfig: false, dns: [], search: [], mtu: undefined },
}
const hex = (said: Advertisement) => Buffer.from(encodeAdvertisement(said)).toString('hex')

test('the least that is said is a network in which everybody makes himself an address', () => {
  expect(hex(bare)).toBe(
    `${'86000000400000000000000000000000'}${'030440c0000151800000384000000000'}${'fd770000000000000000000000000000'}`,
  )
})

test('all that can be said', () => {
  const whole = hex({
    ...bare,
    ...{ routerSeconds: 1800, otherConfig: true, mtu: 1400 },
    ...{ dns: ['fd77::1' as Ipv6], search: ['lab.example'] },
  })
  expect(whole.slice(0, 32)).toBe('86000000404007080000000000000000')
  expect(whole).toContain('0501000000000578')
  expect(whole).toContain('1903000000000708fd770000000000000000000000000001')
  expect(whole).toContain('1f03000000000708036c6162076578616d706c6500000000')
})

test('addresses are made in a network of 64 bits alone', () => {
  const wide = asSubnet6('fd77::/48')
  expect(wide && hex({ ...bare, prefix: wide })).toContain('03043080')
})

test('what asks for it is a solicitation, with whole options or none', () => {
  decodeSolicitation(Buffer.from('8500000000000000', 'hex'))
  decodeSolicitation(Buffer.from('85000000000000000101525400770001', 'hex'))
  for (const bytes of [
    '',
    '85000000',
    '8600000000000000',
    '8501000000000000',
    '850000000000000001',
    '85000000000000000100525400770001',
    '85000000000000000102525400770001',
  ])
    expect(() => decodeSolicitation(Buffer.from(bytes, 'hex')), bytes).toThrow(DecodeError)
})

test('whatever comes: it is one, or a DecodeError', () => {
  const start = fc.constant([133, 0, 0, 0, 0, 0, 0, 0])
  const bytes = fc.oneof(
    fc.array(fc.nat(255)),
    fc.tuple(start, fc.array(fc.nat(255))).map(([a, b]) => [...a, ...b]),
  )
  fc.assert(
    fc.property(bytes, (all) => {
      try {
        decodeSolicitation(Uint8Array.from(all))
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }),
    { numRuns: 5000 },
  )
})
