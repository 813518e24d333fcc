/** Starts the lab's inner part (inside.ts) in network, mount and process namespaces of its own, and ends it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { exec } from '../src/lib/exec.ts'
import { howToBeRoot } from './packages.ts'

export interface Inside {
  readonly closed: Promise<unknown>
  onEnded(name: string, listener: (words: string) => void): () => void
  stop(): Promise<void>
}

/**
 * It is the first process of its process namespace, so that the kernel ends whatever it started when it ends, even killed;
 * and it ends when this process does, which holds its input.
 */
export async function startInside(folder: string, password: string, signal: AbortSignal | undefined): Promise<Inside> {
  const [program = 'unshare', ...before] = await unshareCommand()
  const args = [...before, process.execPath, join(import.meta.dirname, 'inside.ts'), join(folder, 'plan.json')]
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: folder,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    // Ctrl-C on the terminal is for lab.ts alone, which then ends the rest in order. (sudo knows us by our terminal.)
    detached: program !== 'sudo',
  })
  const closed = once(child, 'close')
  signal?.addEventListener('abort', () => end(child))
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (part) => (words = (words + part).slice(-8000)))
  child.stdin.on('error', () => {}).write(`${password}\n`)

  const listeners = new Set<(line: string) => void>()
  const ready = Promise.withResolvers<void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const told = JSON.parse(line) as { what: string; words: string }
    if (told.what === 'ready') ready.resolve()
    else for (const listener of [...listeners]) listener(told.words)
  })
  void closed.then(() => ready.reject(new Error(`the lab could not start: ${words.trim() || 'it said nothing'}`)))
  await ready.promise
  return {
    closed,
    onEnded(name, listener) {
      const mine = (line: string) => line.startsWith(`${name}: `) && listener(line.slice(name.length + 2))
      listeners.add(mine)
      return () => void listeners.delete(mine)
    },
    async stop() {
      end(child)
      await closed
    },
  }
}

function end(child: ChildProcess): void {
  child.stdin?.end()
}

const APART = ['--net', '--mount', '--pid', '--fork', '--kill-child=SIGKILL']
const AS_USER = ['--user', '--map-root-user', ...APART]

/** Whether this user needs no root for a network of its own: the kernel may allow it in a user namespace. */
export async function mayUnshare(): Promise<boolean> {
  if (process.getuid?.() === 0) return true
  const probe = ['ip', 'tuntap', 'add', 'dev', 'probe', 'mode', 'tap']
  return await exec('unshare', [...AS_USER, ...probe]).then(
    () => true,
    () => false,
  )
}

/** Root may; an ordinary user may in a user namespace, where the kernel allows that; sudo is the last resort. */
async function unshareCommand(): Promise<string[]> {
  if (process.getuid?.() === 0) return ['unshare', ...APART]
  if (await mayUnshare()) return ['unshare', ...AS_USER]
  const root = await howToBeRoot('a network of its own, which the kernel of this machine lets no ordinary user make,')
  return [...root, 'unshare', ...APART]
}
