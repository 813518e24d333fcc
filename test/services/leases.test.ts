import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Mac } from '../../src/model/address.ts'
import type { LeaseChange } from '../../src/model/lease.ts'
import type { ServedSubnet } from '../../src/model/subnet.ts'
import type { System } from '../../src/model/system.ts'
import { type Leases, openLeases } from '../../src/services/leases.ts'
import { type Db, openDb } from '../../src/store/db.ts'
import { loadLeases } from '../../src/store/leases.ts'
import { aKnown, aSubnet, aSystem, ip, mac, SERVER } from '../support/dhcp.ts'
import { fixedClock } from '../support/store.ts'

const [A, B, C] = [mac('52:54:00:00:00:0a'), mac('52:54:00:00:00:0b'), mac('52:54:00:00:00:0c')]

const lease = (address: string, mac: Mac, seconds = 3600): LeaseChange => ({
  change: 'lease',
  ip: ip(address),
  mac,
  seconds,
  hostname: 'box',
})
const hold = (address: string, mac: Mac): LeaseChange => ({ change: 'hold', ip: ip(address), mac, seconds: 60 })
const release = (address: string, mac: Mac): LeaseChange => ({ change: 'release', ip: ip(address), mac })
const decline = (address: string, mac: Mac): LeaseChange => ({ change: 'decline', ip: ip(address), mac, seconds: 3600 })

let folder: string
let db: Db
let clock: ReturnType<typeof fixedClock>
let systems: System[]
let leases: Leases

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orchestra-leases-'))
  db = await openDb(join(folder, 'test.db'))
  clock = fixedClock()
  systems = []
  leases = await open()
})
afterEach(async () => {
  await leases.settled()
  await db.destroy()
  rmSync(folder, { recursive: true })
})

function open(subnets: readonly ServedSubnet[] = [aSubnet()]): Promise<Leases> {
  return openLeases({
    db,
    clock,
    subnets,
    ownAddresses: [SERVER],
    systemByMac: (mac) => systems.find(({ interfaces }) => interfaces['eth0']?.macAddress === mac),
    systemByIp: (address) => systems.find(({ interfaces }) => interfaces['eth0']?.ipAddress === address),
    known: (system) => aKnown(system),
    policy: () => ({ enlist: undefined }),
  })
}

/** A daemon that starts anew on the same database. */
const restarted = open

const ask = (mac: Mac, named?: string, from: { relay?: string; ciaddr?: string } = {}) =>
  leases.lookUp({
    mac,
    named: named === undefined ? undefined : ip(named),
    ciaddr: from.ciaddr === undefined ? undefined : ip(from.ciaddr),
    relay: from.relay === undefined ? undefined : ip(from.relay),
    link: SERVER,
  })

/** From now on (or no longer) the disk refuses leases, as a full one does. */
const refuseWrites = () =>
  sql`create trigger refuse before insert on lease begin select raise(abort, 'disk full'); end`.execute(db)
const acceptWrites = () => sql`drop trigger refuse`.execute(db)

describe('who only looks', () => {
  const look = (mac: Mac) =>
    leases.look({ mac, named: undefined, ciaddr: undefined, relay: undefined, link: SERVER }, undefined)

  test('is told what the next question would be, and is no question himself', async () => {
    expect(look(A).choice).toEqual({ ip: '10.77.0.100', because: 'a free address', isFree: true })
    await leases.apply([hold('10.77.0.100', A)])
    expect(look(B).choice.ip).toBe('10.77.0.101')
    expect(look(C).choice).toEqual(ask(C).choice)
  })

  test('uses up no search of a full pool, which there is once a minute', async () => {
    systems = [aSystem({}, { ipAddress: ip('10.77.0.100'), macAddress: B })]
    const others = ['101', '102', '103'].map((last, index) => lease(`10.77.0.${last}`, mac(`52:54:00:00:01:0${index}`)))
    await leases.apply(others)
    expect(look(A).choice.because).toBe('the pool has no free address')
    systems = []
    expect(look(A).choice.ip).toBe('10.77.0.100')
    expect(ask(A).choice.ip).toBe('10.77.0.100')
  })
})

describe('a lease', () => {
  test('is on disk when apply answers, and known after a restart', async () => {
    await leases.apply([lease('10.77.0.100', A)])
    expect(await loadLeases(db)).toMatchObject([{ ip: '10.77.0.100', mac: A, state: 'leased', hostname: 'box' }])
    expect((await restarted()).byIp(ip('10.77.0.100'))).toEqual(leases.byMac(A))
  })

  test('is seen by the next question at once, before the disk has it', async () => {
    const written = leases.apply([lease('10.77.0.100', A)])
    expect(ask(B).choice.ip).toBe('10.77.0.101')
    expect(ask(B, '10.77.0.100').standing).toBe('taken')
    await written
  })

  test('is over when its time is', async () => {
    await leases.apply([lease('10.77.0.100', A, 10)])
    clock.advance(10_000)
    expect([leases.byIp(ip('10.77.0.100')), leases.byMac(A), ask(A).held]).toEqual([undefined, undefined, undefined])
    expect(leases.list()).toHaveLength(1)
  })

  test('of a second address ends that of the first', async () => {
    await leases.apply([lease('10.77.0.100', A)])
    await leases.apply([lease('10.77.0.101', A)])
    expect(leases.byIp(ip('10.77.0.100'))).toBeUndefined()
    expect(leases.byMac(A)?.ip).toBe('10.77.0.101')
    const { byIp, byMac } = await restarted()
    expect([byIp(ip('10.77.0.100')), byMac(A)?.ip]).toEqual([undefined, '10.77.0.101'])
  })

  test('that is given back is free, and is what its client is given again', async () => {
    await leases.apply([lease('10.77.0.102', A)])
    await leases.apply([release('10.77.0.102', A)])
    expect(leases.byIp(ip('10.77.0.102'))).toBeUndefined()
    expect(ask(A).choice.ip).toBe('10.77.0.102')
    leases = await restarted()
    expect(leases.byIp(ip('10.77.0.102'))).toBeUndefined()
    expect(ask(A).choice.ip).toBe('10.77.0.102')
  })

  test('is not ended by somebody else', async () => {
    await leases.apply([lease('10.77.0.100', A)])
    await leases.apply([release('10.77.0.100', B), decline('10.77.0.100', B)])
    expect(leases.byIp(ip('10.77.0.100'))?.mac).toBe(A)
  })

  test('outside of all subnets is nobody’s', async () => {
    await leases.apply([lease('10.99.0.1', A)])
    expect(leases.list()).toEqual([])
  })
})

describe('an offer', () => {
  test('keeps the address from others for a minute, and is not written', async () => {
    await leases.apply([hold('10.77.0.100', A)])
    expect(ask(B).choice.ip).toBe('10.77.0.101')
    expect(ask(A).held?.state).toBe('offered')
    expect(leases.byIp(ip('10.77.0.100'))).toBeUndefined()
    expect(await loadLeases(db)).toEqual([])
    clock.advance(60_000)
    expect(ask(B, '10.77.0.100').standing).toBe('free')
  })

  test('of the address that is on lease does not shorten the lease', async () => {
    await leases.apply([lease('10.77.0.100', A)])
    await leases.apply([hold('10.77.0.100', A)])
    clock.advance(3_599_000)
    expect(leases.byMac(A)?.state).toBe('leased')
  })
})

describe('an address found in use', () => {
  test('is nobody’s for an hour, its finder’s neither, over a restart too', async () => {
    await leases.apply([lease('10.77.0.100', A)])
    await leases.apply([decline('10.77.0.100', A)])
    leases = await restarted()
    expect([ask(A).choice.ip, ask(A, '10.77.0.100').standing, ask(A).held]).toEqual(['10.77.0.101', 'taken', undefined])
    clock.advance(3_600_000)
    expect(ask(B, '10.77.0.100').standing).toBe('free')
  })
})

test('a client that declined one address and has another keeps that over a restart', async () => {
  await leases.apply([lease('10.77.0.100', A)])
  await leases.apply([decline('10.77.0.100', A)])
  await leases.apply([lease('10.77.0.101', A, 60)])
  leases = await restarted()
  expect([leases.byMac(A)?.ip, ask(A).choice.ip]).toEqual(['10.77.0.101', '10.77.0.101'])
})

describe('several subnets', () => {
  const second = aSubnet({
    subnet: { network: ip('10.88.0.0'), prefix: 24 },
    pools: [{ first: ip('10.88.0.100'), last: ip('10.88.0.200') }],
    gateway: ip('10.88.0.1'),
  })
  beforeEach(async () => {
    leases = await open([aSubnet(), second])
  })

  test.each([
    ['on our link', {}, '10.77.0.100'],
    ['behind a relay', { relay: '10.88.0.1' }, '10.88.0.100'],
    ['that renews from behind a router', { ciaddr: '10.88.0.7' }, '10.88.0.100'],
    ['that comes from somewhere else', { ciaddr: '192.168.9.9' }, '10.77.0.100'],
    ['behind a relay of nobody', { relay: '192.168.9.1' }, undefined],
  ])('a client %s is given %3$s', (_, from, address) => {
    expect(ask(A, undefined, from).choice.ip).toBe(address)
  })

  test('a machine that moves has a lease on each', async () => {
    await leases.apply([lease('10.77.0.100', A)])
    clock.advance(1000)
    await leases.apply([lease('10.88.0.100', A)])
    expect(leases.byMac(A)?.ip).toBe('10.88.0.100')
    expect(leases.byIp(ip('10.77.0.100'))?.mac).toBe(A)
  })
})

describe('systems', () => {
  test('get the address of their interface, and nobody else does', async () => {
    systems = [aSystem({}, { macAddress: A, ipAddress: ip('10.77.0.100') })]
    expect(ask(A)).toMatchObject({ choice: { ip: '10.77.0.100' }, known: { system: { name: 'node1' } } })
    expect(ask(B).choice.ip).toBe('10.77.0.101')
    expect(ask(B, '10.77.0.100').standing).toBe('taken')
  })
})

describe('a disk that refuses', () => {
  test('means no answer, and nothing has changed', async () => {
    await leases.apply([lease('10.77.0.100', A)])
    const before = leases.list()
    await refuseWrites()
    const all = [
      leases.apply([lease('10.77.0.101', B)]),
      leases.apply([release('10.77.0.100', A)]),
      leases.apply([lease('10.77.0.100', C)]),
    ]
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(Array(3).fill('rejected'))
    expect(leases.list()).toEqual(before)
    expect(ask(B).choice.ip).toBe('10.77.0.101')
    await acceptWrites()
    await leases.apply([lease('10.77.0.101', B)])
    expect((await restarted()).byMac(B)?.ip).toBe('10.77.0.101')
  })
})

test('five thousand leases of one moment are one write of all', async () => {
  const subnet = { network: ip('10.128.0.0'), prefix: 16 }
  leases = await open([
    aSubnet({ subnet, pools: [{ first: ip('10.128.1.0'), last: ip('10.128.200.0') }], gateway: undefined }),
  ])
  const all = Array.from({ length: 5000 }, (_, i) => {
    const [high, low] = [i >> 8, i & 255]
    const hex = [high, low].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
    return leases.apply([lease(`10.128.${1 + high}.${low}`, mac(`52:54:00:00:${hex}`))])
  })
  await Promise.all(all)
  expect(await loadLeases(db)).toHaveLength(5000)
})

test('who has an address of another server is remembered, and no lease', async () => {
  const ours = ip('10.77.0.200')
  await leases.apply([{ change: 'heard', ip: ours, mac: A }])
  expect([leases.macAt(ours), leases.byIp(ours), leases.list()]).toEqual([A, undefined, []])
  await leases.apply([{ change: 'heard', ip: ours, mac: B }])
  expect(leases.macAt(ours)).toBe(B)
  // What we gave ourselves is surer than what was heard.
  await leases.apply([lease(ours, C)])
  expect(leases.macAt(ours)).toBe(C)
})
