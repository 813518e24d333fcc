/**
 * The part of the lab that lives in its namespaces: network, daemon, machines, and the two unix sockets through which it is
 * reached from outside: `gateway.sock` leads to the daemon's HTTP, `control.sock` to the switches. Started by lab-run.ts;
 * it ends when its standard input does, and everything that it started ends with it.
 */
import { once } from 'node:events'
import { chownSync, existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { connect, createServer, type ListenOptions, type NetConnectOpts } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { serveControl } from './control.ts'
import { type DaemonPlan, daemonSwitch } from './daemon-switch.ts'
import { createMachine, type Machine, type MachinePlan } from './machines.ts'
import { makeNetwork, tapOf } from './network.ts'
import { MIRROR_PORT } from './nodes.ts'
import type { LabSettings } from './settings.ts'

/** What lab-run.ts writes to `plan.json` in the run folder. */
export interface InsidePlan {
  readonly folder: string
  /** Its nodes are those that the lab has. */
  readonly settings: LabSettings
  readonly machines: readonly Omit<MachinePlan, 'tap' | 'folder'>[]
  readonly daemon: DaemonPlan
}

/** A file of this name in the run folder: do not remove it. */
export const KEEP = 'keep'

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  })
}

async function main(): Promise<void> {
  const plan = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as InsidePlan
  const { folder, settings } = plan
  const { ip } = settings.server
  // The password comes by standard input: an argument would show in every list of processes.
  const lines = createInterface({ input: process.stdin })
  const [secret] = (await once(lines, 'line')) as [string]
  const over = once(lines, 'close')

  await makeNetwork(settings)
  const daemon = daemonSwitch(plan.daemon, folder, ip, secret)
  const machines = new Map<string, Machine>()
  for (const one of plan.machines) {
    const { name } = one.node
    machines.set(
      name,
      createMachine({ ...one, folder, tap: tapOf(name) }, (who, words) => tell('ended', `${who}: ${words}`)),
    )
  }
  await serveGateway(join(folder, 'gateway.sock'), ip)
  await serveMirror(folder, ip)
  await serveControl(join(folder, 'control.sock'), machines, daemon)
  giveTo(['gateway.sock', 'control.sock'].map((name) => join(folder, name)))
  await daemon.start()
  tell('ready', '')

  await Promise.race([over, once(process, 'SIGTERM'), once(process, 'SIGINT')])
  await Promise.all([...machines.values()].map((machine) => machine.off()))
  await daemon.stop('SIGTERM')
  // By whom the files belong to: with sudo that is not who started the lab.
  process.chdir('/')
  if (!existsSync(join(folder, KEEP))) await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  process.exit(0)
}

/** Started by sudo, the lab's doors are for whoever called that. */
function giveTo(paths: readonly string[]): void {
  const [user, group] = [process.env['SUDO_UID'], process.env['SUDO_GID']].map(Number)
  if (!user || !group) return
  for (const path of paths) chownSync(path, user, group)
}

/** One line for lab-run.ts. */
function tell(what: 'ready' | 'ended', words: string): void {
  process.stdout.write(`${JSON.stringify({ what, words })}\n`)
}

/** Unix sockets know no network namespaces: whoever may open this file reaches the daemon. */
function serveGateway(path: string, host: string): Promise<void> {
  return pipeTo({ path }, { port: 80, host })
}

/** And the machines reach, by this port, the archive of packages that lab-run.ts serves outside. */
function serveMirror(folder: string, host: string): Promise<void> {
  return pipeTo({ port: MIRROR_PORT, host }, { path: join(folder, 'mirror.sock') })
}

async function pipeTo(from: ListenOptions, to: NetConnectOpts): Promise<void> {
  const server = createServer((outer) => {
    const inner = connect(to)
    outer.pipe(inner).pipe(outer)
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
    }
  })
  server.listen(from)
  await once(server, 'listening')
}
