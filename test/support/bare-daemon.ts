/** A daemon for benches, which run outside of the test runner: started as by hand, on a data directory that is there. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './source.ts'

export interface BareDaemon {
  readonly url: string
  /** Of the user `admin`. */
  readonly password: string
  readonly pid: number | undefined
  stop(): Promise<void>
}

/** Answers when it listens. */
export async function startBareDaemon(data: string): Promise<BareDaemon> {
  const password = randomBytes(9).toString('base64url')
  // As it is started by hand: this replaces itself with Node.
  const daemon = spawn('sh', [join(ROOT, 'devenv/with-node'), join(ROOT, 'src/main.ts'), 'serve'], {
    env: {
      PATH: process.env['PATH'],
      ORCHESTRA_DATA: data,
      ORCHESTRA_HTTP__LISTEN: '127.0.0.1:0',
      ORCHESTRA_TFTP__LISTEN: '127.0.0.1:0',
      ORCHESTRA_SYSLOG__LISTEN: '127.0.0.1:0',
      ORCHESTRA_ADMIN__PASSWORD: password,
      ORCHESTRA_LOG__LEVEL: 'warn',
      // Nobody looks at machines beside what is measured.
      ORCHESTRA_POWER__POLL_SECONDS: '0',
      ORCHESTRA_LOG__FORMAT: 'json',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await listening(data, daemon)
  return {
    ...{ url, password, pid: daemon.pid },
    async stop() {
      const ended = new Promise((resolve) => daemon.once('close', resolve))
      daemon.kill('SIGTERM')
      await ended
    },
  }
}

/** The daemon leaves a note of where it listens when it is ready. */
function listening(data: string, daemon: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    const look = setInterval(() => {
      try {
        const { url } = JSON.parse(readFileSync(join(data, 'daemon.json'), 'utf8')) as { url: string }
        clearInterval(look)
        found(url)
      } catch {
        // Not yet.
      }
    }, 50)
    daemon.once('close', () => {
      clearInterval(look)
      failed(new Error('the daemon ended'))
    })
  })
}
