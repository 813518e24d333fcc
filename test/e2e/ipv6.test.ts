/** IPv6 of a served link as its clients see it: the kernel's own, and rdisc6, which shows every option. */
import { beforeAll, describe, expect, test } from 'vitest'
import { encodeOptions, MESSAGE, OPTION } from '../../src/dhcp6/codec.ts'
import { type Ipv6, ipv6OfBytes, ipv6ToBytes } from '../../src/model/address6.ts'
import { askingBytes, relayedBytes } from '../dhcp6/asking.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { type ClientMachine, clientMachine } from '../support/dhcp-clients.ts'
import { makeNamespace, type Namespace, whyNoNamespaces } from '../support/namespace.ts'
import { bareKernel, startUefiIpv6 } from '../support/uefi-ipv6.ts'

let site: Namespace
let machine: ClientMachine
let node: Namespace
let daemon: Daemon

beforeAll(async () => {
  if (whyNoNamespaces()) return
  await needPackages('ndisc6', 'bind9-dnsutils', 'isc-dhcp-client')
  site = await makeNamespace()
  await site.bridge('nodes', '10.77.0.1/24')
  await site.exec('ip', ['address', 'add', 'fd77::1/64', 'dev', 'nodes', 'nodad'])
  machine = await clientMachine(site, 'nodes', '52:54:00:77:00:01')
  node = machine.namespace
  daemon = await startDaemon({
    namespace: site,
    env: { ORCHESTRA_HTTP__LISTEN: undefined },
    config: {
      http: { listen: '[::]:80' },
      tftp: { enabled: false },
      dns: { enabled: true, listen: '[::]:53' },
      dhcp: { subnets: [{ subnet: '10.77.0.0/24', ipv6: 'fd77::/64', domain: 'lab.example', mtu: 1400 }] },
    },
  })
}, 120_000)

async function curl(...args: string[]): Promise<string> {
  return site.exec('curl', ['-sS', '-f', '-H', `Authorization: Bearer ${await daemon.token()}`, ...args])
}
const get = (path: string) => curl(`http://[fd77::1]${path}`)
const api = (path: string, body: object) =>
  curl('-H', 'Content-Type: application/json', '-d', JSON.stringify(body), `http://[fd77::1]${path}`)

const addresses = () => node.exec('ip', ['-6', 'address', 'show', 'dev', 'eth0'])

describe.skipIf(whyNoNamespaces())('a node', () => {
  test('makes itself an address of what is advertised, and takes us for no router', async () => {
    await expect.poll(addresses, { timeout: 30_000 }).toMatch(/inet6 fd77::5054:ff:fe77:1\/64 .*(mngtmpaddr|dynamic)/)
    expect(await node.exec('ip', ['-6', 'route', 'show', 'default'])).toBe('')
    // We tell others, and make ourselves none of it.
    expect(await site.exec('ip', ['-6', 'address', 'show', 'dev', 'nodes', 'scope', 'global'])).not.toMatch(/dynamic/)
  })

  test('is answered at once when it asks', async () => {
    await expect.poll(addresses, { timeout: 30_000 }).not.toMatch(/tentative/)
    const said = await node.exec('rdisc6', ['-1', '-r', '1', '-w', '3000', 'eth0'])
    expect(said).toMatch(/Stateful other conf\.\s*:\s*Yes/)
    expect(said).toMatch(/Router lifetime\s*:\s*0 /)
    expect(said).toMatch(/Prefix\s*:\s*fd77::\/64/)
    expect(said).toMatch(/MTU\s*:\s*1400 bytes/)
    expect(said).toMatch(/Recursive DNS server\s*:\s*fd77::1$/m)
    expect(said).toMatch(/DNS search list\s*:\s*lab\.example\s*$/m)
  })

  test('is told names by DHCPv6, and an address when it wants one: always the same', async () => {
    const told = await machine.dhclient6(['-S'])
    expect(told).toMatchObject({ new_dhcp6_name_servers: 'fd77::1', new_dhcp6_domain_search: 'lab.example.' })
    expect(told['new_ip6_address']).toBeUndefined()
    for (let times = 0; times < 2; times++) {
      const given = await machine.dhclient6()
      expect(given).toMatchObject({ event: 'BOUND6', new_ip6_address: 'fd77::d06:5254:77:1' })
      await machine.dhclient6(['-r'])
    }
  })

  test('is answered through a switch that relays on its own link, and tells the port', async () => {
    const peer = 'fe80::5054:ff:fe77:9' as Ipv6
    const port = encodeOptions([[OPTION.interfaceId, Buffer.from('port 9')]])
    const asked = relayedBytes(askingBytes('solicit', { wishes: [] }), '::' as Ipv6, peer, port)
    const relay = `
      const socket = require('node:dgram').createSocket('udp6')
      socket.on('message', (bytes) => { process.stdout.write(bytes.toString('hex')); socket.close() })
      socket.bind(547, () => socket.send(Buffer.from(process.argv[1], 'hex'), 547, 'ff02::1:2%eth0'))`
    const hex = await node.exec(process.execPath, ['-e', relay, Buffer.from(asked).toString('hex')])
    const answer = Buffer.from(hex, 'hex')
    expect([answer[0], ipv6OfBytes(answer.subarray(18))]).toEqual([MESSAGE.relayReply, peer])
    expect(answer.includes(port)).toBe(true)
    expect(hex).toContain(Buffer.from(ipv6ToBytes('fd77::d06:5254:77:9') ?? []).toString('hex'))
  })

  test('reaches our DNS over IPv6', async () => {
    expect(await node.exec('dig', ['@fd77::1', '+tries=1', '+short', 'lab.example', 'NS'])).toBe('ns.lab.example.\n')
  })
})

test.skipIf(whyNoNamespaces())(
  'UEFI boots by HTTP over IPv6 alone, up to its kernel',
  { timeout: 240_000 },
  async () => {
    const mac = '52:54:00:77:00:07'
    await api('/api/distros', { name: 'debian', ...(await bareKernel()) })
    await api('/api/profiles', { name: 'debian', distro: 'debian', kernelOptions: { console: 'ttyS0' } })
    await api('/api/systems', { name: 'node7', profile: 'debian', interfaces: { eth0: { macAddress: mac } } })
    const said = await startUefiIpv6(site, 'nodes', mac)
    await expect.poll(said, { timeout: 100_000, interval: 500 }).toMatch(/Linux version/)
    expect(said()).toMatch(/Station IPv6 address is FD77:0:0:0:D06:5254:77:7/)
    expect(said()).toContain('URI: http://[fd77::1]/boot/')
    // It was known by its address.
    const events = JSON.parse(await get('/api/events.json?limit=1000')) as {
      payload: { step?: string; mac?: string }
    }[]
    expect(events.filter(({ payload }) => payload.mac === mac).map(({ payload }) => payload.step)).toEqual(
      expect.arrayContaining(['loader', 'config', 'kernel']),
    )
  },
)

test.skipIf(whyNoNamespaces())('the daemon ends cleanly', async () => {
  expect(await daemon.stop()).toBe(0)
  expect(daemon.records().filter(({ level }) => Number(level) >= 50)).toEqual([])
})
