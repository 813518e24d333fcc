/** DNS and TFTP at our IPv6 address of a served link, where no setting speaks of IPv6 but the subnet's: as their clients see them. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { type ClientMachine, clientMachine } from '../support/dhcp-clients.ts'
import { makeNamespace, type Namespace, whyNoNamespaces } from '../support/namespace.ts'
import { bareKernel, startUefiIpv6 } from '../support/uefi-ipv6.ts'

const MAC = '52:54:00:77:00:01'
const GIVEN = 'fd77::d06:5254:77:1'
/** What the kernel makes itself of the MAC. */
const MADE = 'fd77::5054:ff:fe77:1'
const file = randomBytes(3_000_000)
let site: Namespace
let machine: ClientMachine
let node: Namespace
let daemon: Daemon

beforeAll(async () => {
  if (whyNoNamespaces()) return
  await needPackages('bind9-dnsutils', 'isc-dhcp-client', 'curl', 'atftp', 'tftp-hpa')
  site = await makeNamespace()
  await site.bridge('nodes', '10.77.0.1/24')
  machine = await clientMachine(site, 'nodes', MAC)
  node = machine.namespace
  // Of the address that the kernel still asks about when the daemon starts: it cannot be listened at for a second.
  await site.exec('ip', ['address', 'add', 'fd77::1/64', 'dev', 'nodes'])
  daemon = await startDaemon({
    namespace: site,
    env: { ORCHESTRA_HTTP__LISTEN: undefined, ORCHESTRA_TFTP__LISTEN: undefined },
    config: {
      http: { listen: '[::]:80' },
      dns: { enabled: true, listen: '0.0.0.0:53' },
      dhcp: { subnets: [{ subnet: '10.77.0.0/24', ipv6: 'fd77::/64', domain: 'lab.example' }] },
    },
  })
  await api('distros', { name: 'debian', ...(await bareKernel()) })
  await api('profiles', { name: 'debian', distro: 'debian', kernelOptions: { console: 'ttyS0' } })
  await api('systems', { name: 'node1', profile: 'debian', interfaces: { eth0: { macAddress: MAC } } })
  const other = { ipv6_address: 'fd77::22' }
  await api('systems', { name: 'node2', profile: 'debian', interfaces: { eth0: { ipAddress: '10.77.0.22', other } } })
  mkdirSync(join(daemon.data, 'boot'), { recursive: true })
  writeFileSync(join(daemon.data, 'boot/file.bin'), file)
}, 300_000)

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

/** Fetches to a local path. */
type Fetch = (name: string, to: string) => Promise<string>
const curl =
  (...options: string[]): Fetch =>
  (name, to) =>
    node.exec('curl', ['-sS', ...options, '-o', to, `tftp://[fd77::1]/${name}`])
const atftp =
  (...options: string[]): Fetch =>
  (name, to) =>
    node.exec('atftp', ['-g', '-r', name, '-l', to, ...options.flatMap((one) => ['--option', one]), 'fd77::1'])
const hpa: Fetch = (name, to) => node.exec('tftp', ['-6', '-m', 'octet', 'fd77::1', '-c', 'get', name, to])

describe.skipIf(whyNoNamespaces())('TFTP', () => {
  test.each<[string, Fetch]>([
    ['curl', curl()],
    ['curl with large blocks', curl('--tftp-blksize', '1428')],
    ['curl with blocks that are larger than a packet', curl('--tftp-blksize', '65464')],
    ['atftp with a window', atftp('blksize 1428', 'windowsize 16')],
    ['tftp-hpa', hpa],
  ])('sends a file as it is to %s', async (_, fetch) => {
    await expect.poll(addresses, { timeout: 30_000 }).toMatch(new RegExp(`inet6 ${MADE}/64 (?!.*tentative)`))
    const to = join(temporaryFolder(), 'file')
    await fetch('file.bin', to)
    expect(readFileSync(to).equals(file)).toBe(true)
  })

  test('sends no packet that must be cut up on the way', async () => {
    // The kernel counts what it has cut up.
    const cut = async () => Number(/^Ip6FragCreates\s+(\d+)/m.exec(await site.exec('cat', ['/proc/net/snmp6']))?.[1])
    const before = await cut()
    await curl('--tftp-blksize', '65464')('file.bin', join(temporaryFolder(), 'file'))
    expect(await cut()).toBe(before)
  })

  test('knows a machine by its address, and tells it URLs of IPv6', async () => {
    const to = join(temporaryFolder(), 'config')
    await curl()('grub/grub.cfg', to)
    expect(readFileSync(to, 'utf8')).toContain('(http,[fd77::1])/boot')
    await curl()('ipxe/01-52-54-00-77-00-01', to)
    expect(readFileSync(to, 'utf8')).toContain('kernel http://[fd77::1]/boot/images/debian/')
  })
})

test.skipIf(whyNoNamespaces())(
  'UEFI boots by PXE over IPv6 alone, up to its kernel',
  { timeout: 240_000 },
  async () => {
    const mac = '52:54:00:77:00:07'
    await api('systems', { name: 'node7', profile: 'debian', interfaces: { eth0: { macAddress: mac } } })
    const said = await startUefiIpv6(site, 'nodes', mac)
    await expect.poll(said, { timeout: 150_000, interval: 500 }).toMatch(/Linux version/)
    expect(said()).toMatch(/Start PXE over IPv6/)
    expect(said()).toMatch(/NBP filename is snponly\.efi[\s\S]*NBP file downloaded successfully/)
    expect(said()).not.toContain('HTTP Boot')
    // It was known by its address.
    const token = await daemon.token()
    const events = JSON.parse(
      await site.exec('curl', [
        '-sS',
        '-f',
        '-H',
        `Authorization: Bearer ${token}`,
        'http://10.77.0.1/api/events.json?limit=1000',
      ]),
    ) as { payload: { step?: string; mac?: string } }[]
    expect(events.filter(({ payload }) => payload.mac === mac).map(({ payload }) => payload.step)).toEqual(
      expect.arrayContaining(['loader', 'config', 'kernel']),
    )
  },
)

test.skipIf(whyNoNamespaces())('the daemon ends cleanly', async () => {
  expect(await daemon.stop()).toBe(0)
  expect(daemon.records().filter(({ level }) => Number(level) >= 40)).toEqual([])
})
