/** Two network namespaces with a cable between them: servers run in one, the load comes from the other. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type ExecOptions, exec } from '../../src/lib/exec.ts'

export const [SERVER, CLIENT, NETWORK] = ['10.80.0.1', '10.80.0.2', '10.80.0.0/14']
/** The first half of addresses that are all the clients'. */
export const CROWD = '10.83'
export const DEVICE = 'bench0'
export const FAR_DEVICE = 'load0'
export const POOL = '10.80.1.0-10.82.200.255'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')

export interface Running {
  readonly pid: number
  /** Seconds in which it had a processor, all threads and children of it together. */
  cpu(): number
  /** MiB. */
  memory(): number
  stop(): Promise<void>
}

export interface World {
  /** Of the benchmark; emptied when it ends. */
  readonly folder: string
  readonly names: { readonly server: string; readonly client: string }
  /** Runs something where the clients are, and answers its output. */
  load(program: string, args: readonly string[], options?: ExecOptions): Promise<string>
  /** Starts a server; answers when it writes what is looked for, or when `probe` does not fail any more. */
  start(
    command: readonly string[],
    ready: RegExp | (() => Promise<unknown>),
    env?: Readonly<Record<string, string>>,
  ): Promise<Running>
  /** The daemon on a data directory of its own. `settings` over what every part needs. */
  orchestra(settings: object, prepare?: (data: string) => void): Promise<Running & { readonly data: string }>
  /** A command of ours to the daemon on that directory. */
  tell(data: string, ...args: string[]): Promise<string>
  close(): Promise<void>
}

export async function openWorld(): Promise<World> {
  if (process.getuid?.() !== 0) throw new Error('the benchmark has networks of its own, and those need root: sudo')
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-bench-'))
  const names = { server: `orchestra-bench-${process.pid}`, client: `orchestra-bench-${process.pid}-load` }
  const running = new Set<Running>()
  const inside = (name: string, ...args: readonly string[]) => ['netns', 'exec', name, ...args]
  let runs = 0

  const world: World = {
    folder,
    names,
    load: (program, args, options) => exec('ip', inside(names.client, program, ...args), options),

    async start(command, ready, env = {}) {
      const child = spawn('ip', inside(names.server, ...command), {
        env: { PATH: process.env['PATH'], ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const server = runningOf(child, () => running.delete(server))
      running.add(server)
      await untilReady(child, command[0] ?? '', ready)
      return server
    },

    async orchestra(settings, prepare) {
      const home = join(folder, `orchestra-${++runs}`)
      const data = join(home, 'data')
      mkdirSync(data, { recursive: true, mode: 0o700 })
      prepare?.(data)
      const base = {
        ...{ data, log: { level: 'info', format: 'json' }, http: { listen: `${SERVER}:80`, url: `http://${SERVER}` } },
        ...{ tftp: { listen: `${SERVER}:69` }, syslog: { enabled: false } },
      }
      const config = join(home, 'orchestra.yaml')
      writeFileSync(config, JSON.stringify({ ...base, ...settings }))
      const env = { ORCHESTRA_ADMIN__PASSWORD: randomBytes(12).toString('base64url') }
      const server = await world.start([process.execPath, MAIN, 'serve', '--config', config], /ready:/, env)
      return { ...server, data }
    },

    tell: (data, ...args) =>
      exec('ip', inside(names.server, process.execPath, MAIN, ...args), {
        env: { ...process.env, ORCHESTRA_DATA: data },
      }),

    async close() {
      for (const one of [...running]) await one.stop()
      for (const name of Object.values(names)) await exec('ip', ['netns', 'delete', name]).catch(() => {})
      rmSync(folder, { recursive: true, force: true })
    },
  }
  for (const name of Object.values(names)) await exec('ip', ['netns', 'add', name])
  const cable = ['type', 'veth', 'peer', 'name', FAR_DEVICE, 'netns', names.client]
  await exec('ip', ['-n', names.server, 'link', 'add', DEVICE, ...cable])
  for (const [name, device, address] of [
    [names.server, DEVICE, SERVER],
    [names.client, FAR_DEVICE, CLIENT],
  ] as const) {
    await exec('ip', ['-n', name, 'address', 'add', `${address}/14`, 'dev', device])
    for (const one of ['lo', device]) await exec('ip', ['-n', name, 'link', 'set', one, 'up'])
  }
  // As many clients as there are addresses here.
  await exec('ip', ['-n', names.client, 'route', 'add', 'local', `${CROWD}.0.0/16`, 'dev', 'lo'])
  return world
}

async function untilReady(child: ChildProcess, name: string, ready: RegExp | (() => Promise<unknown>)): Promise<void> {
  let text = ''
  let isReady = false
  for (const stream of [child.stdout, child.stderr]) {
    // Read to the end: a server whose pipe is full stands still.
    stream?.setEncoding('utf8').on('data', (part: string) => {
      if (!isReady) text += part
    })
  }
  for (let tries = 0; ; tries++) {
    isReady = ready instanceof RegExp ? ready.test(text) : await ready().then(Boolean, () => false)
    if (isReady) return
    if (child.exitCode !== null || tries === 300) throw new Error(`${name} did not start:\n${text}`)
    await wait(100)
  }
}

function runningOf(child: ChildProcess, ended: () => void): Running {
  const { pid = 0 } = child
  const family = () => [pid, ...childrenOf(pid)]
  return {
    pid,
    cpu: () => family().reduce((sum, one) => sum + processorTime(one), 0),
    memory: () => family().reduce((sum, one) => sum + memoryOf(one), 0),
    async stop() {
      ended()
      if (child.exitCode !== null || child.signalCode !== null) return
      const closed = once(child, 'close')
      for (const one of childrenOf(pid)) process.kill(one, 'SIGKILL')
      child.kill('SIGKILL')
      await closed
    },
  }
}

function childrenOf(pid: number): number[] {
  const text = readProc(`/proc/${pid}/task/${pid}/children`)
  return text.split(' ').filter(Boolean).map(Number)
}

/** Its own, and that of its children which have ended. The kernel counts in hundredths of a second. */
function processorTime(pid: number): number {
  const fields = readProc(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? []
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0) / 100
}

function memoryOf(pid: number): number {
  const [, kibibytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readProc(`/proc/${pid}/status`)) ?? []
  return Number(kibibytes) / 1024
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // it has just ended
  }
}
