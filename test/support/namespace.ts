/**
 * Network namespaces for tests: a network of one's own, with real interfaces, that nobody outside can see or be disturbed
 * by. Needs root. Everything that was made here is removed when the test file ends, with what still runs inside.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { afterAll } from 'vitest'
import { type ExecOptions, exec } from '../../src/lib/exec.ts'

export interface Namespace {
  readonly name: string
  /** The command that runs a program inside: `['ip', ['netns', 'exec', …]]`. */
  command(program: string, args: readonly string[]): [string, string[]]
  /** Runs a program inside and answers its standard output. */
  exec(program: string, args: readonly string[], options?: ExecOptions): Promise<string>
  /** Starts a program inside; it is ended with the namespace. */
  spawn(program: string, args: readonly string[], options?: SpawnOptions): ChildProcess
  /** Makes a bridge inside that is up; `address` like `10.77.0.1/24`. */
  bridge(bridge: string, address?: string): Promise<void>
  /** Makes a TAP interface inside, joined to a bridge, as a virtual machine wants it. */
  tap(tap: string, bridge: string): Promise<void>
  /** Gives `other` an interface `name` whose far end is joined to `bridge` in here. Its address is nobody's matter yet. */
  link(other: Namespace, bridge: string, name: string, mac?: string): Promise<void>
  remove(): Promise<void>
}

const made = new Set<Namespace>()

afterAll(async () => {
  for (const namespace of [...made]) await namespace.remove()
})

/** Why namespaces cannot be made here, as a reason to skip; undefined when they can. */
export function whyNoNamespaces(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'network namespaces need root'
}

/** A new namespace with its loopback up and nothing else. */
export async function makeNamespace(): Promise<Namespace> {
  const name = `orchestra-${process.env['TEST_RUN'] ?? process.pid}-${randomBytes(3).toString('hex')}`
  const ip = (...args: string[]) => exec('ip', args)
  const inside = (...args: string[]) => exec('ip', ['-n', name, ...args])
  let links = 0

  const namespace: Namespace = {
    name,
    command: (program, args) => ['ip', ['netns', 'exec', name, program, ...args]],
    exec: (program, args, options) => exec('ip', ['netns', 'exec', name, program, ...args], options),
    spawn: (program, args, options = {}) => spawn('ip', ['netns', 'exec', name, program, ...args], options),

    async bridge(bridge, address) {
      // No spanning tree and no forwarding delay: a port carries packets as soon as it is up.
      await inside('link', 'add', bridge, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0')
      if (address) await inside('address', 'add', address, 'dev', bridge)
      await inside('link', 'set', bridge, 'up')
    },

    async tap(tap, bridge) {
      await inside('tuntap', 'add', 'dev', tap, 'mode', 'tap')
      await inside('link', 'set', tap, 'master', bridge, 'up')
    },

    async link(other, bridge, far, mac) {
      const near = `port${++links}`
      await inside('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', other.name)
      await inside('link', 'set', near, 'master', bridge, 'up')
      if (mac) await ip('-n', other.name, 'link', 'set', far, 'address', mac)
      await ip('-n', other.name, 'link', 'set', far, 'up')
    },

    async remove() {
      if (!made.delete(namespace)) return
      await endAllInside(name)
      await ip('netns', 'delete', name)
    },
  }

  await ip('netns', 'add', name)
  made.add(namespace)
  await inside('link', 'set', 'lo', 'up')
  return namespace
}

/** Ends what runs inside by its process id. Killed at once: a namespace is removed when its test is over. */
async function endAllInside(name: string): Promise<void> {
  const pids = (await exec('ip', ['netns', 'pids', name])).split('\n').filter((line) => line !== '')
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It ended by itself in between.
    }
  }
}
