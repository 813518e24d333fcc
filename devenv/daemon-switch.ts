/** The lab's daemon as a switch: started on its data and awaited, ended or killed, started again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'

export interface DaemonPlan {
  /** Path of its program. */
  readonly main: string
  /** Path of its settings. */
  readonly config: string
  readonly env: Readonly<Record<string, string>>
}

export interface DaemonSwitch {
  start(): Promise<void>
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Of its process; undefined when it does not run. */
  pid(): number | undefined
}

const READY_DEADLINE = 60_000
const PATIENCE = 10_000

/**
 * @param folder gets `daemon.log`
 * @param host the address that it answers at, on port 80
 * @param password of its administrator, by environment
 */
export function daemonSwitch(daemon: DaemonPlan, folder: string, host: string, password: string): DaemonSwitch {
  let running: ChildProcess | undefined
  return {
    pid: () => running?.pid,

    async start() {
      if (running) return
      const child = spawn(process.execPath, [daemon.main, 'serve', '--config', daemon.config], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'], ...daemon.env, ORCHESTRA_ADMIN__PASSWORD: password },
        cwd: folder,
      })
      running = child
      const log = createWriteStream(join(folder, 'daemon.log'), { flags: 'a' })
      let words = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream.pipe(log, { end: false })
        stream.setEncoding('utf8').on('data', (part) => (words = (words + part).slice(-4000)))
      }
      child.once('close', () => {
        running = undefined
        log.end()
      })
      await answered(child, host, () => words)
    },

    async stop(signal) {
      const child = running
      if (!child) return
      const closed = once(child, 'close')
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
      child.kill(signal)
      await closed
      clearTimeout(timer)
    },
  }
}

/** Asks /healthz each time that the daemon has said something, and at least twice a second. */
async function answered(child: ChildProcess, host: string, words: () => string): Promise<void> {
  const deadline = AbortSignal.timeout(READY_DEADLINE)
  while (child.exitCode === null && child.signalCode === null && !deadline.aborted) {
    const answer = await fetch(`http://${host}/healthz`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
    if (answer?.status === 200) return
    const next = new AbortController()
    const { signal } = next
    const pause = AbortSignal.any([signal, AbortSignal.timeout(500)])
    const heard = () => next.abort()
    child.stdout?.once('data', heard)
    child.once('close', heard)
    if (!pause.aborted) await once(pause, 'abort')
    child.stdout?.off('data', heard)
    child.off('close', heard)
  }
  throw new Error(`the daemon did not become ready:\n${words().trim()}`)
}
