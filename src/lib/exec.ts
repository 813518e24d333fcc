/** Run a program with an argument list: no shell, bounded time and output. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface ExecOptions {
  /** Milliseconds until the program is killed; 30 s unless told. */
  readonly timeout?: number
  readonly signal?: AbortSignal
  /** Added to PATH and the like; secrets go here or on stdin, never in an argument. */
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly cwd?: string
}

/** Runs a program and answers its standard output; rejects with its standard error when it fails. */
export type Exec = (program: string, args: readonly string[], options?: ExecOptions) => Promise<string>

export class ExecError extends Error {
  override readonly name = 'ExecError'
  readonly code: number | string | undefined
  readonly stderr: string
  constructor(program: string, code: number | string | undefined, stderr: string) {
    super(`${program} failed (${code ?? 'killed'}): ${stderr.trim() || 'no message'}`)
    this.code = code
    this.stderr = stderr
  }
}

export const exec: Exec = (program, args, { timeout = 30_000, signal, env, stdin, cwd } = {}) =>
  new Promise((resolve, reject) => {
    const child = execFile(
      program,
      [...args],
      {
        timeout,
        killSignal: 'SIGKILL', // the polite signal can be ignored, and then there would be no bound
        maxBuffer: 16 * 1024 * 1024,
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', ...env },
        ...(signal && { signal }),
        ...(cwd && { cwd }),
      },
      (error, stdout, stderr) => {
        // Node's own words name what could not be started; of a program that failed they would tell all its arguments.
        if (error)
          reject(
            new ExecError(
              program,
              error.code ?? undefined,
              stderr || (typeof error.code === 'string' ? error.message : ''),
            ),
          )
        else resolve(stdout)
      },
    )
    child.stdin?.on('error', () => {}) // a program that does not read its input is no fault of ours
    child.stdin?.end(stdin ?? '')
  })

/** Runs a program on this terminal, in our place as long as it runs; answers its exit code. What ends it by Ctrl-C leaves us. */
export async function execHere(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit' })
  const ignore = () => {}
  process.on('SIGINT', ignore)
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    return code ?? (signal === 'SIGINT' ? 130 : 1)
  } finally {
    process.off('SIGINT', ignore)
  }
}
