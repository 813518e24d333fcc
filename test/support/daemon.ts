/**
 * The real daemon for tests: `src/main.ts serve` as a process of its own on a data directory of its own, on ports that
 * the system chose. Whatever a test does, the daemon and its files are gone when the test file ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll } from 'vitest'
import { stringify } from 'yaml'
import type { Namespace } from './namespace.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const START_DEADLINE = 30_000

export interface DaemonOptions {
  /** Settings as they stand in orchestra.yaml; `none`: no file is named, and the daemon looks for one as it would. */
  readonly config?: object | 'none'
  /** Environment over the defaults below; undefined takes a default away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Run inside this network namespace. `url` is then true only in there: use `namespace.exec('curl', …)`. */
  readonly namespace?: Namespace
  /** More arguments after `serve`. */
  readonly args?: readonly string[]
  /** Run as this user and group id. */
  readonly uid?: number
  /** A data directory to use, which is then not removed. */
  readonly data?: string
}

/** Where the daemon said that it listens. */
export interface Listening {
  readonly http: string
  readonly tftp: string | undefined
  readonly dhcp: readonly string[]
  readonly dns: string | undefined
  readonly syslog: string | undefined
  readonly proxy: string | undefined
}

export interface Daemon {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** `127.0.0.1:PORT` */
  readonly tftp: string
  /** Of the user `admin`. */
  readonly password: string
  /** The data directory. */
  readonly data: string
  readonly pid: number
  listening(): Listening
  /** All that it has written so far, over restarts. */
  log(): string
  /** The JSON log lines so far. */
  records(): Record<string, unknown>[]
  /** Answers when a log line has this text in it; rejects when the daemon ends first. */
  logged(text: string): Promise<void>
  /** SIGTERM; answers the exit code when it has ended. Does nothing to a daemon that has ended. */
  stop(): Promise<number | null>
  /** SIGKILL: no last word. */
  kill9(): Promise<void>
  /** Ends it if it runs, and starts it on the same data directory. The ports may be others. */
  restart(): Promise<void>
  /** An API token of `admin`. */
  token(): Promise<string>
}

const cleanups = new Set<() => Promise<void>>()
const children = new Set<ChildProcess>()

afterAll(async () => {
  for (const cleanup of [...cleanups]) await cleanup()
})
// The last net: a test runner that is told to end takes its daemons with it.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** Starts a daemon and answers when it says that it is ready. Rejects with what it wrote when it is not. */
export async function startDaemon(options: DaemonOptions = {}): Promise<Daemon> {
  const password = randomBytes(9).toString('base64url')
  const folder = temporaryFolder(options.uid)
  const data = options.data ?? join(folder, 'data')
  const env = { ...daemonEnv(data, password), ...options.env }
  const args = ['serve', ...configArgs(folder, options), ...(options.args ?? [])]
  let run = await startRun(folder, args, env, options)
  let before = ''

  const daemon: Daemon = {
    get url() {
      return run.listening.http
    },
    get tftp() {
      if (run.listening.tftp === undefined) throw new Error('this daemon serves no TFTP')
      return run.listening.tftp
    },
    get pid() {
      return run.pid
    },
    password,
    data,
    listening: () => run.listening,
    log: () => before + run.output(),
    records: () => jsonLines(before + run.output()),
    logged: (text) => run.says((output) => output.includes(text), `log "${text}"`),
    stop: () => run.end('SIGTERM'),
    kill9: async () => void (await run.end('SIGKILL')),
    async restart() {
      await run.end('SIGTERM')
      before += run.output()
      run = await startRun(folder, args, env, options)
    },
    token: () => login(run.listening.http, password, options.namespace),
  }
  cleanups.add(async () => {
    await run.end('SIGTERM', 10_000)
    rmSync(folder, { recursive: true, force: true })
  })
  return daemon
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs `orchestra <args>` to its end: for commands, and for starts that are meant to fail. The environment holds nothing
 * but PATH and `env`.
 */
export async function runOrchestra(
  args: readonly string[],
  { env = {}, uid, timeout = 30_000 }: { env?: Readonly<Record<string, string>>; uid?: number; timeout?: number } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], LC_ALL: 'C', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    timeout,
    killSignal: 'SIGKILL',
    ...(uid !== undefined && { uid, gid: uid }),
  })
  children.add(child)
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')]
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  children.delete(child)
  return { code, signal, stdout: stdout(), stderr: stderr() }
}

/** A folder that is removed when the test file ends. */
export function temporaryFolder(uid?: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-test-'))
  if (uid !== undefined) chownSync(folder, uid, uid)
  cleanups.add(async () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What every daemon of a test is told: ports of the system's choice, nothing outside the loopback. */
export function daemonEnv(data: string, password: string): Record<string, string | undefined> {
  return {
    ORCHESTRA_DATA: data,
    ORCHESTRA_HTTP__LISTEN: '127.0.0.1:0',
    ORCHESTRA_TFTP__LISTEN: '127.0.0.1:0',
    ORCHESTRA_SYSLOG__LISTEN: '127.0.0.1:0',
    ORCHESTRA_ADMIN__PASSWORD: password,
    // The networks of tests are their own; who tests this asks for it.
    ORCHESTRA_DHCP__PROBE: 'false',
    ORCHESTRA_LOG__FORMAT: 'json',
  }
}

function configArgs(folder: string, { config }: DaemonOptions): string[] {
  if (config === 'none') return []
  // An empty file is named too, so that a file of the machine's own daemon is never read.
  const path = join(folder, 'orchestra.yaml')
  writeFileSync(path, stringify(config ?? {}))
  return ['--config', path]
}

interface Run {
  readonly pid: number
  readonly listening: Listening
  output(): string
  says(isSaid: (output: string) => boolean, what: string): Promise<void>
  end(signal: NodeJS.Signals, deadline?: number): Promise<number | null>
}

async function startRun(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  { namespace, uid }: DaemonOptions,
): Promise<Run> {
  const asUser = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
  const [first, ...rest] = [...asUser, process.execPath, MAIN, ...args] as [string, ...string[]]
  // setpriv and ip replace themselves with the program they run: the child's process id is the daemon's.
  const [program, argv] = namespace ? namespace.command(first, rest) : [first, rest]
  const child = spawn(program, argv, {
    env: { PATH: process.env['PATH'], LC_ALL: 'C', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
  })
  children.add(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part))
  const closed = once(child, 'close').then(() => void children.delete(child))

  const says = (isSaid: (output: string) => boolean, what: string) =>
    new Promise<void>((done, failed) => {
      const look = () => isSaid(text) && settle(done)
      const fail = (why: string) => settle(() => failed(new Error(`the daemon ${why} ${what}; it wrote:\n${text}`)))
      const timer = setTimeout(() => fail(`did not in ${START_DEADLINE / 1000} s`), START_DEADLINE)
      const settle = (how: () => void) => {
        clearTimeout(timer)
        for (const stream of [child.stdout, child.stderr]) stream.off('data', look)
        how()
      }
      for (const stream of [child.stdout, child.stderr]) stream.on('data', look)
      void closed.then(() => fail(`ended (code ${child.exitCode ?? child.signalCode}) and did not`))
      look()
    })

  const end = async (signal: NodeJS.Signals, deadline = START_DEADLINE) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), deadline)
    child.kill(signal)
    await closed
    clearTimeout(timer)
    return child.exitCode
  }

  try {
    await says((output) => readiness(output) !== undefined, 'become ready')
  } catch (error) {
    await end('SIGKILL')
    throw error
  }
  const listening = readiness(text)
  if (!listening || child.pid === undefined) throw new Error('ready without listening')
  return { pid: child.pid, listening, output: () => text, says, end }
}

function readiness(output: string): Listening | undefined {
  const ready = jsonLines(output).find(({ msg }) => typeof msg === 'string' && msg.startsWith('ready:'))
  return ready?.['listening'] as Listening | undefined
}

function jsonLines(output: string): Record<string, unknown>[] {
  return output.split('\n').flatMap((line) => {
    try {
      return line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []
    } catch {
      return [] // half a line, still being written
    }
  })
}

function collect(child: ChildProcess, name: 'stdout' | 'stderr'): () => string {
  let text = ''
  child[name]?.setEncoding('utf8').on('data', (part) => (text += part))
  return () => text
}

/** Through the door whose words never change: Cobbler's `login`. */
async function login(url: string, password: string, namespace: Namespace | undefined): Promise<string> {
  const values = ['admin', password].map((value) => `<param><value><string>${value}</string></value></param>`)
  const body = `<?xml version="1.0"?><methodCall><methodName>login</methodName><params>${values.join('')}</params></methodCall>`
  const answer = namespace
    ? await namespace.exec(
        'curl',
        ['-sS', '-H', 'Content-Type: text/xml', '--data-binary', '@-', `${url}/cobbler_api`],
        {
          stdin: body,
        },
      )
    : await fetch(`${url}/cobbler_api`, { method: 'POST', headers: { 'content-type': 'text/xml' }, body }).then((got) =>
        got.text(),
      )
  const token = /<string>([^<]+)<\/string>/.exec(answer)?.[1]
  if (token === undefined || answer.includes('<fault>')) throw new Error(`login failed: ${answer}`)
  return token
}
