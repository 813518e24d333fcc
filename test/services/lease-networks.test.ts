/** Leases on networks of several subnets, and addresses that are kept for machines by other marks than their MAC. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Mac } from '../../src/model/address.ts'
import type { LeaseChange } from '../../src/model/lease.ts'
import type { Marks } from '../../src/model/reservations.ts'
import type { Reservation, ServedSubnet } from '../../src/model/subnet.ts'
import type { System } from '../../src/model/system.ts'
import { type Leases, openLeases } from '../../src/services/leases.ts'
import { type Db, openDb } from '../../src/store/db.ts'
import { aKnown, aSubnet, aSystem, ip, mac, SERVER } from '../support/dhcp.ts'
import { fixedClock } from '../support/store.ts'

const [A, B, C] = [mac('52:54:00:00:00:0a'), mac('52:54:00:00:00:0b'), mac('52:54:00:00:00:0c')]
const clock = fixedClock()
const seconds = 3600
const lease = (address: string, mac: Mac): LeaseChange => ({
  change: 'lease',
  ip: ip(address),
  mac,
  seconds,
  hostname: '',
})

let db: Db
let systems: System[]
let leases: Leases

beforeEach(async () => {
  db = await openDb(':memory:')
  systems = []
})
afterEach(async () => {
  await leases.settled()
  await db.destroy()
})

function open(subnets: readonly ServedSubnet[]): Promise<Leases> {
  return openLeases({
    ...{ db, clock, subnets, ownAddresses: [SERVER, ip('10.78.0.1')] },
    systemByMac: (mac) => systems.find(({ interfaces }) => interfaces['eth0']?.macAddress === mac),
    systemByIp: (address) => systems.find(({ interfaces }) => interfaces['eth0']?.ipAddress === address),
    known: (system) => aKnown(system),
    policy: () => ({ enlist: undefined }),
  })
}

const ask = (mac: Mac, named?: string) =>
  leases.lookUp({
    mac,
    named: named === undefined ? undefined : ip(named),
    ciaddr: undefined,
    relay: undefined,
    link: SERVER,
  })

describe('a shared network', () => {
  const [first, second] = [
    aSubnet({ sharedNetwork: 'hall', pools: [{ first: ip('10.77.0.100'), last: ip('10.77.0.100') }] }),
    aSubnet({
      ...{ sharedNetwork: 'hall', subnet: { network: ip('10.78.0.0'), prefix: 24 }, gateway: ip('10.78.0.254') },
      pools: [{ first: ip('10.78.0.100'), last: ip('10.78.0.101') }],
    }),
  ]
  beforeEach(async () => {
    leases = await open([first, second])
  })

  test('gives of the next subnet when one is full, with that subnet’s own settings', async () => {
    expect(ask(A)).toMatchObject({ server: SERVER, subnet: first, choice: { ip: '10.77.0.100' } })
    await leases.apply([lease('10.77.0.100', A)])
    expect(ask(B)).toMatchObject({ server: '10.78.0.1', subnet: second, choice: { ip: '10.78.0.100' } })
  })

  test('keeps each where it is, and knows what it asks for', async () => {
    await leases.apply([lease('10.78.0.101', A)])
    expect(ask(A)).toMatchObject({ subnet: second, choice: { ip: '10.78.0.101', because: 'its lease' } })
    expect(ask(A, '10.78.0.101')).toMatchObject({ standing: 'own', held: { ip: '10.78.0.101' } })
    expect(ask(B, '10.78.0.100')).toMatchObject({ subnet: second, standing: 'free' })
  })

  test('has a system at its fixed address, whichever subnet that is of', () => {
    systems = [aSystem({}, { macAddress: A, ipAddress: ip('10.78.0.7') })]
    expect(ask(A)).toMatchObject({ subnet: second, server: '10.78.0.1', choice: { ip: '10.78.0.7' } })
  })

  test('is not the network of a subnet without its name', async () => {
    leases = await open([aSubnet({ pools: [] }), { ...second, sharedNetwork: undefined }])
    expect(ask(A)).toMatchObject({ choice: { ip: undefined } })
  })
})

describe('a reservation', () => {
  const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
  const [UUID, TURNED] = ['00112233445566778899aabbccddeeff', '33221100554477668899aabbccddeeff']
  const reserve = (of: Partial<Reservation>) => open([aSubnet({ reservations: [{ ip: ip('10.77.0.101'), ...of }] })])
  const asked = (marks: Partial<Marks>) =>
    leases.lookUp({ mac: A, ...marks, named: undefined, ciaddr: undefined, relay: undefined, link: SERVER }).choice.ip

  test.each<[string, Partial<Reservation>, Partial<Marks>, Partial<Marks>]>([
    ['a MAC', { mac: B }, { mac: B }, { mac: C }],
    ['a client id', { clientId: '6162' }, { clientId: hex('6162') }, { clientId: hex('6163') }],
    ['a UUID', { uuid: UUID }, { uuid: hex(UUID) }, { uuid: hex(UUID.replace('ff', 'fe')) }],
    ['a UUID as firmware sends it', { uuid: UUID }, { uuid: hex(TURNED) }, { uuid: hex('00') }],
    ['both', { mac: B, clientId: '6162' }, { mac: B, clientId: hex('6162') }, { mac: C, clientId: hex('6162') }],
  ])('by %s is kept for its machine, and for nobody else', async (_, of, its, not) => {
    leases = await reserve(of)
    expect(asked(its)).toBe('10.77.0.101')
    expect(asked(not)).toBe('10.77.0.100')
    await leases.apply([lease('10.77.0.100', C)])
    expect(asked({ mac: mac('52:54:00:00:00:0f') })).toBe('10.77.0.102')
  })
})
