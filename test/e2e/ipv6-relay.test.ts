/** DHCPv6 from a network in which no interface of the daemon is: through the relays that routers run, to a real client. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { type ClientMachine, clientMachine } from '../support/dhcp-clients.ts'
import { makeNamespace, type Namespace, whyNoNamespaces } from '../support/namespace.ts'

const MAC = '52:54:00:77:00:01'
let site: Namespace
let router: Namespace
let machine: ClientMachine
let node: Namespace
let daemon: Daemon

beforeAll(async () => {
  if (whyNoNamespaces()) return
  await needPackages('isc-dhcp-relay', 'isc-dhcp-client', 'dnsmasq-base', 'curl')
  ;[site, router] = [await makeNamespace(), await makeNamespace()]
  await site.bridge('servers', '10.88.0.1/24')
  await site.exec('ip', ['address', 'add', 'fd88::1/64', 'dev', 'servers', 'nodad'])
  await site.exec('ip', ['-6', 'route', 'add', 'fd77::/64', 'dev', 'servers', 'via', 'fd88::2'])
  await site.link(router, 'servers', 'wan')
  await router.exec('sysctl', ['-qw', 'net.ipv6.conf.all.forwarding=1'])
  await router.exec('ip', ['address', 'add', 'fd88::2/64', 'dev', 'wan', 'nodad'])
  await router.bridge('rack', '10.77.0.254/24')
  await router.exec('ip', ['address', 'add', 'fd77::fe/64', 'dev', 'rack', 'nodad'])
  machine = await clientMachine(router, 'rack', MAC)
  node = machine.namespace
  daemon = await startDaemon({
    namespace: site,
    env: { ORCHESTRA_HTTP__LISTEN: undefined },
    config: {
      log: { level: 'debug' },
      // Of no use to whoever boots by IPv6.
      http: { listen: '[::]:80', url: 'http://10.88.0.1' },
      tftp: { enabled: false },
      dns: { enabled: true, listen: '[::]:53' },
      dhcp: {
        interfaces: ['servers'],
        subnets: [{ subnet: '10.77.0.0/24', ipv6: 'fd77::/64', domain: 'lab.example' }],
      },
    },
  })
  await api('/api/distros', { name: 'debian', kernel: '/srv/debian/linux', initrd: '/srv/debian/initrd.gz' })
  await api('/api/profiles', { name: 'debian', distro: 'debian' })
  await api('/api/systems', { name: 'node1', profile: 'debian', interfaces: { eth0: { macAddress: MAC } } })
}, 120_000)

async function api(path: string, body: object): Promise<string> {
  const headers = ['-H', `Authorization: Bearer ${await daemon.token()}`, '-H', 'Content-Type: application/json']
  return site.exec('curl', ['-sS', '-f', ...headers, '-d', JSON.stringify(body), `http://[fd88::1]${path}`])
}

/** Answers when it says the word that says that it serves. */
async function serving(relay: ChildProcess, word: RegExp): Promise<void> {
  onTestFinished(async () => {
    relay.kill('SIGKILL')
    if (relay.exitCode === null && relay.signalCode === null) await once(relay, 'exit')
  })
  await new Promise<void>((served, failed) => {
    let said = ''
    relay.stderr?.on('data', (part) => {
      said += String(part)
      if (word.test(said)) served()
    })
    relay.once('exit', () => failed(new Error(`the relay ended: ${said}`)))
  })
}

const SILENT = { stdio: ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe'] }
const dhcrelay = (...args: string[]) =>
  serving(router.spawn('dhcrelay', ['-6', '-d', '--no-pid', ...args], SILENT), /(Sending on [\s\S]*){2}/)
const dnsmasq = () => {
  const files = ['--conf-file=/dev/null', `--dhcp-leasefile=${temporaryFolder()}/leases`, '--pid-file=', '--user=root']
  const args = ['--keep-in-foreground', '--log-facility=-', '--port=0', '--dhcp-relay=fd77::fe,fd88::1', ...files]
  return serving(router.spawn('dnsmasq', args, SILENT), /DHCP relay from fd77::fe to fd88::1/)
}

const WISH = 'send dhcp6.client-arch-type 16; request dhcp6.name-servers, dhcp6.domain-search, dhcp6.bootfile-url;'

test.skipIf(whyNoNamespaces()).for<[string, () => Promise<void>]>([
  ['that knows our address', () => dhcrelay('-l', 'rack', '-u', 'fd88::1%wan')],
  [
    'that calls to any server, and tells by which of its interfaces it asks',
    () => dhcrelay('-I', '-l', 'rack', '-u', 'wan'),
  ],
  ['of dnsmasq', dnsmasq],
])('through a relay %s a machine has its address and its boot file', async ([, start]) => {
  const addresses = () => node.exec('ip', ['-6', 'address', 'show', 'dev', 'eth0'])
  await expect.poll(addresses, { timeout: 30_000 }).toMatch(/inet6 fe80(?!.*tentative)/)
  await start()
  const told = await machine.dhclient6([], WISH)
  expect(told).toMatchObject({
    event: 'BOUND6',
    new_ip6_address: 'fd77::d06:5254:77:1',
    new_dhcp6_name_servers: 'fd88::1',
    new_dhcp6_domain_search: 'lab.example.',
  })
  expect(told['new_dhcp6_bootfile_url']).toMatch(/^http:\/\/\[fd88::1\]\/boot\//)
  await machine.dhclient6(['-r'], WISH)
  const only = await machine.dhclient6(['-S'], WISH)
  expect(only['new_ip6_address']).toBeUndefined()
  expect(only['new_dhcp6_bootfile_url']).toBe(told['new_dhcp6_bootfile_url'])
})

test.skipIf(whyNoNamespaces())('by that address it is known, and is told URLs that lead here from there', async () => {
  await node.exec('ip', ['address', 'add', 'fd77::d06:5254:77:1/64', 'dev', 'eth0', 'nodad'])
  await node.exec('ip', ['-6', 'route', 'add', 'default', 'via', 'fd77::fe'])
  const config = await node.exec('curl', ['-sS', '-f', 'http://[fd88::1]/grub/grub.cfg'])
  expect(config).toContain('images/debian/linux')
  expect(config).toContain('http://[fd88::1]/')
  expect(config).not.toContain('10.88.0.1')
})

test.skipIf(whyNoNamespaces())('of a network that is none of ours a relay is told nothing', async () => {
  await router.exec('ip', ['address', 'add', 'fd99::fe/64', 'dev', 'rack', 'nodad'])
  await router.exec('ip', ['address', 'del', 'fd77::fe/64', 'dev', 'rack'])
  await dhcrelay('-l', 'rack', '-u', 'fd88::1%wan')
  const asked = machine.dhclient6(['-S'], WISH)
  asked.catch(() => {})
  await daemon.logged('DHCPv6 from a network that we do not serve')
})

test.skipIf(whyNoNamespaces())('the daemon ends cleanly', async () => {
  expect(await daemon.stop()).toBe(0)
  expect(daemon.records().filter(({ level }) => Number(level) >= 40)).toEqual([])
})
