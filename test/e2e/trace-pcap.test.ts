/**
 * The packets of a boot as a file, read by Debian's tshark: what real clients said to the real daemon is decoded as what it
 * was, each packet says why it was answered so, and no secret is in it; kept over a kill -9, and within bounds.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import type { Boot } from '../support/boot-answer.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { type ClientMachine, clientMachine } from '../support/dhcp-clients.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const SERVER = '10.77.0.1'
const MAC = '52:54:00:77:02:01'
const DASHED = `01-${MAC.replaceAll(':', '-')}`
const UEFI = `option arch code 93 = unsigned integer 16; send arch 7;
send vendor-class-identifier "PXEClient:Arch:00007:UNDI:003016";`
const SECRET = '$6$salt$correcthorsebatterystaple'

let network: Namespace
let daemon: Daemon
let node: ClientMachine

beforeAll(async () => {
  await needPackages('iproute2', 'isc-dhcp-client', 'curl', 'atftp', 'bsdutils', 'tshark', 'bind9-dnsutils')
  const folder = temporaryFolder()
  for (const name of ['linux', 'initrd.gz']) writeFileSync(join(folder, name), 'x'.repeat(300_000))
  network = await makeNamespace()
  await network.bridge('br0', `${SERVER}/24`)
  const subnets = [{ subnet: '10.77.0.0/24', pool: '10.77.0.100-10.77.0.150', domain: 'lab' }]
  daemon = await startDaemon({
    namespace: network,
    config: {
      dhcp: { enabled: true, interfaces: ['br0'], subnets },
      dns: { enabled: true },
      syslog: { enabled: true },
    },
    env: {
      ...{ ORCHESTRA_HTTP__LISTEN: `${SERVER}:80`, ORCHESTRA_TFTP__LISTEN: `${SERVER}:69` },
      ...{ ORCHESTRA_DNS__LISTEN: `${SERVER}:53`, ORCHESTRA_SYSLOG__LISTEN: `${SERVER}:514` },
    },
  })
  mkdirSync(join(daemon.data, 'boot'), { recursive: true })
  writeFileSync(join(daemon.data, 'boot', 'shimx64.efi'), 'l'.repeat(50_000))
  const add = (noun: string, ...words: string[]) => orchestra(noun, 'add', ...words)
  await add('distro', '--name=d', `--kernel=${join(folder, 'linux')}`, `--initrd=${join(folder, 'initrd.gz')}`)
  await add('profile', '--name=p', '--distro=d')
  await add('system', '--name=node1', '--profile=p', `--mac=${MAC}`, `--ksmeta=password_crypted=${SECRET}`)
  node = await clientMachine(network, 'br0', MAC)
})

const orchestra = (...args: string[]) =>
  network.exec(process.execPath, [MAIN, ...args], { env: { ORCHESTRA_DATA: daemon.data } })

const get = (path: string, ...more: string[]) =>
  node.namespace.exec('curl', ['-sS', '--max-time', '20', '-o', '/dev/null', ...more, `http://${SERVER}${path}`])
const tftp = (path: string) =>
  node.namespace.exec('atftp', ['--option', 'tsize 0', '--get', '-r', path, '-l', '/dev/null', SERVER, '69'])

/** One line for each packet that fits: the fields, with blanks between them. */
async function tshark(file: string, filter: string, ...fields: string[]): Promise<string[]> {
  const args = ['-r', file, '-Y', filter, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])]
  return (await exec('tshark', args, { env: { HOME: temporaryFolder() } })).split('\n').filter((line) => line !== '')
}

test('Wireshark reads the packets of a boot, and why each was answered so', async () => {
  await node.dhclient(UEFI)
  await tftp('shimx64.efi')
  await expect(tftp('grub/nothing.mod')).rejects.toThrow()
  await get(`/boot/grub/grub.cfg-${DASHED}`, '-H', `Authorization: Bearer ${SECRET}`)
  await get('/boot/images/d/linux')
  await get('/cblr/svc/op/autoinstall/system/node1')
  await get(`/metadata/${SECRET}/user-data`)
  await node.namespace.exec('dig', ['+short', '+tries=1', `@${SERVER}`, 'node1.lab'])
  await node.namespace.exec('logger', [
    '-n',
    SERVER,
    '-P',
    '514',
    '-d',
    '-t',
    'main-menu',
    'Menu item partman selected',
  ])
  const kinds = async () =>
    (JSON.parse(await orchestra('trace', 'node1', '--json')) as Boot).entries.map(({ kind }) => kind).join(' ')
  await expect.poll(kinds, { timeout: 30_000 }).toContain('syslog')

  const file = join(temporaryFolder(), 'boot.pcapng')
  expect(await orchestra('trace', 'node1', '--pcap', file)).toContain(file)
  // What tshark complains of it says on its standard error, and ends with another code.
  const whole = await node.namespace.exec('sh', ['-c', 'tshark -r "$1" -V 2>&1 >/dev/null', 'sh', file])
  expect(whole.replace(/^Running as user "root".*\n/, '')).toBe('')
  expect(await tshark(file, '_ws.malformed || _ws.expert.severity == error', 'frame.number')).toEqual([])

  const types = await tshark(file, 'dhcp', 'dhcp.option.dhcp', 'eth.src', 'ip.src', 'dhcp.ip.your')
  expect(types.map((line) => line.split('\t')[0])).toEqual(['1', '2', '3', '5'])
  expect(types[0]).toContain(MAC)
  const [ack] = await tshark(file, 'dhcp.option.dhcp == 5', 'frame.comment', 'dhcp.option.dhcp_server_id')
  expect(ack).toMatch(/^REQUEST by uefi-x64 .*: has 10\.77\.0\.\d+, to boot shimx64\.efi; because: .*\t10\.77\.0\.1$/)

  const reads = await tshark(file, 'tftp', 'tftp.opcode', 'tftp.source_file', 'tftp.error.message', 'frame.comment')
  expect(reads).toEqual([
    expect.stringMatching(/^1\tshimx64\.efi\t\t.*shimx64\.efi was sent/),
    expect.stringMatching(/^6\t/),
    expect.stringMatching(/^1\tgrub\/nothing\.mod\t\tgrub\/nothing\.mod was asked for, and not served; because: /),
    expect.stringMatching(/^5\t\tFile not found: grub\/nothing\.mod\t/),
  ])

  const requests = await tshark(file, 'http.request', 'http.request.uri', 'http.host', 'frame.comment')
  expect(requests).toEqual([
    expect.stringMatching(new RegExp(`^/boot/grub/grub.cfg-${DASHED}\t${SERVER}\t.*node1 was told to install d`)),
    expect.stringMatching(/^\/boot\/images\/d\/linux\t.*kernel linux of d fetched by http/),
    expect.stringMatching(/^\/cblr\/svc\/op\/autoinstall\/system\/node1\t.*the preseed was/),
    expect.stringMatching(/^\/metadata\/\*{33}\/user-data\t/),
  ])
  const answers = await tshark(file, 'http.response', 'http.response.code', 'http.content_length')
  expect(answers.map((line) => line.split('\t')[0])).toEqual(['200', '200', '200', '404'])
  expect(answers[1]).toBe('200\t300000')
  expect(await tshark(file, 'dns', 'dns.qry.name', 'dns.a')).toEqual([
    'node1.lab\t',
    expect.stringMatching(/^node1\.lab\t10\.77\.0\.\d+$/),
  ])
  expect(await tshark(file, 'syslog', 'syslog.msg')).toEqual([expect.stringContaining('Menu item partman selected')])
  expect(readFileSync(file).includes(SECRET)).toBe(false)

  const boot = JSON.parse(await orchestra('trace', 'node1', '--json')) as Boot
  await daemon.kill9()
  await daemon.restart()
  const again = join(temporaryFolder(), 'again.pcapng')
  await orchestra('trace', 'node1', '--boot', `${boot.id}`, '--pcap', again)
  expect((await tshark(again, 'frame', 'frame.number')).length).toBe(
    (await tshark(file, 'frame', 'frame.number')).length,
  )
})

test('a machine that talks without end fills its share, and the file says what is missing', async () => {
  const lines = Array.from({ length: 3000 }, (_, at) => `line ${at} ${'x'.repeat(900)}`).join('\n')
  await node.namespace.exec('logger', ['-n', SERVER, '-P', '514', '-T', '--size', '2000', '-t', 'loud'], {
    stdin: lines,
  })
  const file = join(temporaryFolder(), 'loud.pcapng')
  const dropped = async () => {
    await orchestra('trace', 'node1', '--pcap', file)
    const text = readFileSync(file, 'latin1')
    return Number(/ (\d+) packets more were not kept/.exec(text)?.[1] ?? 0)
  }
  await expect.poll(dropped, { timeout: 30_000 }).toBeGreaterThan(100)
  expect(readFileSync(file).length).toBeLessThan(131_072 + 4_000)
  expect(readFileSync(file).length).toBeGreaterThan(100_000)
  expect(await tshark(file, '_ws.malformed', 'frame.number')).toEqual([])
})
