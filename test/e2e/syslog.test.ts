/**
 * The installer's log as installers send it: busybox's syslogd, util-linux's logger, rsyslogd in both framings, from machines
 * of their own; read over HTTP and by the command line.
 */
import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { LogLine } from '../../src/model/log-line.ts'
import { needBusybox } from '../render/installer.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { makeNamespace, type Namespace } from '../support/namespace.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const SERVER = '10.77.0.1'

let network: Namespace
let daemon: Daemon
let folder: string
let token: string | undefined
const machines: Namespace[] = []

beforeAll(async () => {
  await needPackages('bsdutils', 'curl', 'rsyslog')
  await needBusybox()
  folder = temporaryFolder()
  network = await makeNamespace()
  await network.bridge('br0', `${SERVER}/24`)
  for (const last of [11, 12, 99]) {
    const machine = await makeNamespace()
    await network.link(machine, 'br0', 'eth0')
    await machine.exec('ip', ['address', 'add', `10.77.0.${last}/24`, 'dev', 'eth0'])
    machines.push(machine)
  }
  daemon = await startDaemon({
    namespace: network,
    config: { syslog: { keep_lines: 4000 } },
    env: { ORCHESTRA_HTTP__LISTEN: `${SERVER}:80`, ORCHESTRA_SYSLOG__LISTEN: undefined },
  })
  await orchestra('distro', 'add', '--name=d', '--kernel=/srv/d/linux', '--initrd=/srv/d/initrd.gz')
  await orchestra('profile', 'add', '--name=d', '--distro=d')
  for (const [name, mac, ip] of [
    ['node1', '52:54:00:77:00:01', '10.77.0.11'],
    ['node2', '52:54:00:77:00:02', '10.77.0.12'],
  ]) {
    const more = ['--power-pass=an old secret', '--ksmeta=root_password=hunter22']
    await orchestra('system', 'add', `--name=${name}`, '--profile=d', `--mac=${mac}`, `--ip-address=${ip}`, ...more)
  }
}, 600_000)

const orchestra = (...args: string[]) =>
  network.exec(process.execPath, [MAIN, ...args], { env: { ORCHESTRA_DATA: daemon.data } })

const machine = (index: number): Namespace => {
  const found = machines[index]
  if (!found) throw new Error(`there is no machine ${index}`)
  return found
}

async function linesOf(name: string, query = ''): Promise<LogLine[]> {
  token ??= await daemon.token()
  const url = `http://${SERVER}/api/systems/${name}/log${query}`
  return JSON.parse(await network.exec('curl', ['-sSf', '-H', `Authorization: Bearer ${token}`, url])) as LogLine[]
}

/** Asks until the lines are there: a datagram has no receipt. */
async function heard(name: string, ...wanted: string[]): Promise<LogLine[]> {
  for (;;) {
    const lines = await linesOf(name)
    if (wanted.every((text) => lines.some(({ message }) => message.includes(text)))) return lines
  }
}

const found = (lines: readonly LogLine[], text: string) => {
  const line = lines.find(({ message }) => message.includes(text))
  return line && { app: line.app, severity: line.severity, message: line.message }
}

describe('lines of a machine of ours', () => {
  test("are read from busybox's syslogd, as debian-installer runs it", async () => {
    // It knows one socket only: a /dev of its own.
    const script = `
      mount -t tmpfs none /dev
      busybox mknod -m 666 /dev/null c 1 3
      busybox syslogd -n -L -O /dev/messages -R ${SERVER}:514 & syslogd=$!
      until [ -S /dev/log ]; do :; done
      busybox logger -t main-menu[512] -p daemon.info "Menu item 'partman-base' selected"
      busybox logger -t kernel -p kern.warn '[    1.5] something is warm'
      busybox logger -t preseed 'the password is hunter22, not an old secret'
      until grep -qs hunter22 /dev/messages; do :; done
      kill $syslogd`
    await machine(0).exec('unshare', ['--mount', 'sh', '-c', script])
    const lines = await heard('node1', 'partman', 'warm', 'the password')
    expect(found(lines, 'partman')).toEqual({
      app: 'main-menu',
      severity: 6,
      message: "Menu item 'partman-base' selected",
    })
    expect(found(lines, 'warm')).toEqual({ app: 'kernel', severity: 4, message: '[    1.5] something is warm' })
    expect(found(lines, 'the password')?.message).toBe('the password is ********, not ********')
  })

  test.each([
    ['RFC 3164 by UDP', ['-d', '--rfc3164']],
    ['RFC 5424 by UDP', ['-d', '--rfc5424']],
    ['RFC 3164 by TCP', ['-T', '--rfc3164']],
    ['RFC 5424 by TCP, with lengths', ['-T', '--rfc5424', '--octet-count']],
  ])('are read from logger, %s', async (how, args) => {
    const message = `${how}: Grüße \u{1f600} \x1b[31m\ttab`
    await machine(0).exec('logger', ['-n', SERVER, '-P', '514', ...args, '-p', 'user.err', '-t', 'anna', message])
    const lines = await heard('node1', `${how}:`)
    expect(found(lines, how)).toEqual({ app: 'anna', severity: 3, message: `${how}: Grüße \u{1f600}  tab` })
  })

  test.each([
    ['TCP, line by line', `*.* @@${SERVER}:514`],
    [
      'TCP, by length',
      `*.* action(type="omfwd" target="${SERVER}" port="514" protocol="tcp" TCP_Framing="octet-counted")`,
    ],
    ['UDP', `*.* @${SERVER}:514;RSYSLOG_SyslogProtocol23Format`],
  ])('are read from rsyslogd, by %s', async (how, rule) => {
    const socket = join(folder, `log-${how.replace(/\W/g, '')}`)
    const conf = `${socket}.conf`
    writeFileSync(
      conf,
      [
        `global(workDirectory="${folder}")`,
        'module(load="imuxsock" SysSock.Use="off")',
        `input(type="imuxsock" Socket="${socket}")`,
        rule,
        '',
      ].join('\n'),
    )
    const daemonOf = machine(0).spawn('rsyslogd', ['-n', '-f', conf, '-i', `${socket}.pid`], { stdio: 'ignore' })
    const script = `until [ -S '${socket}' ]; do :; done; logger -u '${socket}' -t anaconda -p daemon.notice 'rsyslog by ${how}'`
    await machine(0).exec('sh', ['-c', script])
    expect(found(await heard('node1', `rsyslog by ${how}`), 'rsyslog by')?.app).toBe('anaconda')
    await ended(daemonOf)
  })

  test('show where a boot began', async () => {
    const args = ['-sSf', `http://${SERVER}/boot/ipxe/01-52-54-00-77-00-01`]
    const script = await machine(0).exec('curl', args)
    expect(script).toContain(` log_host=${SERVER} log_port=514 `)
    const [line] = (await heard('node1', 'a new boot')).slice(-1)
    expect(line).toMatchObject({ app: 'orchestra', message: expect.stringContaining('node1 was told to install d') })
  })
})

test('lines of strangers are nowhere', async () => {
  await machine(2).exec('logger', ['-n', SERVER, '-P', '514', '-d', '-t', 'x', 'let me in'])
  await machine(0).exec('logger', ['-n', SERVER, '-P', '514', '-d', '-t', 'x', 'after the stranger'])
  await heard('node1', 'after the stranger')
  for (const name of ['node1', 'node2']) expect(found(await linesOf(name), 'let me in')).toBeUndefined()
})

test('one machine that floods costs the others nothing', async () => {
  const flood = join(folder, 'flood')
  writeFileSync(flood, Array.from({ length: 20_000 }, (_, i) => `flood ${i}\n`).join(''))
  const flooding = machine(1).exec('logger', ['-n', SERVER, '-P', '514', '-T', '-t', 'flood', '-f', flood])
  for (let i = 0; i < 10; i++) {
    await machine(0).exec('logger', ['-n', SERVER, '-P', '514', '-T', '-t', 'calm', `calm ${i}`])
  }
  await flooding
  const calm = await heard('node1', 'calm 9')
  expect(calm.filter(({ app }) => app === 'calm').map(({ message }) => message)).toEqual(
    Array.from({ length: 10 }, (_, i) => `calm ${i}`),
  )
  const kept = await heard('node2', 'lines were dropped')
  expect(kept.length).toBeLessThanOrEqual(4000)
  expect(kept.filter(({ app }) => app === 'flood').length).toBeGreaterThan(500)
})

test('the command line shows it, from the end and live, also over a restart', async () => {
  expect(await orchestra('log', 'node1', '--lines', '1')).toMatch(/^[-\d]{10} [:\d]{8} {2}notice {3}calm: calm 9\n$/)
  const following = network.spawn(process.execPath, [MAIN, 'log', 'node1', '-f', '-n', '1'], {
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
  await shown('calm 9')
  const say = (message: string) => machine(0).exec('logger', ['-n', SERVER, '-P', '514', '-T', '-t', 'x', message])
  const first = shown('before the restart')
  await say('before the restart')
  await first
  const again = shown('connected again')
  await daemon.kill9()
  await daemon.restart()
  await again
  const second = shown('after the restart')
  await say('after the restart')
  await second
  expect(text.match(/before the restart/g)).toHaveLength(1)
  await ended(following)
})

test('nothing of all this was an error of the daemon', () => {
  expect(daemon.records().filter(({ level }) => Number(level) >= 40)).toEqual([])
  expect(daemon.log()).not.toContain('hunter22')
})

async function ended(child: ChildProcess): Promise<void> {
  const over = new Promise((done) => child.once('exit', done))
  child.kill('SIGKILL')
  await over
}
