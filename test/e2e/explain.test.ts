/**
 * Explanations with the real daemon: what `orchestra explain` says is what curl and atftp are given as the machine, to the
 * letter, the token aside; and what was explained has changed nothing.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import type { Explanation, Step, StepId } from '../../src/model/explanation.ts'
import { type Daemon, runOrchestra, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'

const MAC = '52:54:00:77:00:01'
const TOKEN = /\/metadata\/[\w-]{43}/g

let daemon: Daemon
let token: string

beforeAll(async () => {
  await needPackages('curl', 'atftp')
  const folder = temporaryFolder()
  for (const name of ['linux', 'initrd.gz']) writeFileSync(join(folder, name), 'x'.repeat(1000))
  // The loaders here are names: there is nothing to see of what they can.
  daemon = await startDaemon({ config: { boot: { loaders: { uefi_http: 'grub' } } } })
  mkdirSync(join(daemon.data, 'boot'), { recursive: true })
  for (const name of ['pxelinux.0', 'ldlinux.c32', 'shimx64.efi', 'grubx64.efi', 'shimaa64.efi', 'grubaa64.efi']) {
    writeFileSync(join(daemon.data, 'boot', name), name)
  }
  token = await daemon.token()
  const files = { kernel: join(folder, 'linux'), initrd: join(folder, 'initrd.gz') }
  await api('POST', '/api/distros', {
    name: 'd',
    ...files,
    kernelOptions: { console: 'tty0' },
    meta: { locale: 'de_DE.UTF-8' },
  })
  await api('POST', '/api/profiles', { name: 'base', distro: 'd', meta: { timezone: 'Europe/Berlin' } })
  await api('POST', '/api/profiles', { name: 'web', parent: 'base', kernelOptions: { quiet: null } })
  await api('POST', '/api/systems', {
    ...{
      name: 'node1',
      profile: 'web',
      meta: { password_crypted: '$6$salt$hashhash', USER_DATA_BASE64: 'I2Nsb3VkLWNvbmZpZwo=' },
    },
    interfaces: { eth0: { macAddress: MAC } },
  })
})

async function api(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(daemon.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`)
  const isJson = answer.headers.get('content-type')?.includes('json')
  return isJson ? await answer.json() : await answer.text()
}

async function orchestra(...args: string[]): Promise<string> {
  const env = { ORCHESTRA_SERVER: daemon.url, ORCHESTRA_TOKEN: token }
  const { code, stdout, stderr } = await runOrchestra(args, { env })
  if (code !== 0) throw new Error(stderr)
  return stdout
}

const explain = async (...args: string[]) => JSON.parse(await orchestra('explain', ...args, '--json')) as Explanation
const stepOf = ({ steps }: Explanation, id: StepId) => steps.find((step) => step.id === id) as Step
const textOf = (step: Step) => step.lines.map(({ text }) => `${text}\n`).join('')

async function fetched(url: string | null): Promise<string> {
  if (url === null) throw new Error('nothing is fetched')
  if (url.startsWith('http:')) return await exec('curl', ['-sSf', url])
  const { hostname, port, pathname } = new URL(url.replace(/^tftp:/, 'http:'))
  const file = join(temporaryFolder(), 'fetched')
  await exec('atftp', ['-g', '-r', pathname.slice(1), '-l', file, hostname, port])
  return readFileSync(file, 'utf8')
}

const untold = (text: string) => text.replaceAll(TOKEN, '/metadata/TOKEN')

describe('what is explained of a system', () => {
  test('is what it is given: boot script, loader and preseed, by TFTP and by HTTP', async () => {
    for (const firmware of ['bios', 'uefi', 'uefi-http', 'ipxe']) {
      const told = await explain('node1', '--firmware', firmware)
      const config = stepOf(told, 'config')
      expect(untold(await fetched(config.url))).toBe(textOf(config))
      const kernel = stepOf(told, 'kernel')
      expect(kernel.outcome).toBe('ok')
      expect(await fetched(kernel.url)).toBe('x'.repeat(1000))
      const loader = stepOf(told, 'loader')
      expect(loader.outcome).toBe('ok')
      if (firmware !== 'ipxe') expect(await fetched(loader.url)).toBe(loader.url?.split('/').at(-1))
    }
    const told = await explain('node1')
    const preseed = await fetched(stepOf(told, 'preseed').url)
    const late = decoded(preseed)
    expect(untold(late)).toBe(textOf(stepOf(told, 'late-command')))
    const word = /echo [\w+/=]{1000,}/g
    expect(preseed.replaceAll(word, '')).toBe(textOf(stepOf(told, 'preseed')).replaceAll(word, ''))
  })

  test('changes with the firmware as the table of loaders says', async () => {
    const loaders = async (...args: string[]) => stepOf(await explain(MAC, ...args), 'loader').url?.replace(/^.*\//, '')
    expect(await loaders('--firmware', 'bios')).toBe('pxelinux.0')
    expect(await loaders('--firmware', 'uefi', '--arch', 'x86_64')).toBe('shimx64.efi')
    expect(await loaders('--firmware', 'uefi', '--arch', 'arm64')).toBe('shimaa64.efi')
    expect(await loaders('--firmware', 'uefi', '--arch', 'i386')).toBe('shimia32.efi')
    expect(await loaders('--firmware', 'uefi-http', '--arch', 'arm64')).toBe('shimaa64.efi')
    expect(await loaders('--firmware', 'ipxe')).toBe('01-52-54-00-77-00-01')
    expect(stepOf(await explain(MAC, '--firmware', 'uefi-http', '--arch', 'i386'), 'loader').outcome).toBe('none')
  })

  test('changes with netboot and profile, and the others stay to be seen', async () => {
    const off = await explain('node1', '--netboot', 'off')
    expect(off.decision).toEqual({ boot: 'local', because: 'netboot is off' })
    expect(textOf(stepOf(off, 'config'))).toContain('localboot')
    expect(stepOf(off, 'preseed').outcome).toBe('none')
    const none = await explain('node1', '--profile', 'nope')
    expect(none.decision).toEqual({
      ...{ boot: 'ignore', because: 'profile "nope" of system node1 does not exist; add it or choose another' },
    })
    expect((await explain('node1', '--profile', 'base')).decision.because).toContain('profile base')
  })

  test('names the file and the line, and who has set what is in it', async () => {
    const told = await explain('node1')
    const from = (id: StepId, sign: string) =>
      stepOf(told, id)
        .lines.find(({ text }) => text.includes(sign))
        ?.from.map(({ kind, name, field, line }) => [kind, name, field ?? line].join(' '))
    expect(from('preseed', 'debian-installer/locale')).toEqual([
      'template preseeds/default.seed 11',
      'distro d meta.locale',
    ])
    expect(from('preseed', 'time/zone')).toEqual([
      expect.stringContaining('preseeds/default.seed'),
      'profile base meta.timezone',
    ])
    expect(from('preseed', 'user-password-crypted')).toContain('system node1 meta.password_crypted')
    expect(from('kernel', 'quiet')).toEqual(['profile web kernelOptions.quiet'])
    expect(from('kernel', 'console=tty0')).toEqual(['distro d kernelOptions.console'])
    expect(from('late-command', '/etc/cloud/cloud.cfg.d/99-orchestra.cfg')).toEqual([
      expect.stringMatching(/^script preseeds\/scripts\/late.sh \d+$/),
    ])
  })

  test('reads well without --json', async () => {
    const said = await orchestra('explain', 'node1')
    expect(said).toMatch(/^node1 \(52:54:00:77:00:01\): install: netboot is on, and profile web leads to distro d\n/)
    expect(said).toContain('== Boot script: pxelinux is told to install\n')
    expect(said).toMatch(/ {3}quiet +# profile web kernelOptions.quiet\n/)
    expect(said).toMatch(/ {3}set -eu +# preseeds\/scripts\/late.sh:3\n/)
  })

  test('is an error of its step alone, in the words of production', async () => {
    await api('POST', '/api/distros', { name: 'gone', kernel: '/nowhere/linux', initrd: '/nowhere/initrd.gz' })
    await api('POST', '/api/profiles', { name: 'gone', distro: 'gone', autoinstall: 'nope.seed' })
    const told = await explain('node1', '--profile', 'gone')
    expect(stepOf(told, 'kernel')).toMatchObject({
      ...{ outcome: 'error', because: expect.stringContaining('/nowhere/linux of distro gone is not there') },
    })
    expect(stepOf(told, 'preseed')).toMatchObject({
      ...{ outcome: 'error', because: expect.stringContaining('preseed "nope.seed" of system node1 does not exist') },
    })
    expect(stepOf(told, 'config').outcome).toBe('ok')
  })
})

test('a machine that nobody knows is explained as well', async () => {
  const told = await explain('52:54:00:99:99:99')
  expect(told.machine).toEqual({ mac: '52:54:00:99:99:99', system: null, known: false })
  expect(told.decision).toEqual({ boot: 'ignore', because: 'unknown machine, and enlisting is off' })
  expect(told.steps.map(({ outcome }) => outcome)).not.toContain('ok')
  const enlisted = await explain('52:54:00:99:99:99', '--profile', 'base')
  expect(enlisted.decision.boot).toBe('enlist')
  expect(textOf(stepOf(enlisted, 'preseed'))).toBe(await fetched(stepOf(enlisted, 'preseed').url))
  await expect(explain('nobody')).rejects.toThrow('there is no system nobody, and that is no MAC address')
  await expect(explain(MAC, '--firmware', 'bios', '--arch', 'arm64')).rejects.toThrow('there is no bios for arm64')
})

test('what an installer was sent is kept, and an explanation leaves no trace', async () => {
  await api('POST', '/api/systems', {
    name: 'node2',
    profile: 'web',
    interfaces: { eth0: { macAddress: '52:54:00:77:00:02' } },
  })
  const before = await api('GET', '/api/events.json?limit=1000')
  await explain('node2')
  await api('GET', '/api/systems/node2/autoinstall')
  await expect(api('GET', '/api/systems/node2/autoinstall/last')).rejects.toThrow('no installer has asked')
  expect(await api('GET', '/api/events.json?limit=1000')).toEqual(before)
  expect(await api('GET', '/api/systems/node2/boots')).toEqual([])

  const told = await explain('node2')
  await fetched(stepOf(told, 'config').url)
  await fetched(stepOf(told, 'preseed').url)
  const last = (await api('GET', '/api/systems/node2/autoinstall/last')) as { text: string; at: number; boot: number }
  expect(last.text).toBe(textOf(stepOf(told, 'preseed')))
  expect(last.boot).toEqual(expect.any(Number))
  await daemon.restart()
  token = await daemon.token()
  expect(await api('GET', '/api/systems/node2/autoinstall/last')).toEqual(last)
})

function decoded(preseed: string): string {
  const [, word = ''] = /late_command.*echo (\S+) \| base64 -d/.exec(preseed) ?? []
  return Buffer.from(word, 'base64').toString()
}
