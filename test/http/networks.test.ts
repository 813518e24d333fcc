/** The networks over HTTP: interfaces, how full the pools are, other DHCP servers, the probe for them, and the first steps. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Lease } from '../../src/model/lease.ts'
import { ip, mac } from '../support/dhcp.ts'
import { type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
})
afterEach(() => it.close())

const networks = async () => (await it.as('viewer', 'GET', '/api/networks')).json()

/** The pool of the test is 10.77.0.100 to 103, the last of them the gateway's. */
test('a pool tells what is used of it, what is fixed, and what a new machine could get', async () => {
  expect((await networks()).subnets).toEqual([
    {
      ...{ subnet: '10.77.0.0/24', pool: '10.77.0.100-10.77.0.103', gateway: '10.77.0.103', dns: [] },
      ...{ domain: 'lab.example', mode: 'authoritative', leaseSeconds: 3600, size: 4, used: 0, reserved: 0, free: 3 },
    },
  ])
  const lease = (address: string, state: Lease['state'], left: number): Lease => ({
    ...{ ip: ip(address), mac: mac('52:54:00:77:00:01'), state, expires: it.clock.now() + left, hostname: '' },
  })
  it.leases.push(
    lease('10.77.0.100', 'leased', 1000),
    lease('10.77.0.101', 'leased', -1),
    lease('10.77.0.9', 'leased', 1000),
  )
  const interfaces = { eth0: { macAddress: '52:54:00:00:00:01', ipAddress: '10.77.0.102' } }
  await it.as('admin', 'POST', '/api/systems', { name: 'node1', profile: 'debian-13', interfaces })
  await it.as('admin', 'POST', '/api/systems', {
    ...{ name: 'node2', profile: 'debian-13' },
    interfaces: { eth0: { macAddress: '52:54:00:00:00:02', ipAddress: '10.77.0.5' } },
  })
  expect((await networks()).subnets[0]).toMatchObject({ size: 4, used: 1, reserved: 2, free: 1 })
})

test('interfaces tell their addresses, whether they are up, and whether DHCP listens there', async () => {
  const { interfaces, dhcp } = await networks()
  expect(interfaces).toEqual([
    {
      ...{ name: 'br0', mac: '52:54:00:77:00:fe', up: true, served: true },
      ...{ address: '10.77.0.1', addresses: ['10.77.0.1/24'] },
    },
    { name: 'tun0', mac: '', up: false, served: false, address: null, addresses: [] },
  ])
  expect(dhcp).toMatchObject({ enabled: true, mode: 'authoritative' })
})

test('a probe tells who else offers, leaves us out, and what it found is kept and told once', async () => {
  it.network.answers.push({ server: ip('10.77.0.1'), offered: ip('10.77.0.100') })
  const none = await it.as('admin', 'POST', '/api/networks/probe', { interface: 'br0' })
  expect([none.statusCode, none.json()]).toEqual([
    202,
    { servers: [], because: 'no other DHCP server answered on br0' },
  ])
  it.network.answers.push({ server: ip('10.77.0.53'), offered: ip('10.77.0.200') })
  for (let time = 0; time < 2; time++) {
    const some = (await it.as('admin', 'POST', '/api/networks/probe', { interface: 'br0' })).json()
    expect(some.servers).toEqual([{ server: '10.77.0.53', offered: '10.77.0.200' }])
    expect(some.because).toContain('10.77.0.53 (it offers 10.77.0.200)')
  }
  const now = it.clock.now()
  expect((await networks()).foreign).toEqual([
    { server: '10.77.0.53', interface: 'br0', first: now, last: now, times: 2, offered: '10.77.0.200' },
  ])
  const events = (await it.as('viewer', 'GET', '/api/events.json')).json() as { name: string; payload: object }[]
  expect(events.filter(({ name }) => name === 'dhcp.foreign').map(({ payload }) => payload)).toEqual([
    { server: '10.77.0.53', interface: 'br0', offered: '10.77.0.200', because: expect.stringContaining('probe') },
  ])
})

test.each([
  ['br7', /no interface br7.*br0/],
  ['tun0', /no MAC address/],
])('a probe on %s is refused with a sentence', async (name, because) => {
  const refused = await it.as('admin', 'POST', '/api/networks/probe', { interface: name })
  expect([refused.statusCode, refused.json().field]).toEqual([422, 'interface'])
  expect(refused.json().detail).toMatch(because)
})

test('the first steps are told', async () => {
  expect((await it.as('viewer', 'GET', '/api/setup')).json()).toEqual({
    needed: true,
    steps: { interface: true, dhcp: true, distro: true, machine: false },
    lab: 'npm run lab',
    restarted: null,
  })
})
