/** DNS at our IPv6 address of a served link, where no setting speaks of IPv6 but the subnet's: as dig and the nodes see it. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { type ClientMachine, clientMachine } from '../support/dhcp-clients.ts'
import { makeNamespace, type Namespace, whyNoNamespaces } from '../support/namespace.ts'

const MAC = '52:54:00:77:00:01'
const GIVEN = 'fd77::d06:5254:77:1'
/** What the kernel makes itself of the MAC. */
const MADE = 'fd77::5054:ff:fe77:1'
let site: Namespace
let machine: ClientMachine
let node: Namespace
let daemon: Daemon

beforeAll(async () => {
  if (whyNoNamespaces()) return
  await needPackages('bind9-dnsutils', 'isc-dhcp-client', 'curl')
  site = await makeNamespace()
  await site.bridge('nodes', '10.77.0.1/24')
  machine = await clientMachine(site, 'nodes', MAC)
  node = machine.namespace
  // Of the address that the kernel still asks about when the daemon starts: it cannot be listened at for a second.
  await site.exec('ip', ['address', 'add', 'fd77::1/64', 'dev', 'nodes'])
  daemon = await startDaemon({
    namespace: site,
    env: { ORCHESTRA_HTTP__LISTEN: undefined },
    config: {
      http: { listen: '[::]:80' },
      tftp: { enabled: false },
      dns: { enabled: true, listen: '0.0.0.0:53' },
      dhcp: { subnets: [{ subnet: '10.77.0.0/24', ipv6: 'fd77::/64', domain: 'lab.example' }] },
    },
  })
  await api('distros', { name: 'debian', kernel: '/srv/debian/linux', initrd: '/srv/debian/initrd.gz' })
  await api('profiles', { name: 'debian', distro: 'debian' })
  await api('systems', { name: 'node1', profile: 'debian', interfaces: { eth0: { macAddress: MAC } } })
  const other = { ipv6_address: 'fd77::22' }
  await api('systems', { name: 'node2', profile: 'debian', interfaces: { eth0: { ipAddress: '10.77.0.22', other } } })
}, 120_000)

async function api(path: string, body: object): Promise<string> {
  const headers = ['-H', `Authorization: Bearer ${await daemon.token()}`, '-H', 'Content-Type: application/json']
  return site.exec('curl', ['-sS', '-f', ...headers, '-d', JSON.stringify(body), `http://10.77.0.1/api/${path}`])
}

const addresses = () => node.exec('ip', ['-6', 'address', 'show', 'dev', 'eth0'])
const dig = (...args: string[]) => node.exec('dig', ['@fd77::1', '+tries=1', '+time=5', ...args])
const short = async (...args: string[]) => (await dig('+short', ...args)).trim().split('\n').sort()

describe.skipIf(whyNoNamespaces())('DNS', () => {
  test('is told to the nodes at that address, and answers there by UDP and TCP', async () => {
    await expect.poll(addresses, { timeout: 30_000 }).toMatch(new RegExp(`inet6 ${MADE}/64 (?!.*tentative)`))
    expect(await machine.dhclient6(['-S'])).toMatchObject({ new_dhcp6_name_servers: 'fd77::1' })
    for (const way of ['+notcp', '+tcp']) {
      expect(await short(way, 'ns.lab.example', 'AAAA')).toEqual(['fd77::1'])
      expect(await short(way, 'ns.lab.example', 'A')).toEqual(['10.77.0.1'])
    }
  })

  test('knows the address that is set, forward and reverse', async () => {
    expect(await dig('node2.lab.example', 'AAAA')).toMatch(/^node2\.lab\.example\.\s+60\s+IN\s+AAAA\s+fd77::22$/m)
    expect(await short('node2', 'A')).toEqual(['10.77.0.22'])
    expect(await short('-x', 'fd77::22')).toEqual(['node2.lab.example.'])
  })

  test('knows the address that DHCPv6 gives, from when it is given until it is given back', async () => {
    expect(await dig('node1.lab.example', 'AAAA')).toMatch(/ANSWER: 0/)
    expect(await machine.dhclient6()).toMatchObject({ event: 'BOUND6', new_ip6_address: GIVEN })
    expect(await short('node1.lab.example', 'AAAA')).toEqual([GIVEN])
    expect(await short('-x', GIVEN)).toEqual(['node1.lab.example.'])
    await machine.dhclient6(['-r'])
    expect(await dig('node1.lab.example', 'AAAA')).toMatch(/ANSWER: 0/)
  })

  test('knows who has made himself an address, and of no other in the network', async () => {
    expect(await short('-x', MADE)).toEqual(['node1.lab.example.'])
    expect(await short('-x', 'fd77::1')).toEqual(['ns.lab.example.'])
    expect(await dig('-x', 'fd77::99')).toMatch(/status: NXDOMAIN/)
    expect(await dig('-x', 'fd78::99')).toMatch(/status: REFUSED/)
    expect(await short('0.0.0.0.0.0.0.0.0.0.0.0.7.7.d.f.ip6.arpa', 'NS')).toEqual(['ns.lab.example.'])
  })
})

test.skipIf(whyNoNamespaces())('the daemon ends cleanly', async () => {
  expect(await daemon.stop()).toBe(0)
  expect(daemon.records().filter(({ level }) => Number(level) >= 40)).toEqual([])
})
