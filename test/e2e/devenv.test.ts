/**
 * The lab as a person has it: `orchestra devenv up`, `setup`, power, consoles, `reset`, `down`, on either backend, with three real
 * machines that install at once. The host that it runs on is afterwards as it was. Numbers in the names of tests, here and
 * elsewhere, are those of the steps of the walk-through of 2011, from the lab (1 to 29) to the orchestrator (30 to 51).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LabStatus } from '../../devenv/backend.ts'
import { plainText } from '../../devenv/lab-node.ts'
import { readLabSettings } from '../../devenv/settings.ts'
import { needPackages } from '../support/debian.ts'
import { type DevenvHost, makeDevenvHost } from '../support/devenv.ts'
import { lookAtScreen } from '../support/rfb.ts'
import { ROOT } from '../support/source.ts'

const MINUTES = 60_000
const { nodes, server } = readLabSettings()
const NAMES = nodes.map(({ name }) => name)

beforeAll(async () => {
  await needPackages('socat', 'curl')
}, 10 * MINUTES)

describe.each(['qemu', 'libvirt'] as const)('the lab on %s', (backend) => {
  let host: DevenvHost
  let before: Awaited<ReturnType<DevenvHost['look']>>
  let folder = ''
  const devenv = (...args: string[]) => host.devenv('--backend', backend, ...args)
  const status = async (): Promise<LabStatus> =>
    JSON.parse(
      await devenv('status', '--json').catch((error: { stdout?: string }) => error.stdout ?? '{}'),
    ) as LabStatus
  const powers = async () => (await status()).nodes.map(({ power }) => power)
  const serial = (name: string) => plainText(readFileSync(join(folder, `${name}.log`)))

  beforeAll(async () => {
    host = await makeDevenvHost()
    before = await host.look()
  }, 5 * MINUTES)
  afterAll(() => devenv('down').catch(() => ''))

  /** Until all of them have said so, or one minute after another has passed. */
  async function says(words: string, names: readonly string[], minutes: number): Promise<void> {
    const look = () => names.filter((name) => !serial(name).includes(words))
    await expect.poll(look, { timeout: minutes * MINUTES, interval: 500 }).toEqual([])
  }

  async function installAll(): Promise<void> {
    await devenv('setup')
    const { url } = await status()
    await call('POST', url ?? '', '/api/power', { systems: NAMES, action: 'on' })
    await says('orchestra-mini: up', NAMES, 6)
  }

  let token = ''
  async function call(method: string, url: string, path: string, body?: object): Promise<unknown> {
    if (token === '') {
      const note = JSON.parse(readFileSync(noteIn(host.temp), 'utf8')) as { login: { user: string; password: string } }
      const { user, password } = note.login
      token = (
        (await ask(method === 'GET' ? 'POST' : method, url, '/api/login', { user, password })) as { token: string }
      ).token
    }
    return await ask(method, url, path, body)
  }
  async function ask(method: string, url: string, path: string, body?: object): Promise<unknown> {
    const headers = ['-H', 'content-type: application/json', ...(token ? ['-H', `authorization: Bearer ${token}`] : [])]
    const args = [
      '-sS',
      '--fail-with-body',
      '-X',
      method,
      ...headers,
      ...(body ? ['--data-binary', '@-'] : []),
      `${url}${path}`,
    ]
    const answer = await host.namespace.exec('curl', args, body ? { stdin: JSON.stringify(body) } : {})
    return answer === '' ? undefined : JSON.parse(answer)
  }

  test('1. 14. is one server and three machines, made and told of; said twice, it is as it was', {
    timeout: 10 * MINUTES,
  }, async () => {
    expect(await devenv('down')).toContain('down already')
    const said = await devenv('up')
    for (const word of ['orchestra-devnet', server.ip, ...NAMES]) expect(said).toContain(word)
    expect(await devenv('up')).toContain('up already')
    const told = await status()
    folder = told.folder ?? ''
    expect(told).toMatchObject({
      isUp: true,
      nodes: nodes.map(({ name, mac, ip }) => ({ name, mac, ip, power: 'off' })),
    })
    expect(await host.namespace.exec('curl', ['-sSf', `${told.url}/healthz`])).not.toBe('')
  })

  test('4. tells what is needed, and what to do about what is missing', { timeout: MINUTES }, async () => {
    expect(await devenv('check')).toMatch(/^✓ packages: /m)
    await expect(devenv('--settings', '/nowhere.yaml', 'check')).rejects.toThrow('/nowhere.yaml')
  })

  test('20. has its pages where Cobbler had them, behind a login', { timeout: MINUTES }, async () => {
    const { url } = await status()
    expect(await host.namespace.exec('curl', ['-sSLf', `${url}/cobbler_web`])).toContain('<title>Orchestra')
    const anonymous = ['-sS', '-o', '/dev/null', '-w', '%{http_code}', `${url}/api/systems`]
    expect(await host.namespace.exec('curl', anonymous)).toBe('401')
  })

  test('16. 19. 21. registers its machines in Orchestra, which lists them and its profiles, and registers them anew', {
    timeout: 5 * MINUTES,
  }, async () => {
    expect(await devenv('setup')).toContain('node01 is registered: 00:16:3e:3e:aa:01')
    expect(await devenv('setup')).toContain('node03 is registered anew')
    const listed = await devenv('list')
    for (const { mac, ip } of nodes) expect(listed).toContain(`${mac} ${ip}`)
    if (backend === 'libvirt') {
      // 16. What libvirt's machines have for a MAC, Orchestra has an address for.
      const uri = JSON.parse(readFileSync(noteIn(host.temp), 'utf8')).switches
      for (const { name, mac } of nodes)
        expect(await host.namespace.exec('virsh', ['--connect', uri, 'domiflist', name])).toContain(mac)
    }
    expect(listed).toMatch(/distros:\n {2}mini-x86_64[\s\S]*profiles:\n {2}mini-x86_64/)
  })

  test('25. 27. installs three machines at once, without a question, and they boot from their disks', {
    timeout: 12 * MINUTES,
  }, async () => {
    await installAll()
    for (const name of NAMES) {
      expect(serial(name)).toContain('orchestra-mini: booted from disk (boot 1)')
    }
    const systems = (await call('GET', (await status()).url ?? '', '/api/systems')) as { netbootEnabled: boolean }[]
    expect(systems.map(({ netbootEnabled }) => netbootEnabled)).toEqual([false, false, false])
  })

  test('22. 24. turns a machine off and on through every door, and sees it', { timeout: 5 * MINUTES }, async () => {
    const { url = '' } = await status()
    const turned = async (to: 'on' | 'off') =>
      await expect.poll(async () => (await powers())[0], { timeout: MINUTES }).toBe(to)
    // REST, which the console's switch uses.
    await call('POST', url, '/api/systems/node01/power', { action: 'off' })
    await turned('off')
    // XML-RPC, as orchestrators do.
    const note = JSON.parse(readFileSync(noteIn(host.temp), 'utf8')) as { login: { password: string } }
    const script = [
      'import sys, xmlrpc.client as x',
      `s = x.ServerProxy('${url}/cobbler_api')`,
      "t = s.login('cobbler', sys.stdin.read())",
      "print(s.background_power_system({'power': 'on', 'systems': ['node01']}, t))",
    ].join('\n')
    await host.namespace.exec('python3', ['-c', script], { stdin: note.login.password })
    await turned('on')
    // The command line.
    const env = { ORCHESTRA_SERVER: url, ORCHESTRA_TOKEN: token, HOME: host.temp }
    await host.namespace.exec(process.execPath, [join(ROOT, 'src/main.ts'), 'power', 'off', 'node01'], {
      env,
      timeout: MINUTES,
    })
    await turned('off')
    // And the lab's own switch, said twice.
    expect(await devenv('power', 'node01', 'on')).toBe('node01 is on.\n')
    expect(await devenv('power', 'node01', 'on')).toBe('node01 is on already.\n')
    await turned('on')
  })

  test('26. shows its machines: the serial line in this terminal, the screen by VNC', {
    timeout: 5 * MINUTES,
  }, async () => {
    await devenv('power', 'node01', 'off')
    await devenv('power', 'node01', 'on')
    const console = host.namespace.spawn(
      ...([process.execPath, [join(ROOT, 'devenv/devenv.ts'), '--backend', backend, 'console', 'node01']] as const),
      { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: host.temp } },
    )
    let said = ''
    console.stdout?.setEncoding('latin1').on('data', (part) => {
      said += part
    })
    await expect.poll(() => plainText(Buffer.from(said, 'latin1')), { timeout: 2 * MINUTES }).toContain('BusyBox v')
    console.stdin?.write('echo $((6 * 7)) typed\n')
    await expect.poll(() => said, { timeout: MINUTES }).toContain('42 typed')
    const ended = new Promise((done) => console.once('exit', done))
    console.stdin?.write('\x1d')
    expect(await ended).toBe(0)

    const ways = await devenv('vnc', 'node01')
    expect(ways).toContain('/ui/machines/node01/console')
    const to = /vncviewer 127\.0\.0\.1:(\d+)/.exec(ways)?.[1] ?? ''
    const place = backend === 'qemu' ? (/UNIX-CONNECT:\S+/.exec(ways)?.[0] ?? '') : `TCP:127.0.0.1:${5900 + Number(to)}`
    const viewer = host.namespace.spawn('socat', ['-', place], { stdio: ['pipe', 'pipe', 'inherit'] })
    if (!viewer.stdin || !viewer.stdout) throw new Error('no pipes')
    const shown = await lookAtScreen(Duplex.from({ readable: viewer.stdout, writable: viewer.stdin }))
    expect(shown.width).toBeGreaterThan(100)
    viewer.kill()
  })

  test('17. gives back a machine as it was made', { timeout: 5 * MINUTES }, async () => {
    expect(await devenv('reset', 'node01')).toBe('node01 is off, and its disk is empty.\n')
    expect(await powers()).toEqual(['off', 'on', 'on'])
    // Nothing is on its disk, and netboot is off: it finds nothing to boot from.
    await devenv('power', 'node01', 'on')
    await says('No bootable device', ['node01'], 2)
  })

  test('3. is taken down without a trace, made again, and taken down again', { timeout: 15 * MINUTES }, async () => {
    expect(await devenv('down')).toContain('are gone')
    expect(await devenv('down')).toContain('down already')
    expect(await host.look()).toEqual(before)
    expect(readdirSync(host.temp)).toEqual([])
    await devenv('up')
    folder = (await status()).folder ?? ''
    token = ''
    await installAll()
    await devenv('down')
    expect(await host.look()).toEqual(before)
    expect(readdirSync(host.temp)).toEqual([])
    expect(await inside()).toEqual([])
  })

  /** What still runs in the host's network. */
  async function inside(): Promise<string[]> {
    return (await host.namespace.exec('ip', ['netns', 'pids', host.namespace.name]))
      .split('\n')
      .filter((pid) => pid !== '' && isThere(pid))
  }
})

const noteIn = (temp: string) => join(temp, `orchestra-devenv-0-orchestra-devnet`, 'lab.json')

/** `ip` itself was one of them. */
function isThere(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
  } catch {
    return false
  }
}
