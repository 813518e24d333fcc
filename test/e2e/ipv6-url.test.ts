/** What machines that boot by IPv6 are told when `http.url` says where they fetch from: that, wherever we ourselves listen. */
import { beforeAll, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { type ClientMachine, clientMachine } from '../support/dhcp-clients.ts'
import { makeNamespace, whyNoNamespaces } from '../support/namespace.ts'

const MAC = '52:54:00:77:00:01'
const URL = 'https://boot.lab.example:8443'
let machine: ClientMachine
let daemon: Daemon

beforeAll(async () => {
  if (whyNoNamespaces()) return
  await needPackages('isc-dhcp-client', 'curl')
  const site = await makeNamespace()
  await site.bridge('br0', '10.77.0.1/24')
  await site.exec('ip', ['address', 'add', 'fd77::1/64', 'dev', 'br0', 'nodad'])
  machine = await clientMachine(site, 'br0', MAC)
  daemon = await startDaemon({
    namespace: site,
    env: { ORCHESTRA_HTTP__LISTEN: '10.77.0.1:80' },
    config: {
      http: { url: URL },
      tftp: { enabled: false },
      dhcp: { interfaces: ['br0'], probe: false, subnets: [{ subnet: '10.77.0.0/24', ipv6: 'fd77::/64' }] },
    },
  })
  const headers = ['-H', `Authorization: Bearer ${await daemon.token()}`, '-H', 'Content-Type: application/json']
  const add = (path: string, body: object) =>
    site.exec('curl', ['-sS', '-f', ...headers, '-d', JSON.stringify(body), `http://10.77.0.1/api/${path}`])
  await add('distros', { name: 'debian', kernel: '/srv/debian/linux', initrd: '/srv/debian/initrd.gz' })
  await add('profiles', { name: 'debian', distro: 'debian' })
  await add('systems', { name: 'node1', profile: 'debian', interfaces: { eth0: { macAddress: MAC } } })
}, 60_000)

test.skipIf(whyNoNamespaces())('the boot file is there, and nobody is warned that we do not listen', async () => {
  const addresses = () => machine.namespace.exec('ip', ['-6', 'address', 'show', 'dev', 'eth0'])
  await expect.poll(addresses, { timeout: 30_000 }).toMatch(/inet6 fe80(?!.*tentative)/)
  const told = await machine.dhclient6(['-S'], 'send dhcp6.client-arch-type 16; request dhcp6.bootfile-url;')
  expect(told['new_dhcp6_bootfile_url']).toMatch(new RegExp(`^${URL}/boot/`))
  expect(await daemon.stop()).toBe(0)
  expect(daemon.records().filter(({ level }) => Number(level) >= 40)).toEqual([])
})
