/** The lines that we print for other DHCP servers, taken by those servers as they are; and machines that boot by them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { clientMachine } from '../support/dhcp-clients.ts'
import { startDnsmasq } from '../support/dnsmasq.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')
const SUBNET = '10.77.0.0/24'
let daemon: Daemon
let folder: string
let site: Namespace

beforeAll(async () => {
  await needPackages('dnsmasq-base', 'isc-dhcp-server', 'kea-dhcp4-server', 'busybox', 'iproute2')
  folder = temporaryFolder()
  site = await makeNamespace()
  await site.bridge('br0', '10.77.0.1/24')
  daemon = await startDaemon({ config: { http: { url: 'http://10.77.0.1' } } })
})

async function snippet(kind: string): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', ORCHESTRA_DATA: daemon.data }
  return await exec(process.execPath, [MAIN, 'doctor', 'net', '--snippet', kind], { env })
}

test('dnsmasq takes them, and tells each machine its file', async () => {
  const config = join(folder, 'dnsmasq.conf')
  writeFileSync(config, await snippet('dnsmasq'))
  await exec('dnsmasq', ['--test', `--conf-file=${config}`])
  await startDnsmasq(site, 'br0', config, ['--no-ping'])

  const machines = [
    [['-V', 'PXEClient:Arch:00000', '-x', '0x5d:0000'], 'pxelinux.0'],
    [['-V', 'PXEClient:Arch:00007', '-x', '0x5d:0007'], 'shimx64.efi'],
    [
      ['-V', 'HTTPClient:Arch:00016', '-x', '0x5d:0010'],
      expect.stringMatching(/^http:\/\/10\.77\.0\.1\/boot\/.*\.efi$/),
    ],
    [['-V', 'PXEClient:Arch:00000', '-x', '0x5d:0000', '-x', '0x4d:69505845'], 'http://10.77.0.1/boot/autoexec.ipxe'],
  ] as const
  for (const [index, [asks, file]] of machines.entries()) {
    const machine = await clientMachine(site, 'br0', `52:54:00:77:0a:0${index}`)
    const told = (await machine.udhcpc([...asks, '-O', 'bootfile'])).at(-1)
    expect(told?.['bootfile'] ?? told?.['boot_file']).toEqual(file)
    expect(told?.['siaddr']).toBe('10.77.0.1')
  }
})

test('ISC dhcpd takes them', async () => {
  const config = join(folder, 'dhcpd.conf')
  const rest = 'subnet 10.77.0.0 netmask 255.255.255.0 { range 10.77.0.200 10.77.0.210; }\n'
  writeFileSync(config, `${await snippet('isc')}${rest}`)
  await exec('/usr/sbin/dhcpd', ['-t', '-4', '-cf', config, '-lf', '/dev/null'])
})

test('Kea takes them', async () => {
  const config = join(folder, 'kea.json')
  const subnet4 = JSON.stringify([{ subnet: SUBNET, pools: [{ pool: '10.77.0.200 - 10.77.0.210' }] }])
  writeFileSync(config, `{ "Dhcp4": { ${await snippet('kea')}, "subnet4": ${subnet4}, "valid-lifetime": 3600 } }`)
  const env = { ...process.env, KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: folder, KEA_LOGGER_DESTINATION: 'stdout' }
  await exec('kea-dhcp4', ['-t', config], { env })
})

test('for any other there is a table; of none that nobody knows', async () => {
  expect(await snippet('router')).toMatch(/^7, 9\s+uefi-x64\s+shimx64\.efi$/m)
  await expect(snippet('windows')).rejects.toThrow(/server/)
})
