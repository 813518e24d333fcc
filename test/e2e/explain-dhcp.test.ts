/** What is explained of DHCP, by the real daemon that serves it: what a real client is told afterwards, and no lease of anybody's before. */
import { resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Explanation, Step } from '../../src/model/explanation.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { clientMachine } from '../support/dhcp-clients.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const SERVER = '10.77.0.1'
const MAC = '52:54:00:77:03:01'
const UEFI = `option arch code 93 = unsigned integer 16; send arch 7;
send vendor-class-identifier "PXEClient:Arch:00007:UNDI:003016";
request subnet-mask, routers, domain-name-servers, host-name, domain-name, tftp-server-name, bootfile-name;`

let network: Namespace
let daemon: Daemon

beforeAll(async () => {
  await needPackages('curl', 'iproute2', 'isc-dhcp-client')
  network = await makeNamespace()
  await network.bridge('br0', `${SERVER}/24`)
  const subnets = [{ subnet: '10.77.0.0/24', pool: '10.77.0.100-10.77.0.150', gateway: '10.77.0.254' }]
  daemon = await startDaemon({
    namespace: network,
    config: { dhcp: { enabled: true, interfaces: ['br0'], subnets } },
    env: { ORCHESTRA_HTTP__LISTEN: `${SERVER}:80`, ORCHESTRA_TFTP__LISTEN: `${SERVER}:69` },
  })
})

async function orchestra<Answer>(...args: string[]): Promise<Answer> {
  const said = await network.exec(process.execPath, [MAIN, ...args, '--json'], { env: { ORCHESTRA_DATA: daemon.data } })
  return JSON.parse(said) as Answer
}

async function dhcp(...args: string[]): Promise<Step> {
  const { steps } = await orchestra<Explanation>('explain', MAC, ...args)
  const step = steps.find(({ id }) => id === 'dhcp')
  if (!step) throw new Error('there is no DHCP step')
  return step
}

test('is what dhclient is told, and takes no lease', async () => {
  expect(await dhcp()).toMatchObject({ outcome: 'none', because: 'unknown machine, and enlisting is off' })
  await orchestra('distro', 'add', '--name', 'd', '--kernel', '/srv/linux', '--initrd', '/srv/initrd.gz')
  await orchestra('profile', 'add', '--name', 'p', '--distro', 'd')
  await orchestra('system', 'add', '--name', 'node1', '--profile', 'p', '--mac', MAC, '--hostname', 'web.example.org')

  const told = await dhcp('--firmware', 'uefi')
  expect(await dhcp('--firmware', 'uefi')).toEqual(told)
  expect(told).toMatchObject({ outcome: 'ok', title: 'DHCP OFFER' })
  const token = await daemon.token()
  const leases = ['-sS', '-H', `Authorization: Bearer ${token}`, `http://${SERVER}/api/leases`]
  expect(await network.exec('curl', leases)).toBe('[]')

  const client = await clientMachine(network, 'br0', MAC)
  const got = await client.dhclient(UEFI)
  const option = (code: number) => told.options?.find((one) => one.code === code)?.value
  expect(told.lines.map(({ text }) => text)).toContain(`yiaddr: ${got['new_ip_address']}`)
  expect(option(1)).toBe(got['new_subnet_mask'])
  expect(option(3)).toBe(got['new_routers'])
  expect(option(6)).toBe(got['new_domain_name_servers'])
  expect(option(12)).toBe(got['new_host_name'])
  expect(option(15)).toBe(got['new_domain_name'])
  expect(option(67)).toBe(got['new_bootfile_name'])
  expect(option(67)).toBe('shimx64.efi')
  expect((await dhcp('--netboot', 'off')).because).toContain('to local with shimx64.efi')
  // Its lease by now, and the firmware that it was seen with.
  const after = await dhcp()
  expect(after.lines.find(({ text }) => text.startsWith('yiaddr: '))?.from).toEqual([
    { kind: 'lease', name: got['new_ip_address'], field: null, line: null },
  ])
})
