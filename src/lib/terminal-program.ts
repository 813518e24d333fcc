/** Runs a program on a terminal of its own: argument list, no shell. For programs that speak to nothing but a terminal. */
import { Duplex } from 'node:stream'
import { type IPty, spawn } from '@lydell/node-pty'

export interface TerminalProgram extends Duplex {
  /** Resolves with the exit code, when it has ended. */
  readonly exited: Promise<number>
}

/** What the program writes comes out, what goes in is typed. It is killed when the stream is destroyed, or by the signal. */
export type OpenTerminal = (program: string, args: readonly string[], signal: AbortSignal) => TerminalProgram

/** What the types of the package leave out: bytes, and an error that would end the process if nobody listened. */
type Terminal = Omit<IPty, 'write' | 'onData'> & {
  write(bytes: Buffer): void
  on(event: 'data', listener: (bytes: Buffer) => void): void
  on(event: 'error', listener: (error: Error) => void): void
}

const SIZE = { cols: 80, rows: 24 }

export const openTerminal: OpenTerminal = (program, args, signal) => {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }
  // As bytes: a console may send what is no text.
  const options = { ...SIZE, name: 'vt220', encoding: null, cwd: '/', env }
  const terminal = spawn(program, [...args], options) as unknown as Terminal
  const exit = Promise.withResolvers<number>()
  let hasExited = false

  const stream = new Duplex({
    // Nobody reads any more what is typed after its end.
    allowHalfOpen: false,
    read: () => terminal.resume(),
    write(bytes: Buffer, _, done) {
      if (!hasExited) terminal.write(bytes)
      done()
    },
    destroy(error, done) {
      signal.removeEventListener('abort', abort)
      if (!hasExited) terminal.kill('SIGKILL')
      // What it still has to say is read, or it would not be seen to end.
      terminal.resume()
      done(error)
    },
  })
  const abort = () => stream.destroy()
  terminal.on('error', () => {})
  terminal.on('data', (bytes) => {
    if (!stream.destroyed && !stream.push(bytes)) terminal.pause()
  })
  terminal.onExit(({ exitCode }) => {
    hasExited = true
    exit.resolve(exitCode)
    if (!stream.destroyed) stream.push(null)
  })
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return Object.assign(stream, { exited: exit.promise })
}
