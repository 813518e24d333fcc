/**
 * A machine that installs, watched in a real browser: dhclient in a firmware's words, curl and atftp that fetch, logger; the
 * timeline moves with each of them. And the DHCP reply that it would get, option by option.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { logIn, type Sitting, seriousFindings, takePictures } from '../../support/browser.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../../support/daemon.ts'
import { needPackages } from '../../support/debian.ts'
import { type ClientMachine, clientMachine } from '../../support/dhcp-clients.ts'
import { makeNamespace, type Namespace } from '../../support/namespace.ts'

const SERVER = '10.77.0.1'
const MAC = '52:54:00:77:03:01'
const UEFI = `option arch code 93 = unsigned integer 16; send arch 7;
send vendor-class-identifier "PXEClient:Arch:00007:UNDI:003016";`

let network: Namespace
let daemon: Daemon
let node: ClientMachine
let sitting: Sitting

beforeAll(async () => {
  await needPackages('iproute2', 'isc-dhcp-client', 'curl', 'atftp', 'bsdutils')
  const folder = temporaryFolder()
  for (const name of ['linux', 'initrd.gz']) writeFileSync(join(folder, name), 'x'.repeat(300_000))
  network = await makeNamespace()
  await network.bridge('br0', `${SERVER}/24`)
  const subnets = [{ subnet: '10.77.0.0/24', pool: '10.77.0.100-10.77.0.150' }]
  daemon = await startDaemon({
    namespace: network,
    config: { dhcp: { enabled: true, interfaces: ['br0'], subnets } },
    env: {
      ...{ ORCHESTRA_HTTP__LISTEN: `${SERVER}:80`, ORCHESTRA_TFTP__LISTEN: `${SERVER}:69` },
      ORCHESTRA_SYSLOG__LISTEN: `${SERVER}:514`,
    },
  })
  mkdirSync(join(daemon.data, 'boot'), { recursive: true })
  writeFileSync(join(daemon.data, 'boot', 'shimx64.efi'), 'l'.repeat(50_000))
  await post('/api/distros', {
    ...{ name: 'trixie', breed: 'debian', osVersion: 'trixie', arch: 'x86_64' },
    ...{ kernel: join(folder, 'linux'), initrd: join(folder, 'initrd.gz') },
  })
  await post('/api/profiles', { name: 'web', distro: 'trixie' })
  const interfaces = { eth0: { macAddress: MAC } }
  await post('/api/systems', { name: 'node1', profile: 'web', netbootEnabled: true, interfaces })
  node = await clientMachine(network, 'br0', MAC)
  sitting = await logIn({ url: `http://${SERVER}`, password: daemon.password }, { namespace: network })
})

async function post(path: string, body: object): Promise<void> {
  const headers = ['-H', `Authorization: Bearer ${await daemon.token()}`, '-H', 'Content-Type: application/json']
  await network.exec('curl', ['-sSf', '-X', 'POST', ...headers, '--data-binary', '@-', `http://${SERVER}${path}`], {
    stdin: JSON.stringify(body),
  })
}

const get = (path: string) =>
  node.namespace.exec('curl', ['-sSf', '--max-time', '20', '-o', '/dev/null', `http://${SERVER}${path}`])
const says = (text: string) =>
  node.namespace.exec('logger', ['-n', SERVER, '-P', '514', '-d', '-t', 'main-menu', '--', text])

test('its timeline moves while it installs, from the first DHCP request to ready', async () => {
  const { page } = sitting
  await page.goto('/ui/machines/node1?tab=boots')
  await page.getByText('It was not seen booting yet').waitFor()

  await node.dhclient(UEFI)
  await page.getByRole('img', { name: /^From power-on on, .*: DHCP / }).waitFor()
  const verdict = page.getByRole('region', { name: 'Verdict' })
  await verdict.getByText(/node1 is on its way/).waitFor()
  await node.namespace.exec('atftp', ['--get', '-r', 'shimx64.efi', '-l', '/dev/null', SERVER, '69'])
  await page.getByRole('row', { name: /TFTP shimx64\.efi was sent .* 50 kB/ }).waitFor()
  await get(`/boot/grub/grub.cfg-01-${MAC.replaceAll(':', '-')}`)
  await page.getByRole('img', { name: /Loader .*, Boot script / }).waitFor()
  await get('/boot/images/trixie/linux')
  await get('/cblr/svc/op/autoinstall/system/node1')
  await page.getByRole('img', { name: /Kernel .*, Preseed / }).waitFor()
  await says('Menu item partman-base selected')
  await page.getByRole('row', { name: /Syslog main-menu: Menu item partman-base selected/ }).waitFor()
  await page.getByRole('link', { name: /under-way reached (preseed|installing)/ }).waitFor()
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await seriousFindings(page), colorScheme).toEqual([])
  }
  await takePictures(page, 'machine-boot-live')

  await get('/cblr/svc/op/nopxe/system/node1')
  await get('/cblr/svc/op/trig/mode/firstboot/system/node1')
  await verdict.getByText('node1 is ready: the installed system called').waitFor()
  await page.getByRole('link', { name: /ready reached ready/ }).waitFor()

  await page.getByText('Step by step').click()
  await page.getByRole('group', { name: 'Lanes' }).getByText('DHCP').click()
  await page.getByRole('row', { name: /DHCP DISCOVER/ }).waitFor({ state: 'detached' })
  await page.reload()
  await page.getByRole('row', { name: /TFTP shimx64\.efi was sent/ }).waitFor()
  expect(await page.getByRole('row', { name: /DHCP DISCOVER/ }).count()).toBe(0)
  expect(await page.getByRole('radio', { name: 'Step by step' }).isChecked()).toBe(true)
  await verdict.getByRole('link').click()
  await page.locator('tr[data-chosen]').waitFor()
  await takePictures(page, 'machine-boot-ready')
})

test('its boot is taken away as JSON and as packets', async () => {
  const { page } = sitting
  for (const [words, suffix] of [
    ['JSON', 'json'],
    ['Packets', 'pcapng'],
  ] as const) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: words }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(new RegExp(`\\.${suffix}$`))
    expect(await download.failure()).toBeNull()
  }
})

test('its DHCP reply is told option by option, by code, name, value and bytes', async () => {
  const { page } = sitting
  await page.goto('/ui/machines/node1?tab=explain&netboot=on&firmware=uefi')
  const options = page.getByRole('region', { name: 'DHCP options' })
  await options.getByRole('row', { name: /^67 .*shimx64\.efi.* [0-9a-f]{2}/ }).waitFor()
  await options.getByRole('row', { name: /^54 .*10\.77\.0\.1/ }).waitFor()
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await seriousFindings(page), colorScheme).toEqual([])
  }
  await takePictures(page, 'machine-explain-dhcp')
  expect(sitting.complaints).toEqual([])
})
