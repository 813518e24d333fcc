/**
 * One daemon on several networks, as real clients see it: each interface with its own subnet and our address there, two subnets
 * on one link, pools in parts, and addresses that are kept by client id and UUID.
 */
import { beforeAll, expect, test } from 'vitest'
import type { Lease } from '../../src/model/lease.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { type ClientMachine, clientMachine } from '../support/dhcp-clients.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'
import { callInside } from '../support/namespace-api.ts'

const UUID = '4c4c4544-0042-3510-8052-b4c04f564433'
const SUBNETS = [
  // Two subnets on br0: the first has room for two, in two parts.
  {
    ...{ subnet: '10.77.0.0/24', pool: ['10.77.0.100-10.77.0.100', '10.77.0.110-10.77.0.110'], gateway: '10.77.0.1' },
    ...{ shared_network: 'hall', domain: 'first.example' },
    reservations: [
      { ip: '10.77.0.50', client_id: 'printer' },
      { ip: '10.77.0.51', client_id: '00:77:65:62' },
      { ip: '10.77.0.52', uuid: UUID },
    ],
  },
  {
    ...{ subnet: '10.78.0.0/24', pool: '10.78.0.100-10.78.0.101', gateway: '10.78.0.1', domain: 'second.example' },
    shared_network: 'hall',
  },
  {
    subnet: '10.79.0.0/24',
    pool: '10.79.0.100-10.79.0.120',
    gateway: '10.79.0.1',
    domain: 'other.example',
    conflict_check: true,
  },
]

let server: Namespace
let daemon: Daemon

beforeAll(async () => {
  await needPackages('iproute2', 'isc-dhcp-client', 'busybox', 'curl')
  server = await makeNamespace()
  await server.bridge('br0', '10.77.0.1/24')
  await server.exec('ip', ['address', 'add', '10.78.0.1/24', 'dev', 'br0'])
  await server.bridge('br1', '10.79.0.1/24')
  daemon = await startDaemon({
    namespace: server,
    config: { dhcp: { subnets: SUBNETS } },
    env: { ORCHESTRA_HTTP__LISTEN: '0.0.0.0:80' },
  })
  await api('POST', '/api/distros', { name: 'debian', kernel: '/srv/debian/linux', initrd: '/srv/debian/initrd.gz' })
  await api('POST', '/api/profiles', { name: 'debian', distro: 'debian' })
})

const api = (method: 'GET' | 'POST', path: string, body?: unknown) => callInside(server, daemon, [method, path, body])

let macs = 0
async function client(bridge: string): Promise<ClientMachine & { mac: string }> {
  const mac = `52:54:00:77:09:${(++macs).toString(16).padStart(2, '0')}`
  return { mac, ...(await clientMachine(server, bridge, mac)) }
}

test('each interface has its own subnet, and machines there are told our address there', async () => {
  expect(daemon.listening().dhcp).toEqual(['br0 (10.77.0.1)', 'br1 (10.79.0.1)'])
  const told: Record<string, string>[] = []
  for (const bridge of ['br0', 'br1']) {
    const machine = await client(bridge)
    await api('POST', '/api/systems', {
      ...{ name: `on-${bridge}`, profile: 'debian', interfaces: { eth0: { macAddress: machine.mac } } },
    })
    const pxe = ['-V', 'PXEClient:Arch:00000', '-x', '0x5d:0000', '-x', '0x4d:69505845', '-O', 'bootfile', '-O', 'tftp']
    told.push((await machine.udhcpc(pxe)).at(-1) ?? {})
  }
  expect(told).toMatchObject([
    { siaddr: '10.77.0.1', serverid: '10.77.0.1', tftp: '10.77.0.1', domain: 'first.example' },
    { siaddr: '10.79.0.1', serverid: '10.79.0.1', tftp: '10.79.0.1', domain: 'other.example' },
  ])
  expect(told.map(({ boot_file = '' }) => new URL(boot_file).host)).toEqual(['10.77.0.1', '10.79.0.1'])
  // What the machine fetches next names the same server.
  for (const [index, host] of ['10.77.0.1', '10.79.0.1'].entries()) {
    const script = await server.exec('curl', ['-sSf', told[index]?.['boot_file'] ?? ''])
    expect(script).toContain(`kernel http://${host}/boot/images/debian/linux`)
  }
})

test('two subnets on one link: who finds the first full gets an address of the second, and keeps it', async () => {
  const machines = [await client('br0'), await client('br0')]
  const told: Record<string, string>[] = []
  for (const machine of machines) told.push(await machine.dhclient())
  // One address of the first pool has the machine of the test above.
  expect(told).toMatchObject([
    { new_ip_address: '10.77.0.110', new_routers: '10.77.0.1', new_domain_name: 'first.example' },
    {
      ...{ new_ip_address: '10.78.0.100', new_subnet_mask: '255.255.255.0', new_routers: '10.78.0.1' },
      ...{ new_domain_name: 'second.example', new_dhcp_server_identifier: '10.78.0.1' },
    },
  ])
  await machines[1]?.namespace.exec('dhclient', ['-x', '-pf', '/dev/null', 'eth0']).catch(() => {})
  expect(await machines[1]?.dhclient()).toMatchObject({ event: 'REBOOT', new_ip_address: '10.78.0.100' })
})

test('a system has its fixed address, of whichever subnet of its link', async () => {
  const machine = await client('br0')
  const interfaces = { eth0: { macAddress: machine.mac, ipAddress: '10.78.0.9' } }
  await api('POST', '/api/systems', { name: 'fixed', profile: 'debian', interfaces })
  expect((await machine.udhcpc()).at(-1)).toMatchObject({ ip: '10.78.0.9', router: '10.78.0.1' })
})

test('an address is kept for a client id, as text and as bytes, and for a UUID', async () => {
  const byText = await (await client('br0')).dhclient('send dhcp-client-identifier "printer";')
  expect(byText['new_ip_address']).toBe('10.77.0.50')
  const byBytes = await (await client('br0')).udhcpc(['-x', '0x3d:00776562'])
  expect(byBytes.at(-1)).toMatchObject({ event: 'bound', ip: '10.77.0.51' })
  const byUuid = await (await client('br0')).udhcpc(['-x', `0x61:00${UUID.replaceAll('-', '')}`])
  expect(byUuid.at(-1)).toMatchObject({ event: 'bound', ip: '10.77.0.52' })
  const leases = (await api('GET', '/api/leases')) as Lease[]
  expect(leases.map(({ ip }) => ip)).toEqual(expect.arrayContaining(['10.77.0.50', '10.77.0.51', '10.77.0.52']))
})

test('an address that a stranger has set for himself is not offered, and not asked for again', async () => {
  const squatter = await client('br1')
  // The next two of the pool.
  for (const last of [101, 102]) {
    await squatter.namespace.exec('ip', ['address', 'add', `10.79.0.${last}/24`, 'dev', 'eth0'])
  }
  const machine = await client('br1')
  const told = (await machine.udhcpc()).at(-1)
  expect(told).toMatchObject({ event: 'bound', ip: '10.79.0.103' })
  const leases = (await api('GET', '/api/leases')) as Lease[]
  expect(leases.filter(({ state }) => state === 'declined').map(({ ip }) => ip)).toEqual(['10.79.0.101', '10.79.0.102'])
  expect(daemon.log()).toContain(`${squatter.mac} has 10.79.0.101, which we took for free`)
  // Its own is given again without asking: it answers there itself now.
  expect((await machine.udhcpc()).at(-1)).toMatchObject({ event: 'bound', ip: '10.79.0.103' })
})
