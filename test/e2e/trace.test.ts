/**
 * The traces of boots, with the real daemon and clients that do what machines do: dhclient in a firmware's words, curl and
 * atftp that fetch, logger; from the DHCP request to the call of the installed system, with faults, kill -9 and a restart.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Boot } from '../support/boot-answer.ts'
import { BROADCAST, option, packetOf } from '../support/broadcast.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { type ClientMachine, clientMachine } from '../support/dhcp-clients.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const SERVER = '10.77.0.1'
const UEFI = `option arch code 93 = unsigned integer 16; send arch 7;
send vendor-class-identifier "PXEClient:Arch:00007:UNDI:003016";`
const STRANGER = `option arch code 93 = unsigned integer 16; send arch 99; send vendor-class-identifier "PXEClient:Arch:00099";`

let network: Namespace
let daemon: Daemon
let token: string

beforeAll(async () => {
  await needPackages('iproute2', 'isc-dhcp-client', 'curl', 'atftp', 'bsdutils')
  const folder = temporaryFolder()
  for (const name of ['linux', 'initrd.gz']) writeFileSync(join(folder, name), 'x'.repeat(300_000))
  network = await makeNamespace()
  await network.bridge('br0', `${SERVER}/24`)
  const subnets = [{ subnet: '10.77.0.0/24', pool: '10.77.0.100-10.77.0.150' }]
  daemon = await startDaemon({
    namespace: network,
    config: {
      dhcp: { enabled: true, interfaces: ['br0'], subnets },
      // Of what is waited for, seconds become tenths.
      trace: { patience: 0.1 },
    },
    env: {
      ...{ ORCHESTRA_HTTP__LISTEN: `${SERVER}:80`, ORCHESTRA_TFTP__LISTEN: `${SERVER}:69` },
      ORCHESTRA_SYSLOG__LISTEN: `${SERVER}:514`,
    },
  })
  mkdirSync(join(daemon.data, 'boot'), { recursive: true })
  writeFileSync(join(daemon.data, 'boot', 'shimx64.efi'), 'l'.repeat(50_000))
  token = await daemon.token()
  await api('POST', '/api/distros', { name: 'd', kernel: join(folder, 'linux'), initrd: join(folder, 'initrd.gz') })
  await api('POST', '/api/profiles', { name: 'p', distro: 'd' })
})

async function api<Answer = unknown>(method: string, path: string, body?: object): Promise<Answer> {
  const headers = ['-H', `Authorization: Bearer ${token}`, '-H', 'Content-Type: application/json']
  const data = body === undefined ? [] : ['--data-binary', '@-']
  const answer = await network.exec(
    'curl',
    ['-sS', '-f', '-X', method, ...headers, ...data, `http://${SERVER}${path}`],
    {
      ...(body !== undefined && { stdin: JSON.stringify(body) }),
    },
  )
  return JSON.parse(answer) as Answer
}

const orchestra = (...args: string[]) =>
  network.exec(process.execPath, [MAIN, ...args], { env: { ORCHESTRA_DATA: daemon.data } })

let machines = 0
/** @param more of its system; false: nobody knows it */
async function machine(more: object | false = {}): Promise<ClientMachine & { name: string; mac: string }> {
  const number = ++machines
  const [name, mac] = [`node${number}`, `52:54:00:77:02:0${number}`]
  if (more) {
    const interfaces = { eth0: { macAddress: mac } }
    await api('POST', '/api/systems', { name, profile: 'p', interfaces, ...more })
  }
  return { name, mac, ...(await clientMachine(network, 'br0', mac)) }
}

const boots = (path: string) => api<Omit<Boot, 'entries'>[]>('GET', `/api/${path}/boots`)
async function lastBoot(path: string): Promise<Boot> {
  const [last] = await boots(path)
  return await api<Boot>('GET', `/api/boots/${last?.id}`)
}
const verdictOf = async (path: string) => (await boots(path))[0]?.verdict

const CURL = ['-sS', '--max-time', '20', '-o', '/dev/null', '-w', '%{http_code}']
const get = (from: ClientMachine, path: string) => from.namespace.exec('curl', [...CURL, `http://${SERVER}${path}`])
const tftp = (from: ClientMachine, path: string) =>
  from.namespace.exec('atftp', ['--get', '-r', path, '-l', '/dev/null', SERVER, '69'])

const dashed = (mac: string) => `01-${mac.replaceAll(':', '-')}`

describe('a machine that is installed', () => {
  test('has one boot from its DHCP request to ready, whatever happens to the daemon meanwhile', async () => {
    const node = await machine()
    await node.dhclient(UEFI)
    await tftp(node, 'shimx64.efi')
    await get(node, `/boot/grub/grub.cfg-${dashed(node.mac)}`)
    expect(await verdictOf(`systems/${node.name}`)).toMatchObject({ verdict: 'under-way', fault: false })
    // What was seen a quarter of a second ago outlives the worst.
    const before = await lastBoot(`systems/${node.name}`)
    await daemon.kill9()
    await daemon.restart()
    expect((await lastBoot(`systems/${node.name}`)).entries).toEqual(before.entries)

    await get(node, '/boot/images/d/linux')
    await node.dhclient()
    await get(node, `/cblr/svc/op/autoinstall/system/${node.name}`)
    await node.namespace.exec('logger', [
      '-n',
      SERVER,
      '-P',
      '514',
      '-T',
      '-t',
      'main-menu',
      'Menu item partman selected',
    ])
    await expect.poll(async () => (await lastBoot(`systems/${node.name}`)).entries.at(-1)?.kind).toBe('syslog')
    await get(node, `/cblr/svc/op/nopxe/system/${node.name}`)
    await node.dhclient(UEFI)
    await tftp(node, 'shimx64.efi')
    await get(node, `/boot/grub/grub.cfg-${dashed(node.mac)}`)
    await get(node, `/cblr/svc/op/trig/mode/firstboot/system/${node.name}`)

    const boot = await lastBoot(`systems/${node.name}`)
    expect(boot).toMatchObject({ system: node.name, reached: 'ready', ended: null, repeats: 0 })
    expect(boot.verdict).toMatchObject({ verdict: 'ready', fault: false })
    expect(await boots(`systems/${node.name}`)).toHaveLength(1)
    const told = boot.entries.map(({ kind, outcome, text }) => `${kind} ${outcome} ${text}`)
    const story = [
      /^dhcp ok DISCOVER by uefi-x64 \(architecture 7, PXEClient:Arch:00007:UNDI:003016\): offered 10\.77\.0\.\d+, to boot shimx64\.efi$/,
      /^dhcp ok REQUEST by uefi-x64 .*: has 10\.77\.0\.\d+, to boot shimx64\.efi$/,
      /^step ok shimx64\.efi fetched by tftp$/,
      /^tftp ok shimx64\.efi was sent$/,
      /^decision ok node1 was told to install d \(grub, by http\)$/,
      /^step ok kernel linux of d fetched by http$/,
      /^dhcp ok (DISCOVER: offered|REQUEST: has) /,
      /^step ok the preseed was fetched from 10\.77\.0\.\d+$/,
      /^syslog ok main-menu: Menu item partman selected$/,
      /^decision ok netboot was turned off: /,
      /^step ok netboot was turned off by /,
      /^decision ok node1 was sent to its disk \(grub, by http\)$/,
      /^step ok the installed system called back$/,
    ]
    // When the last byte has left is not when the next thing is seen.
    for (const line of [
      /^http ok \/grub\/grub\.cfg-01-52-54-00-77-02-01 was sent \(200\)$/,
      /^http ok \/images\/d\/linux was sent \(200\)$/,
      /^http ok the preseed was sent to 10\.77\.0\.\d+$/,
    ]) {
      expect(told).toContainEqual(expect.stringMatching(line))
    }
    let from = 0
    for (const line of story) {
      const at = told.findIndex((one, index) => index >= from && line.test(one))
      expect(at, `${line} after line ${from} of:\n${told.join('\n')}`).toBeGreaterThanOrEqual(from)
      from = at + 1
    }
    expect(boot.entries.find(({ kind }) => kind === 'tftp')).toMatchObject({ bytes: 50_000, path: 'shimx64.efi' })
    expect(boot.entries.find(({ path }) => path === '/images/d/linux')).toMatchObject({ bytes: 300_000 })

    const shown = await orchestra('trace', node.name)
    expect(shown).toMatch(/^boot \d+ of node1 \(52:54:00:77:02:01\), /)
    expect(shown).toMatch(/\n +\d+\.\d\d +\+\d+\.\d\d {4}tftp +shimx64\.efi was sent \(50 kB, \d+\.\d\d s\)/)
    expect(shown).toMatch(/\nso far: node1 is ready: the installed system called\n$/)
    expect(await orchestra('trace', node.mac)).toBe(shown)
    expect(daemon.records().filter(({ level }) => Number(level) >= 50)).toEqual([])
  })
})

describe('a machine that does not get on is told apart by its trace:', () => {
  test('the loader was never asked for', async () => {
    const node = await machine()
    await node.dhclient(UEFI)
    await expect
      .poll(() => verdictOf(`systems/${node.name}`), { timeout: 10_000 })
      .toMatchObject({ verdict: 'loader-not-asked', missing: 'the request for the loader' })
  })

  test('the loader is not here', async () => {
    const node = await machine()
    const file = 'undionly.kpxe'
    await node.dhclient(
      'option arch code 93 = unsigned integer 16; send arch 0; send vendor-class-identifier "PXEClient:Arch:00000";',
    )
    const offered = (await lastBoot(`systems/${node.name}`)).entries[0]?.path ?? file
    await expect(tftp(node, `no/${offered}`)).rejects.toThrow()
    const verdict = await verdictOf(`systems/${node.name}`)
    expect(verdict).toMatchObject({ verdict: 'loader-missing', says: expect.stringContaining(offered) })
  })

  test('there is no loader for it', async () => {
    const node = await machine()
    await node.dhclient(STRANGER)
    expect(await verdictOf(`systems/${node.name}`)).toMatchObject({
      verdict: 'no-loader-for-it',
      says: expect.stringContaining('client architecture 99'),
    })
  })

  test('its preseed cannot be made', async () => {
    await api('POST', '/api/profiles', { name: 'broken', distro: 'd', autoinstall: 'nowhere.seed' })
    const node = await machine({ profile: 'broken' })
    await node.dhclient(UEFI)
    await get(node, `/boot/ipxe/${dashed(node.mac)}`)
    expect(await get(node, `/cblr/svc/op/autoinstall/system/${node.name}`)).toBe('500')
    expect(await verdictOf(`systems/${node.name}`)).toMatchObject({
      verdict: 'preseed-error',
      says: expect.stringContaining('nowhere.seed'),
      next: expect.stringContaining(`get-autoinstall --name ${node.name}`),
    })
    expect(await orchestra('trace', node.name)).toMatch(
      /\nverdict: node\d asked for its preseed, [\s\S]*\n {2}evidence: .*nowhere\.seed/,
    )
  })

  test('it took the address of another server', async () => {
    const node = await machine()
    await node.namespace.exec('ip', ['address', 'add', '10.77.0.200/24', 'dev', 'eth0'])
    // What a firmware broadcasts when two servers answer it.
    const packets = [
      packetOf(node.mac, '350101'),
      packetOf(node.mac, `350103${option(54, '10.77.0.9')}${option(50, '10.77.0.200')}`),
    ]
    await node.namespace.exec(process.execPath, ['-e', BROADCAST, ...packets])
    await expect
      .poll(() => verdictOf(`systems/${node.name}`))
      .toMatchObject({
        verdict: 'no-request',
        says: expect.stringContaining('took the one of another DHCP server, 10.77.0.9'),
        next: expect.stringContaining('stop the DHCP server 10.77.0.9'),
      })
  })
})

describe('a machine that nobody knows', () => {
  test('has a trace by its MAC address, and keeps it when it becomes a system', async () => {
    const node = await machine(false)
    await expect(node.udhcpc(['-x', '0x5d:0007', '-V', 'PXEClient:Arch:00007'], 2)).rejects.toThrow()
    const boot = await lastBoot(`machines/${node.mac}`)
    expect(boot).toMatchObject({ system: null, mac: node.mac, verdict: { verdict: 'not-answered' } })
    expect(boot.verdict.says).toContain('enlisting is off')
    expect(await orchestra('trace', node.mac.toUpperCase())).toMatch(
      /verdict: 52:54:00:.* asked to boot, and was not answered/,
    )
    await orchestra('system', 'add', `--name=${node.name}`, '--profile=p', `--mac=${node.mac}`)
    await expect.poll(async () => (await lastBoot(`machines/${node.mac}`)).system).toBe(node.name)
    expect((await boots(`systems/${node.name}`)).map(({ id }) => id)).toEqual([boot.id])
  })
})

test('the command line follows a machine, also over a restart', async () => {
  const node = await machine()
  const following = network.spawn(process.execPath, [MAIN, 'trace', node.name, '-f'], {
    env: { PATH: process.env['PATH'], ORCHESTRA_DATA: daemon.data },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const looks = new Set<() => void>()
  for (const stream of [following.stdout, following.stderr]) {
    stream?.on('data', (part: Buffer) => {
      text += part.toString()
      for (const look of looks) look()
    })
  }
  const shown = (part: string) =>
    new Promise<void>((done) => {
      const look = () => text.includes(part) && done()
      looks.add(look)
      look()
    })
  await get(node, '/healthz').catch(() => '')
  await node.dhclient(UEFI)
  await shown('REQUEST by uefi-x64')
  await shown('verdict: ')
  const again = shown('connected again')
  // What was seen a moment before the worst was not written, and so it was not told either.
  await get(node, `/boot/ipxe/${dashed(node.mac)}`)
  await daemon.kill9()
  await daemon.restart()
  await again
  await get(node, `/boot/ipxe/${dashed(node.mac)}`)
  await shown('was told to install')
  await get(node, '/boot/images/d/linux')
  await shown('kernel linux of d fetched')
  const kept = (await lastBoot(`systems/${node.name}`)).entries
  for (const { text: line } of kept.slice(0, -1)) expect(text).toContain(line.slice(0, 40))
  expect(text.match(/REQUEST by uefi-x64/g)).toHaveLength(1)
  expect(text.match(/^boot \d+ of /gm)).toHaveLength(1)
  const over = new Promise((done) => following.once('exit', done))
  following.kill('SIGKILL')
  await over
})
