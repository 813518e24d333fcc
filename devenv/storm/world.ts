/**
 * The world of a storm: the first process of its network and process namespaces. It has the daemon, as it is in this checkout, on
 * one end of a cable, and the machines on the other. What it says on its output is a line of JSON each; it ends with the storm.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { stringify } from 'yaml'
import { exec } from '../../src/lib/exec.ts'
import { daemonSwitch } from '../daemon-switch.ts'
import { openLabApi } from '../lab-api.ts'
import { LAB_USER } from '../nodes.ts'
import { addProfile, profileOf } from '../profiles.ts'

const ROOT = resolve(import.meta.dirname, '../..')
/** A network for sixteen thousand machines, and the other end of its cable. */
const [SERVER, CLIENTS, PREFIX, POOL] = ['10.90.0.1', '10.90.0.2', 16, '10.90.128.0/18']
const POOL_RANGE = '10.90.128.1-10.90.191.254'
const DEVICE = 'storm0'

const [nodes = '', seconds = '', cache = ''] = process.argv.slice(2)
const tell = (value: object) => void process.stdout.write(`${JSON.stringify(value)}\n`)

const folder = mkdtempSync(join(tmpdir(), 'orchestra-storm-'))
try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
// The first process of its namespace takes along what still runs in it.
process.exit()

async function main(): Promise<number> {
  const ip = (...args: string[]) => exec('ip', args)
  await ip('link', 'set', 'lo', 'up')
  const program = [
    process.execPath,
    join(import.meta.dirname, 'clients.ts'),
    nodes,
    seconds,
    `${CLIENTS}/${PREFIX}`,
    POOL,
    DEVICE,
  ]
  const clients = spawn('unshare', ['--net', ...program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(clients, 'exit') as Promise<[number | null]>
  const lines = createInterface({ input: clients.stdout })
  const [linked] = (await Promise.race([once(lines, 'line'), ended])) as [unknown]
  if (typeof linked !== 'string') throw new Error('the machines could not be connected')
  await ip('address', 'add', `${SERVER}/${PREFIX}`, 'dev', DEVICE)
  await ip('link', 'set', DEVICE, 'up')
  // Its carrier comes a moment later, and without that nobody sees its address.
  while (!(DEVICE in networkInterfaces())) await wait(20)

  const password = randomBytes(12).toString('base64url')
  const config = join(folder, 'orchestra.yaml')
  writeFileSync(config, settings())
  mkdirSync(join(folder, 'data'), { mode: 0o700 })
  const env = { ORCHESTRA_DATA: join(folder, 'data'), ORCHESTRA_ADMIN__USER: LAB_USER, ORCHESTRA_LOG__FORMAT: 'json' }
  const daemon = daemonSwitch({ main: join(ROOT, 'src/main.ts'), config, env }, folder, SERVER, password)
  await daemon.start()
  const api = await openLabApi(`http://${SERVER}`, password)
  await addProfile('mini', api, { cache, server: SERVER, say: () => {} })
  await api.close()

  lines.on('line', (line) => void process.stdout.write(`${line}\n`))
  clients.stdin.write('go\n')
  const [code] = await ended
  tell({ memory: memoryOf(daemon.pid()) })
  await daemon.stop('SIGTERM')
  return code ?? 1
}

/** Machines that nobody knows boot the mini profile. */
function settings(): string {
  return stringify({
    http: { listen: `${SERVER}:80`, url: `http://${SERVER}` },
    tftp: { listen: `${SERVER}:69` },
    syslog: { enabled: false },
    log: { level: 'warn' },
    boot: { loaders: { bios: 'ipxe' }, enlist_profile: profileOf('mini') },
    dhcp: {
      interfaces: [DEVICE],
      probe: false,
      subnets: [{ subnet: '10.90.0.0/16', pool: POOL_RANGE, gateway: SERVER, dns: [SERVER], domain: 'storm' }],
    },
  })
}

/** Bytes resident now. */
function memoryOf(pid: number | undefined): number {
  const status = pid === undefined ? '' : readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
}
