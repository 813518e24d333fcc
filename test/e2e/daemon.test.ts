/** The daemon as its users start and stop it: what it says, what it refuses and why, and what it leaves on the disk. */
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { daemonEnv, runOrchestra, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'
import { makeNamespace, whyNoNamespaces } from '../support/namespace.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const NOBODY = 65534
const started = new Set<number>()
afterAll(() => {
  for (const pid of started) process.kill(pid, 'SIGKILL')
})

/** Starts a daemon that is meant to fail; answers what it said. */
async function refusal(
  data: string,
  more: Record<string, string> = {},
  { config = '', uid }: { config?: string; uid?: number } = {},
) {
  const file = join(temporaryFolder(uid), 'orchestra.yaml')
  writeFileSync(file, config)
  const env = { ...(daemonEnv(data, 'a password') as Record<string, string>), ORCHESTRA_CONFIG: file, ...more }
  const { code, stdout, stderr } = await runOrchestra(['serve'], { env, ...(uid !== undefined && { uid }) })
  return { code, stdout, stderr }
}

/** One clear sentence on standard error, exit code 1, and no stack of calls. */
function sentence(because: RegExp) {
  const line = new RegExp(`^orchestra: [^\\n]*(?:${because.source})[^\\n]*\\n$`)
  return { code: 1, stdout: expect.not.stringContaining('    at '), stderr: expect.stringMatching(line) }
}

describe('a start', () => {
  test('needs the environment alone', async () => {
    const daemon = await startDaemon({ config: 'none' })
    expect(daemon.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(daemon.tftp).toMatch(/^127\.0\.0\.1:\d+$/)
    const health = await fetch(`${daemon.url}/healthz`)
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])
    expect(await daemon.token()).toMatch(/^\S{20,}$/)
    expect(await daemon.stop()).toBe(0)
    expect(daemon.records().at(-1)).toMatchObject({ msg: 'stopped' })
  })

  test.each([
    ['its daemon', (_npm: number, daemon: number) => daemon],
    ['npm itself', (npm: number) => npm],
  ])('by npm ends when %s is told to', async (_, chosen) => {
    const { npm, daemon, output } = await npmStart()
    expect(output()).toContain('"msg":"ready:')
    process.kill(chosen(npm.pid ?? 0, daemon), 'SIGTERM')
    expect(await once(npm, 'close')).toEqual([0, null])
    expect(output()).toContain('"msg":"stopped"')
    expect(output()).not.toContain('    at ')
  })

  test('as root in an empty network takes the ports where machines look, and says what DHCP needs', async (context) => {
    const why = whyNoNamespaces()
    if (why) context.skip(why)
    const namespace = await makeNamespace()
    const daemon = await startDaemon({
      namespace,
      env: { ORCHESTRA_HTTP__LISTEN: undefined, ORCHESTRA_TFTP__LISTEN: undefined },
    })
    expect(daemon.listening()).toMatchObject({ http: 'http://0.0.0.0:80', tftp: '0.0.0.0:69', dhcp: [] })
    await daemon.logged('DHCP is off: list what it shall serve in dhcp.subnets')
  })

  test('as an ordinary user takes high ports, leaves DHCP off, and says what root would add', async (context) => {
    const why = whyNoNamespaces()
    if (why) context.skip(why)
    const namespace = await makeNamespace()
    const config = { dhcp: { subnets: [{ subnet: '10.77.0.0/24' }] } }
    const env = { ORCHESTRA_HTTP__LISTEN: undefined, ORCHESTRA_TFTP__LISTEN: undefined }
    const daemon = await startDaemon({ namespace, uid: NOBODY, config, env })
    expect(daemon.listening()).toMatchObject({ http: 'http://0.0.0.0:8080', tftp: '0.0.0.0:6969', dhcp: [] })
    await daemon.logged('not root: DHCP needs port 67 and stays off; as root Orchestra would')
    expect(statSync(daemon.data).uid).toBe(NOBODY)
    await needPackages('curl')
    expect(await namespace.exec('curl', ['-sS', 'http://127.0.0.1:8080/healthz'])).toBe('{"status":"ok"}')
    expect(await daemon.stop()).toBe(0)
  })
})

describe('a start is refused, with one sentence', () => {
  test('on a data directory that another daemon uses, which is not disturbed', async () => {
    const daemon = await startDaemon()
    expect(await refusal(daemon.data)).toMatchObject(
      sentence(/another Orchestra is using this data directory.*; stop it, or choose another/),
    )
    expect((await fetch(`${daemon.url}/healthz`)).status).toBe(200)
    await daemon.restart()
    expect((await fetch(`${daemon.url}/healthz`)).status).toBe(200)
  })

  test.each(['http', 'tftp', 'dns'])('on a port for %s that is in use', async (door) => {
    await using busy = await busyPort(door === 'http' ? 'tcp' : 'udp')
    const env = {
      [`ORCHESTRA_${door.toUpperCase()}__LISTEN`]: busy.listen,
      ORCHESTRA_DNS__ENABLED: `${door === 'dns'}`,
    }
    expect(await refusal(join(temporaryFolder(), 'data'), env)).toMatchObject(
      sentence(new RegExp(`${door}\\.listen: ${busy.listen} is in use by another program`)),
    )
  })

  test('on an address that is not of this host', async () => {
    expect(await refusal(join(temporaryFolder(), 'data'), { ORCHESTRA_HTTP__LISTEN: '203.0.113.1:0' })).toMatchObject(
      sentence(/http\.listen: 203\.0\.113\.1:0 is no address of this host/),
    )
  })

  test('to an ordinary user, on a port that is only for root', async (context) => {
    const why = whyNoNamespaces()
    if (why) context.skip(why)
    // Some systems open low ports to everybody; a fresh network has the old rule.
    const namespace = await makeNamespace()
    await expect(
      startDaemon({ namespace, uid: NOBODY, env: { ORCHESTRA_HTTP__LISTEN: '127.0.0.1:80' } }),
    ).rejects.toThrow(/http\.listen: 127\.0\.0\.1:80 is only for root/)
  })

  test.each<[string, (folder: string) => void, string, string?]>([
    [
      'a data directory that is a file',
      (folder: string) => void writeFileSync(join(folder, 'data'), 'x'),
      'EEXIST|ENOTDIR',
    ],
    [
      'a data directory below a file',
      (folder: string) => void writeFileSync(join(folder, 'data'), 'x'),
      'ENOTDIR',
      'data/below',
    ],
    [
      'a store that is no database',
      (folder: string) => {
        mkdirSync(join(folder, 'data'))
        writeFileSync(join(folder, 'data/orchestra.db'), 'this is not a database, it is a letter. '.repeat(100))
      },
      'NOTADB',
    ],
  ])('on %s', async (_, prepare, code, below = 'data') => {
    const folder = temporaryFolder()
    prepare(folder)
    expect(await refusal(join(folder, below))).toMatchObject(
      sentence(new RegExp(`data directory .* cannot be used \\(\\w*(?:${code})\\w*\\)`)),
    )
  })

  test('on a data directory of somebody else', async (context) => {
    if (process.getuid?.() !== 0) context.skip('becoming another user needs root')
    const folder = temporaryFolder()
    chmodSync(folder, 0o755)
    mkdirSync(join(folder, 'data'), { mode: 0o700 })
    for (const data of ['data', 'new'].map((name) => join(folder, name))) {
      expect(await refusal(data, {}, { uid: NOBODY })).toMatchObject(
        sentence(/data directory .* cannot be used \(\w*(?:EACCES|CANTOPEN)\w*\)/),
      )
    }
  })

  test('on one bad value', async () => {
    expect(await refusal(join(temporaryFolder(), 'data'), { ORCHESTRA_LOG__LEVEL: 'loud' })).toMatchObject(
      sentence(/the configuration has a fault: log\.level: /),
    )
  })
})

describe('a configuration', () => {
  const faulty = 'http: {listen: nowhere}\nhtpp: {}\ndhcp: {subnets: [{subnet: 10.77.0.9/24}]}\n'
  const FAULTS = [
    /^ {2}http\.listen: "nowhere"/m,
    /^ {2}htpp: there is no such setting/m,
    /^ {2}dhcp\.subnets\.0\.subnet: /m,
    /^ {2}ORCHESTRA_TFPT__LISTEN: there is no setting tfpt\.listen/m,
  ]

  test('with faults starts nothing, and all of them are told at once with their places', async () => {
    const folder = temporaryFolder()
    const env = { ORCHESTRA_TFPT__LISTEN: ':69', ORCHESTRA_HTTP__LISTEN: 'nowhere' }
    const { code, stderr } = await refusal(join(folder, 'data'), env, { config: faulty })
    expect(code).toBe(1)
    for (const fault of FAULTS) expect(stderr).toMatch(fault)
    expect(stderr).toMatch(/^orchestra: the configuration has 4 faults:\n/)
    expect(stderr.split('\n')).toHaveLength(6)
    expect(readdirSync(folder)).toEqual([])
  })

  test('is checked by a command that agrees with the start', async () => {
    const file = join(temporaryFolder(), 'orchestra.yaml')
    const check = (env: Record<string, string> = {}) => runOrchestra(['config', 'check', '--config', file], { env })
    writeFileSync(file, 'log: {level: debug}\n')
    expect(await check()).toMatchObject({ code: 0, stdout: 'The configuration is good.\n', stderr: '' })
    writeFileSync(file, faulty)
    const bad = await check({ ORCHESTRA_TFPT__LISTEN: ':69' })
    expect([bad.code, bad.stdout]).toEqual([1, ''])
    for (const fault of FAULTS) expect(bad.stderr).toMatch(fault)
    writeFileSync(file, 'log: [level: {debug\n')
    expect(await check()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^orchestra: the configuration has .*orchestra\.yaml: /s),
    })
  })

  test('named and not there is a fault', async () => {
    expect(await runOrchestra(['config', 'check', '--config', '/nowhere/orchestra.yaml'])).toMatchObject(
      sentence(/\/nowhere\/orchestra\.yaml: cannot be read \(ENOENT\)/),
    )
  })
})

/** A port of the loopback that somebody listens on. */
async function busyPort(protocol: 'tcp' | 'udp') {
  const socket = protocol === 'tcp' ? createServer().listen(0, '127.0.0.1') : createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address() as { port: number }
  return { listen: `127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void socket.close() }
}

/** `npm start` as a person types it; answers when the daemon is ready, with the process that is the daemon itself. */
async function npmStart() {
  const data = join(temporaryFolder(), 'data')
  const npm = spawn('npm', ['start'], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: temporaryFolder(),
      ...daemonEnv(data, 'a password'),
      ORCHESTRA_CONFIG: '/dev/null',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  await new Promise<void>((done, failed) => {
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.setEncoding('utf8').on('data', (part) => {
        text += part
        if (text.includes('"msg":"ready:')) done()
      })
    }
    npm.once('close', (code) => failed(new Error(`npm start ended with ${code}: ${text}`)))
  })
  const line = lineOf(npm.pid ?? 0)
  for (const pid of line) started.add(pid)
  npm.once('close', () => {
    for (const pid of line) if (!existsSync(`/proc/${pid}`)) started.delete(pid)
  })
  return { npm, daemon: line.at(-1) ?? 0, output: () => text }
}

/** A process, its child, and so on: npm may start a shell, which may start another; the daemon is the last. */
function lineOf(pid: number): number[] {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return child === undefined ? [pid] : [pid, ...lineOf(Number(child))]
}
