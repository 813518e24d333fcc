/** Another DHCP server on our network, Debian's dnsmasq: found by machines that take its offers, by the probe, by the doctor. */
import { once } from 'node:events'
import { resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { RecordedEvent } from '../../src/model/event.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { clientMachine } from '../support/dhcp-clients.ts'
import { startDnsmasq } from '../support/dnsmasq.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'
import { callInside } from '../support/namespace-api.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
let server: Namespace
let daemon: Daemon

beforeAll(async () => {
  await needPackages('iproute2', 'isc-dhcp-client', 'dnsmasq-base', 'curl')
  server = await makeNamespace()
  await server.bridge('br0', '10.77.0.1/24')
  await server.bridge('br1', '10.78.0.1/24')
  // A bridge is up when something is plugged into it.
  await server.link(await makeNamespace(), 'br1', 'eth0')
  daemon = await startDaemon({
    namespace: server,
    config: { dhcp: { subnets: [{ subnet: '10.77.0.0/24', pool: '10.77.0.100-10.77.0.120', mode: 'beside' }] } },
  })
  await startDnsmasq(server, 'br0')
})

// biome-ignore lint/suspicious/noExplicitAny: each test says what it looks for
const call = (method: 'GET' | 'POST', path: string, body?: unknown, of = daemon): Promise<any> =>
  callInside(server, of, [method, path, body], false)

const news = async () =>
  ((await call('GET', '/api/events.json?limit=1000')) as RecordedEvent[]).filter(({ name }) => name === 'dhcp.foreign')

test('a machine that takes its offer gives it away', async () => {
  expect((await call('GET', '/api/networks')).foreign).toEqual([])
  const machine = await clientMachine(server, 'br0', '52:54:00:77:03:01')
  const told = await machine.dhclient('reject 10.77.0.1;')
  expect(told['new_dhcp_server_identifier']).toBe('10.77.0.53')
  const [foreign] = (await call('GET', '/api/networks')).foreign
  expect(foreign).toMatchObject({ server: '10.77.0.53', interface: 'br0', offered: told['new_ip_address'] })
  expect(await news()).toMatchObject([
    { payload: { server: '10.77.0.53', because: '52:54:00:77:03:01 took the offer of 10.77.0.53' } },
  ])
})

test('a probe finds it and not us, takes no address, and is no machine to us', async () => {
  const events = ((await call('GET', '/api/events.json?limit=1000')) as RecordedEvent[]).length
  const leases = await call('GET', '/api/leases')
  const found = await call('POST', '/api/networks/probe', { interface: 'br0' })
  expect(found).toEqual({
    servers: [{ server: '10.77.0.53', offered: expect.stringMatching(/^10\.77\.0\.2\d\d$/) }],
    because: expect.stringContaining('another DHCP server: 10.77.0.53'),
  })
  expect(await call('POST', '/api/networks/probe', { interface: 'br1' })).toEqual({
    servers: [],
    because: 'no other DHCP server answered on br1',
  })
  expect(await call('GET', '/api/leases')).toEqual(leases)
  expect((await call('GET', '/api/events.json?limit=1000')) as RecordedEvent[]).toHaveLength(events)
  expect((await call('GET', '/api/networks')).foreign).toMatchObject([
    { server: '10.77.0.53', offered: found.servers[0].offered },
  ])
})

test.each([
  ['through the daemon', () => daemon.data],
  ['without one', () => temporaryFolder()],
])('the doctor finds it, %s, and says what is fine', async (_, data) => {
  const ask = async (...args: string[]) => {
    const env = { PATH: process.env['PATH'], ORCHESTRA_DATA: data() }
    const child = server.spawn(process.execPath, [MAIN, 'doctor', 'net', ...args], { env })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (part) => (text += part))
    const [code] = await once(child, 'close')
    return { code, text }
  }
  expect(await ask('--interface', 'br0')).toEqual({ code: 2, text: expect.stringContaining('10.77.0.53') })
  expect(await ask('--interface', 'br1')).toEqual({ code: 0, text: 'no other DHCP server answered on br1\n' })
  expect(await ask('--interface', 'br7')).toEqual({ code: 1, text: expect.stringContaining('no interface br7') })
  const all = await ask('--json')
  expect(all.code).toBe(2)
  expect(JSON.parse(all.text)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ interface: 'br0', servers: [expect.objectContaining({ server: '10.77.0.53' })] }),
      expect.objectContaining({ interface: 'br1', servers: [] }),
    ]),
  )
})

test('a daemon that is not root says that it may not', async () => {
  const nobody = await startDaemon({ namespace: server, uid: 65_534 })
  const refused = await call('POST', '/api/networks/probe', { interface: 'br0' }, nobody)
  expect(refused).toMatchObject({ status: 409, code: 'network.refused', detail: expect.stringContaining('needs root') })
  const { dhcp } = await call('GET', '/api/networks', undefined, nobody)
  expect(dhcp).toMatchObject({ enabled: false, mode: 'off' })
  expect(await nobody.stop()).toBe(0)
})
