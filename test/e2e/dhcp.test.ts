/** DHCP as real clients see it: Debian's dhclient and relay, and busybox's udhcpc, against the real daemon. */
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { RecordedEvent } from '../../src/model/event.ts'
import type { Lease } from '../../src/model/lease.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { clientMachine } from '../support/dhcp-clients.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'
import { callInside } from '../support/namespace-api.ts'

let server: Namespace
let daemon: Daemon

/** br0, br2 that nobody serves, and a network behind a relay. */
const SUBNETS = [
  {
    subnet: '10.77.0.0/24',
    pool: '10.77.0.100-10.77.0.120',
    gateway: '10.77.0.1',
    ...{ mtu: 1400, ntp: '10.77.0.5', search: ['lab.example', 'example'], routes: ['10.1.0.0/16 via 10.77.0.9'] },
    options: { 'tzdb-timezone': 'Europe/Berlin' },
    domain: 'lab.example',
    lease_seconds: 600,
  },
  { subnet: '10.88.0.0/24', pool: '10.88.0.100-10.88.0.120', gateway: '10.88.0.1', dns: ['10.88.0.53'] },
]

beforeAll(async () => {
  await needPackages('iproute2', 'isc-dhcp-client', 'isc-dhcp-relay', 'busybox', 'curl')
  server = await makeNamespace()
  await server.bridge('br0', '10.77.0.1/24')
  await server.bridge('br2', '10.99.0.1/24')
  daemon = await startDaemon({
    namespace: server,
    config: { dhcp: { enabled: true, interfaces: ['br0'], subnets: SUBNETS } },
  })
  await api('POST', '/api/distros', { name: 'debian', kernel: '/srv/debian/linux', initrd: '/srv/debian/initrd.gz' })
  await api('POST', '/api/profiles', { name: 'debian', distro: 'debian' })
})

const api = (method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown) =>
  callInside(server, daemon, [method, path, body])

const leases = async () => (await api('GET', '/api/leases')) as Lease[]
const leaseOf = async (mac: string) => (await leases()).find((lease) => lease.mac === mac)

async function eventsOf(mac: string): Promise<RecordedEvent[]> {
  const events = (await api('GET', '/api/events.json?limit=1000')) as RecordedEvent[]
  return events.filter(({ payload }) => 'mac' in payload && payload.mac === mac)
}

let macs = 0
const newMac = () => `52:54:00:77:01:${(++macs).toString(16).padStart(2, '0')}`

async function client(bridge = 'br0', mac = newMac()) {
  return { mac, ...(await clientMachine(server, bridge, mac)) }
}

async function addSystem(name: string, mac: string, ipAddress: string, more: object = {}): Promise<void> {
  const interfaces = { eth0: { macAddress: mac, ipAddress } }
  await api('POST', '/api/systems', { name, profile: 'debian', interfaces, ...more })
}

describe('Debian’s dhclient', () => {
  test('gets an address of the pool and all it needs, and gets the same again after giving it back', async () => {
    const machine = await client()
    const told = await machine.dhclient('send host-name "visitor";')
    expect(told).toMatchObject({
      event: 'BOUND',
      new_subnet_mask: '255.255.255.0',
      new_broadcast_address: '10.77.0.255',
      new_routers: '10.77.0.1',
      new_domain_name_servers: '10.77.0.1',
      new_domain_name: 'lab.example',
      new_dhcp_lease_time: '600',
      new_dhcp_server_identifier: '10.77.0.1',
    })
    expect(told['new_ip_address']).toMatch(/^10\.77\.0\.1[012]\d$/)
    expect(await leaseOf(machine.mac)).toMatchObject({ ip: told['new_ip_address'], hostname: 'visitor' })

    await machine.release()
    await expect.poll(async () => ((await leaseOf(machine.mac))?.expires ?? 0) <= Date.now()).toBe(true)
    machine.remember('')
    expect((await machine.dhclient())['new_ip_address']).toBe(told['new_ip_address'])
  })

  test('is told of routes, time servers, MTU and more, by the names that it has for them', async () => {
    const machine = await client()
    const told = await machine.dhclient(
      'option zone code 101 = text; option routes code 121 = array of unsigned integer 8; also request zone, routes, ntp-servers, interface-mtu, domain-search;',
    )
    expect(told).toMatchObject({
      ...{ new_interface_mtu: '1400', new_ntp_servers: '10.77.0.5', new_domain_search: 'lab.example. example.' },
      ...{ new_routes: '0 10 77 0 1 16 10 1 10 77 0 9', new_zone: 'Europe/Berlin' },
    })
  })

  test('that comes from another network with its old address is told to drop it, and gets a good one', async () => {
    const machine = await client()
    machine.remember(`lease {
      interface "eth0";
      fixed-address 10.99.0.55;
      option subnet-mask 255.255.255.0;
      option dhcp-lease-time 86400;
      option dhcp-server-identifier 10.99.0.1;
      renew 5 2100/01/01 00:00:00; rebind 5 2100/01/01 00:00:00; expire 5 2100/01/01 00:00:00;
    }`)
    const told = await machine.dhclient()
    expect(told).toMatchObject({ event: 'BOUND', new_dhcp_server_identifier: '10.77.0.1' })
    await daemon.logged('10.99.0.55 is not on this network')
  })

  test('that reboots with a good lease keeps it', async () => {
    const machine = await client()
    const before = await machine.dhclient()
    await machine.namespace.exec('dhclient', ['-x', '-pf', '/dev/null', 'eth0']).catch(() => {})
    expect(await machine.dhclient()).toMatchObject({ event: 'REBOOT', new_ip_address: before['new_ip_address'] })
  })
})

describe('busybox’s udhcpc', () => {
  test('of a system gets the address, the name and the router of that system', async () => {
    const machine = await client()
    await addSystem('node1', machine.mac, '10.77.0.11', { hostname: 'node1.site.example', gateway: '10.77.0.254' })
    expect((await machine.udhcpc()).at(-1)).toMatchObject({
      event: 'bound',
      ip: '10.77.0.11',
      hostname: 'node1',
      domain: 'site.example',
      router: '10.77.0.254',
      dns: '10.77.0.1',
      lease: '600',
    })
    expect(await eventsOf(machine.mac)).toMatchObject([{ payload: { system: 'node1', step: 'address' } }])
  })

  test.each([
    ['BIOS', '0000', 'PXEClient:Arch:00000:UNDI:002001', 'pxelinux.0'],
    ['UEFI', '0007', 'PXEClient:Arch:00007:UNDI:003016', 'shimx64.efi'],
  ])('as PXE of %s is told its loader', async (_, arch, vendorClass, file) => {
    const machine = await client()
    await addSystem(`pxe-${arch}`, machine.mac, `10.77.0.2${arch.at(-1)}`)
    const told = await machine.udhcpc(['-V', vendorClass, '-x', `0x5d:${arch}`, '-O', 'bootfile', '-O', 'tftp'])
    expect(told.at(-1)).toMatchObject({ siaddr: '10.77.0.1', boot_file: file, bootfile: file, tftp: '10.77.0.1' })
  })

  test('is told the loader that its system, or its profile, wants', async () => {
    const asUefi = ['-V', 'PXEClient:Arch:00007:UNDI:003016', '-x', '0x5d:0007', '-O', 'bootfile']
    const [one, other, neighbor] = [await client(), await client(), await client()]
    const [{ profile }] = (await api('GET', '/api/systems')) as [{ profile: string }]
    await api('POST', '/api/profiles', { name: 'by-ipxe', parent: profile, bootLoaders: ['ipxe'] })
    await addSystem('wish-1', one.mac, '10.77.0.31', { profile: 'by-ipxe' })
    await addSystem('wish-2', other.mac, '10.77.0.32', { profile: 'by-ipxe', filename: 'site/own.efi' })
    await addSystem('wish-3', neighbor.mac, '10.77.0.33')
    const files = []
    for (const machine of [one, other, neighbor]) files.push((await machine.udhcpc(asUefi)).at(-1)?.['bootfile'])
    expect(files).toEqual(['snponly.efi', 'site/own.efi', 'shimx64.efi'])
  })

  test('as the boot ROM of a Raspberry Pi is told its menu', async () => {
    const machine = await client('br0', 'dc:a6:32:77:01:01')
    await addSystem('pi', machine.mac, '10.77.0.34')
    const asPi = ['-V', 'PXEClient:Arch:00000:UNDI:002001', '-x', '0x5d:0000', '-O', '43', '-O', 'tftp']
    const told = (await machine.udhcpc(asPi)).at(-1)
    expect(told).toMatchObject({ tftp: '10.77.0.1', siaddr: '10.77.0.1' })
    expect(told?.['opt43']).toContain(Buffer.from('Raspberry Pi Boot').toString('hex'))
  })

  test('as iPXE is told a URL of its own', async () => {
    const machine = await client()
    await addSystem('ipxe', machine.mac, '10.77.0.30')
    const told = await machine.udhcpc(['-V', 'PXEClient:Arch:00000', '-x', '0x5d:0000', '-x', '0x4d:69505845'])
    const name = `01-${machine.mac.replaceAll(':', '-')}`
    expect(told.at(-1)?.['boot_file']).toMatch(new RegExp(`^http://[^/]+/boot/ipxe/${name}$`))
  })

  test('as PXE of a machine that nobody knows hears nothing, and is recorded with what it asked', async () => {
    const machine = await client()
    await expect(machine.udhcpc(['-V', 'PXEClient:Arch:00007', '-x', '0x5d:0007'], 2)).rejects.toThrow(/no lease/)
    const [event] = await eventsOf(machine.mac)
    expect(event).toMatchObject({
      name: 'machine.unknown',
      payload: {
        asked: 'a DHCP DISCOVER to boot: uefi-x64, architecture 7, vendor class PXEClient:Arch:00007',
      },
    })
    expect(await leaseOf(machine.mac)).toBeUndefined()
  })

  test('that finds its address in use says so, and gets another', async () => {
    const [machine, squatter] = [await client(), await client()]
    const [before] = (await machine.udhcpc()).filter(({ event }) => event === 'bound')
    const address = before?.['ip'] ?? ''
    await machine.namespace.exec('ip', ['address', 'flush', 'dev', 'eth0'])
    await squatter.namespace.exec('ip', ['address', 'add', `${address}/24`, 'dev', 'eth0'])
    const after = (await machine.udhcpc(['-a500', '-A', '1'])).at(-1)
    expect(after?.['event']).toBe('bound')
    expect(after?.['ip']).not.toBe(address)
    expect((await leases()).find(({ ip }) => ip === address)?.state).toBe('declined')
  })

  test('renews by unicast when it is told to', async () => {
    const machine = await client()
    const [bound] = (await machine.udhcpc()).filter(({ event }) => event === 'bound')
    const before = await leaseOf(machine.mac)
    const run = machine.namespace.spawn('busybox', ['udhcpc', '-f', '-i', 'eth0', '-r', bound?.['ip'] ?? ''], {
      stdio: 'ignore',
    })
    onTestFinished(() => void run.kill('SIGKILL'))
    await expect.poll(async () => (await leaseOf(machine.mac))?.expires).not.toBe(before?.expires)
    const first = (await leaseOf(machine.mac))?.expires
    run.kill('SIGUSR1')
    await expect.poll(async () => (await leaseOf(machine.mac))?.expires).not.toBe(first)
  })

  test('on an interface that is not served hears nothing', async () => {
    const machine = await client('br2')
    await expect(machine.udhcpc([], 2)).rejects.toThrow(/no lease/)
    expect(await eventsOf(machine.mac)).toEqual([])
  })
})

test('a client behind Debian’s relay, with option 82, gets an address of its own network', async () => {
  const relay = await makeNamespace()
  await relay.bridge('inner', '10.88.0.1/24')
  await server.link(relay, 'br0', 'outer')
  await relay.exec('ip', ['address', 'add', '10.77.0.2/24', 'dev', 'outer'])
  await relay.exec('sysctl', ['-qw', 'net.ipv4.ip_forward=1'])
  await server.exec('ip', ['route', 'add', '10.88.0.0/24', 'via', '10.77.0.2'])
  relay.spawn('dhcrelay', ['-4', '-d', '-a', '-iu', 'outer', '-id', 'inner', '10.77.0.1'], { stdio: 'ignore' })

  const machine = { mac: newMac() }
  const told = await (await clientMachine(relay, 'inner', machine.mac)).udhcpc([], 20)
  expect(told.at(-1)).toMatchObject({ event: 'bound', router: '10.88.0.1', dns: '10.88.0.53' })
  expect(told.at(-1)?.['ip']).toMatch(/^10\.88\.0\.1[012]\d$/)
})

test('rubbish is met with silence, and the next client with an answer', async () => {
  const attacker = await makeNamespace()
  await server.link(attacker, 'br0', 'eth0')
  await attacker.exec('ip', ['address', 'add', '10.77.0.66/24', 'dev', 'eth0'])
  const rubbish = `
    const { createSocket } = require('node:dgram'), { randomBytes, randomInt } = require('node:crypto')
    const head = Buffer.alloc(240); head.write('01010600', 'hex'); head.write('52540077eeee', 28, 'hex'); head.write('63825363', 236, 'hex')
    const socket = createSocket('udp4')
    let left = 3000
    const next = () => {
      if (left-- === 0) return socket.close()
      const tail = randomBytes(randomInt(300))
      const bytes = left % 3 === 0 ? tail : Buffer.concat([head, left % 3 === 1 ? Buffer.from([53, 1, 1 + left % 8]) : Buffer.alloc(0), tail])
      socket.send(bytes, 67, '10.77.0.1', next)
    }
    next()`
  await attacker.exec(process.execPath, ['-e', rubbish])
  await daemon.logged('more of the like from this peer is not logged')
  const machine = await client()
  expect((await machine.udhcpc()).at(-1)?.['event']).toBe('bound')
  expect(daemon.log()).not.toContain('a DHCP request got no answer')
})
