/**
 * DHCP beside Kea: whole exchanges of four in a second, by perfdhcp, one server after the other on the same two network
 * namespaces. Run as root with `npm run orchestra`'s Node: `sh devenv/with-node test/bench/dhcp.ts`.
 *
 * The load comes from the same machine, so only the ratio says something. Orchestra syncs each lease to the disk before
 * its ACK; Kea, as it comes, writes its lease file without waiting for the disk.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { exec } from '../../src/lib/exec.ts'
import { needPackages } from '../support/debian.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const CLIENTS = 40_000
const SECONDS = 10
/** Exchanges asked for in a second: more than either gives, and less. */
const ASKED = [12_000, 6_000, 2_000]
const [SUBNET, POOL, SERVER, RELAY] = ['10.80.0.0/16', '10.80.1.0-10.80.240.255', '10.80.0.1', '10.80.0.2']
const [HERE, THERE] = [`orchestra-bench-${process.pid}`, `orchestra-bench-${process.pid}-load`]

interface Contestant {
  readonly name: string
  /** The command line, with its files in `folder`. */
  command(folder: string): string[]
  readonly env: (folder: string) => Record<string, string>
  /** What it writes when it listens. */
  readonly ready: RegExp
}

const ORCHESTRA: Contestant = {
  name: 'Orchestra',
  command(folder) {
    const dhcp = { enabled: true, interfaces: ['bench0'], probe: false, subnets: [{ subnet: SUBNET, pool: POOL }] }
    const settings = { data: join(folder, 'data'), log: { level: 'info', format: 'json' }, dhcp }
    writeFileSync(join(folder, 'orchestra.yaml'), JSON.stringify(settings))
    return [process.execPath, MAIN, 'serve', '--config', join(folder, 'orchestra.yaml')]
  },
  env: () => ({ ORCHESTRA_HTTP__LISTEN: '127.0.0.1:0', ORCHESTRA_TFTP__LISTEN: '127.0.0.1:0' }),
  ready: /ready:/,
}

const KEA: Contestant = {
  name: 'Kea',
  command(folder) {
    const loggers = [{ name: 'kea-dhcp4', severity: 'INFO', output_options: [{ output: 'stdout' }] }]
    const subnet4 = [{ subnet: SUBNET, pools: [{ pool: POOL.replace('-', ' - ') }] }]
    const lease_database = { type: 'memfile', persist: true, name: join(folder, 'leases.csv'), 'lfc-interval': 0 }
    const Dhcp4 = {
      'interfaces-config': { interfaces: ['bench0'], 'dhcp-socket-type': 'udp' },
      'lease-database': lease_database,
      'valid-lifetime': 3600,
      subnet4,
      loggers,
    }
    writeFileSync(join(folder, 'kea.json'), JSON.stringify({ Dhcp4 }))
    return ['kea-dhcp4', '-c', join(folder, 'kea.json')]
  },
  env: (folder) => ({ KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: folder }),
  ready: /DHCP4_STARTED/,
}

interface Result {
  readonly rate: number
  /** Per cent of the DISCOVERs and REQUESTs that got no answer. */
  readonly lost: number
  /** Microseconds of processor time for one exchange: this one hardly depends on what else the machine does. */
  readonly cost: number
  /** MiB of memory, afterwards. */
  readonly memory: number
}

await needPackages('iproute2', 'kea-admin', 'kea-dhcp4-server')
try {
  await makeNetwork()
  for (const asked of ASKED) {
    const kea = await race(KEA, asked)
    const ours = await race(ORCHESTRA, asked)
    const line = ({ rate, lost, cost, memory }: Result) =>
      `${rate.toFixed(0)}/s (${lost.toFixed(1)} % lost, ${cost.toFixed(0)} µs each, ${memory.toFixed(0)} MiB)`
    console.log(
      `asked ${asked}/s: Orchestra ${line(ours)}, Kea ${line(kea)}, ratio ${(ours.rate / kea.rate).toFixed(2)}`,
    )
  }
} finally {
  for (const name of [HERE, THERE]) await exec('ip', ['netns', 'delete', name]).catch(() => {})
}

async function makeNetwork(): Promise<void> {
  for (const name of [HERE, THERE]) await exec('ip', ['netns', 'add', name])
  await exec('ip', ['-n', HERE, 'link', 'add', 'bench0', 'type', 'veth', 'peer', 'name', 'load0', 'netns', THERE])
  for (const [name, device, address] of [
    [HERE, 'bench0', SERVER],
    [THERE, 'load0', RELAY],
  ] as const) {
    await exec('ip', ['-n', name, 'address', 'add', `${address}/16`, 'dev', device])
    for (const one of ['lo', device]) await exec('ip', ['-n', name, 'link', 'set', one, 'up'])
  }
}

async function race(contestant: Contestant, asked: number): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-bench-'))
  const server = await start(contestant, folder)
  try {
    await load(500, 2)
    const before = processorTime(server)
    const { rate, lost, exchanges } = readReport(await load(asked, SECONDS))
    const cost = (processorTime(server) - before) / exchanges
    return { rate, lost, cost, memory: memoryOf(server) }
  } finally {
    const ended = once(server, 'close')
    server.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
}

/** perfdhcp ends with 3 when something was lost: that is a result. */
function load(asked: number, seconds: number): Promise<string> {
  const perfdhcp = ['perfdhcp', '-4', '-l', 'load0', '-r', `${asked}`, '-R', `${CLIENTS}`, '-p', `${seconds}`, SERVER]
  const inside = ['netns', 'exec', THERE, 'sh', '-c', '"$@" || [ $? -eq 3 ]', 'sh', ...perfdhcp]
  return exec('ip', inside, { timeout: 120_000 })
}

function readReport(output: string): { rate: number; lost: number; exchanges: number } {
  const rate = Number(/^Rate: ([\d.]+)/m.exec(output)?.[1])
  const sum = (word: string) =>
    [...output.matchAll(new RegExp(`^${word}: (\\d+)`, 'gm'))].reduce((total, [, digits]) => total + Number(digits), 0)
  const sent = sum('sent packets')
  const exchanges = Number([...output.matchAll(/^received packets: (\d+)/gm)][1]?.[1])
  return { rate, lost: (100 * (sent - sum('received packets'))) / sent, exchanges }
}

async function start({ name, command, env, ready }: Contestant, folder: string): Promise<ChildProcess> {
  const child = spawn('ip', ['netns', 'exec', HERE, ...command(folder)], {
    env: { PATH: process.env['PATH'], ...env(folder) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  let isReady = false
  for (const stream of [child.stdout, child.stderr]) {
    // Read to the end: a server whose pipe is full stands still.
    stream.setEncoding('utf8').on('data', (part: string) => {
      if (!isReady) text += part
      isReady ||= ready.test(text)
    })
  }
  for (let tries = 0; !isReady; tries++) {
    if (child.exitCode !== null || tries === 300) throw new Error(`${name} did not start:\n${text}`)
    await wait(100)
  }
  return child
}

/** Microseconds in which it had a processor, all threads together. The kernel counts in hundredths of a second. */
function processorTime({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

function memoryOf({ pid }: ChildProcess): number {
  const [, kibibytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) / 1024
}
