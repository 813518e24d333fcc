import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Ipv4, ipv4OfNumber, ipv4ToNumber, type Mac } from '../../src/model/address.ts'
import { expiryQueue } from '../../src/model/expiry-queue.ts'
import type { Lease } from '../../src/model/lease.ts'
import { type LeaseBook, leaseBook } from '../../src/model/lease-book.ts'
import { aSubnet, ip, mac } from '../support/dhcp.ts'

const [A, B, C] = [mac('52:54:00:00:00:0a'), mac('52:54:00:00:00:0b'), mac('52:54:00:00:00:0c')]
const NOW = 1_000_000
const MINUTE = 60_000

const unfixed = (mac: Mac) => ({ mac, fixed: undefined })

function lease(address: string, mac: Mac, expires: number, state: Lease['state'] = 'leased'): Lease {
  return { ip: ip(address), mac, state, expires, hostname: '' }
}

function book(leases: readonly Lease[] = [], fixed: readonly string[] = [], subnet = aSubnet()): LeaseBook {
  const made = leaseBook(subnet, (address) => fixed.includes(address))
  for (const one of leases) made.put(one)
  return made
}

describe('the choice of an address', () => {
  test('is the fixed one before all, in the pool or not', () => {
    const { ip: chosen } = book([lease('10.77.0.100', A, NOW + MINUTE)], ['10.77.0.7']).choose(
      { mac: A, fixed: ip('10.77.0.7') },
      undefined,
      NOW,
    )
    expect(chosen).toBe('10.77.0.7')
  })

  test('is another as long as somebody has the fixed one on lease, or has found it in use', () => {
    for (const state of ['leased', 'declined'] as const) {
      const taken = book([lease('10.77.0.7', B, NOW + MINUTE, state)], ['10.77.0.7'])
      expect(taken.choose({ mac: A, fixed: ip('10.77.0.7') }, undefined, NOW)).toEqual({
        ip: '10.77.0.100',
        because: `a free address; its own, 10.77.0.7, is in use by ${B}`,
        isFree: true,
      })
      expect(taken.choose({ mac: A, fixed: ip('10.77.0.7') }, undefined, NOW + MINUTE).ip).toBe('10.77.0.7')
    }
  })

  test('passes over a fixed address of another subnet', () => {
    expect(book().choose({ mac: A, fixed: ip('10.99.0.7') }, undefined, NOW)).toEqual({
      ip: '10.77.0.100',
      because: 'a free address; its own, 10.99.0.7, is of another subnet',
      isFree: true,
    })
  })

  test('is the one that the MAC had last, expired or not', () => {
    const { choose } = book([lease('10.77.0.102', A, NOW - MINUTE), lease('10.77.0.101', B, NOW + MINUTE)])
    expect(choose(unfixed(A), ip('10.77.0.100'), NOW)).toEqual({ ip: '10.77.0.102', because: 'its last address' })
    expect(choose(unfixed(B), undefined, NOW)).toEqual({ ip: '10.77.0.101', because: 'its lease' })
  })

  test('is not the last one when that has become a system of ours, or was had by another since', () => {
    expect(book([lease('10.77.0.102', A, NOW)], ['10.77.0.102']).choose(unfixed(A), undefined, NOW).ip).toBe(
      '10.77.0.100',
    )
    const since = book([lease('10.77.0.102', A, NOW - 2), lease('10.77.0.102', B, NOW - 1)])
    expect(since.choose(unfixed(A), undefined, NOW).ip).toBe('10.77.0.100')
  })

  test('is the one that is asked for, if that is free and in the pool', () => {
    const { choose } = book([lease('10.77.0.101', B, NOW + MINUTE)], ['10.77.0.102'])
    expect(choose(unfixed(A), ip('10.77.0.103'), NOW).ip).toBe('10.77.0.103')
    for (const no of ['10.77.0.101', '10.77.0.102', '10.77.0.9', '10.99.0.1'])
      expect(choose(unfixed(A), ip(no), NOW).ip).toBe('10.77.0.100')
  })

  test('is one that was never used before one that has expired', () => {
    const { choose } = book([lease('10.77.0.100', B, NOW - MINUTE)])
    expect(choose(unfixed(A), undefined, NOW).ip).toBe('10.77.0.101')
  })

  test('is the one that has been expired the longest when all have been used', () => {
    const used = book([
      lease('10.77.0.100', B, NOW + MINUTE),
      lease('10.77.0.101', B, NOW - 1 * MINUTE),
      lease('10.77.0.102', B, NOW - 3 * MINUTE),
      lease('10.77.0.103', B, NOW - 2 * MINUTE),
    ])
    expect(used.choose(unfixed(A), undefined, NOW).ip).toBe('10.77.0.102')
    used.put(lease('10.77.0.102', A, NOW + MINUTE))
    expect(used.choose(unfixed(C), undefined, NOW).ip).toBe('10.77.0.103')
  })

  test('never is the address of the network, of the router or of a name server', () => {
    const everything = { first: ip('10.77.0.0'), last: ip('10.77.0.7') }
    const subnet = aSubnet({
      subnet: { network: ip('10.77.0.0'), prefix: 29 },
      pools: [everything],
      gateway: ip('10.77.0.6'),
      dns: [ip('10.77.0.5')],
    })
    const made = book([], ['10.77.0.1'], subnet)
    const chosen: (Ipv4 | undefined)[] = []
    for (let i = 0; i < 4; i++) {
      const one = made.choose(unfixed(mac(`52:54:00:00:00:1${i}`)), undefined, NOW).ip
      if (one) made.put(lease(one, mac(`52:54:00:00:00:1${i}`), NOW + MINUTE))
      chosen.push(one)
    }
    expect(chosen).toEqual(['10.77.0.2', '10.77.0.3', '10.77.0.4', undefined])
  })

  test('finds an address again that a system has given back, within a minute', () => {
    const fixed = ['10.77.0.100', '10.77.0.101', '10.77.0.102', '10.77.0.103']
    const made = leaseBook(aSubnet(), (address) => fixed.includes(address))
    expect(made.choose(unfixed(A), undefined, NOW).because).toBe('the pool has no free address')
    fixed.pop()
    expect(made.choose(unfixed(A), undefined, NOW + MINUTE).ip).toBe('10.77.0.103')
  })

  test('says so when there is no pool', () => {
    expect(book([], [], aSubnet({ pools: [] })).choose(unfixed(A), undefined, NOW)).toEqual({
      ip: undefined,
      because: 'there is no pool, and no address for it',
    })
  })
})

describe('how an address stands to the one that names it', () => {
  const made = book(
    [
      lease('10.77.0.100', A, NOW + MINUTE),
      lease('10.77.0.101', B, NOW - MINUTE),
      lease('10.77.0.102', C, NOW + MINUTE, 'declined'),
    ],
    ['10.77.0.7', '10.77.0.103'],
  )
  test.each<[string, Mac, string | undefined, string, string]>([
    ['its lease', A, undefined, '10.77.0.100', 'own'],
    ['its lease, when it has a fixed address', A, '10.77.0.7', '10.77.0.100', 'taken'],
    ['its fixed address', A, '10.77.0.7', '10.77.0.7', 'own'],
    ['its fixed address in the pool', B, '10.77.0.103', '10.77.0.103', 'own'],
    ['a fixed address of another subnet', A, '10.99.0.1', '10.77.0.100', 'own'],
    ['its expired lease', B, undefined, '10.77.0.101', 'free'],
    ['the expired lease of another', C, undefined, '10.77.0.101', 'free'],
    ['a free one, when it has a lease', A, undefined, '10.77.0.101', 'taken'],
    ['the lease of another', B, undefined, '10.77.0.100', 'taken'],
    ['one that it has found in use itself', C, undefined, '10.77.0.102', 'taken'],
    ['the fixed address of a system', B, undefined, '10.77.0.7', 'taken'],
    ['the router', B, undefined, '10.77.0.254', 'taken'],
    ['one outside of the pool', B, undefined, '10.77.0.50', 'unmanaged'],
    ['one of another network', B, undefined, '10.99.0.50', 'elsewhere'],
  ])('%s', (_, mac, fixed, address, standing) => {
    expect(made.standing({ mac, fixed: fixed ? ip(fixed) : undefined }, ip(address), NOW)).toBe(standing)
  })
})

test('a pool of 60,000 addresses with 40,000 clients is no slower for the last than for the first', () => {
  const first = ip('10.128.0.1')
  const pool = { first, last: ipv4OfNumber(ipv4ToNumber(first) + 59_999) }
  const made = leaseBook(
    aSubnet({ subnet: { network: ip('10.128.0.0'), prefix: 16 }, pools: [pool], gateway: undefined }),
    () => false,
  )
  const client = (i: number) => unfixed(mac(`52:54:00:${[16, 8, 0].map((s) => hex(i >> s)).join(':')}`))
  let looks = 0
  for (let i = 0; i < 120_000; i++) {
    // Two rounds of 60,000 clients: the second takes what the first has let expire.
    const now = NOW + i
    const asker = client(i)
    const chosen = made.choose(asker, undefined, now).ip
    if (chosen === undefined) throw new Error(`client ${i} got no address`)
    made.put({ ip: chosen, mac: asker.mac, state: 'offered', expires: now + 50_000, hostname: '' })
    made.put({ ip: chosen, mac: asker.mac, state: 'leased', expires: now + 55_000, hostname: '' })
    looks++
  }
  expect(looks).toBe(120_000)
})

function hex(byte: number): string {
  return (byte & 255).toString(16).padStart(2, '0')
}

test('an expiry queue gives back what it was given, the earliest first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100)), (expiries) => {
      const queue = expiryQueue<number>()
      for (const expires of expiries) queue.add(expires, expires)
      const taken: number[] = []
      for (let next = queue.first(); next; next = queue.first()) {
        taken.push(next.value)
        queue.removeFirst()
      }
      expect(taken).toEqual(expiries.toSorted((a, b) => a - b))
      expect(queue.size()).toBe(0)
    }),
  )
})

test('several pools are given out one after the other, and then no more', () => {
  const pools = [
    { first: ip('10.77.0.100'), last: ip('10.77.0.101') },
    { first: ip('10.77.0.200'), last: ip('10.77.0.200') },
  ]
  const made = leaseBook(aSubnet({ pools }), () => false)
  const given: (Ipv4 | undefined)[] = []
  for (const client of [A, B, C, mac('52:54:00:00:00:0d')]) {
    const { ip: address } = made.choose(unfixed(client), undefined, NOW)
    given.push(address)
    if (address) made.put({ ip: address, mac: client, state: 'leased', expires: NOW + 1000, hostname: '' })
  }
  expect(given).toEqual(['10.77.0.100', '10.77.0.101', '10.77.0.200', undefined])
  // What lies between them is nobody's to ask for.
  expect(made.standing(unfixed(mac('52:54:00:00:00:0e')), ip('10.77.0.150'), NOW)).toBe('unmanaged')
  // What has run out is given out again.
  expect(made.choose(unfixed(mac('52:54:00:00:00:0e')), undefined, NOW + 2000).ip).toBe('10.77.0.100')
})
