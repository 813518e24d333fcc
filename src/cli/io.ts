/** What the command line is given of the world, and its one kind of error: a sentence and an exit code. */
import type { Clock } from '../lib/clock.ts'
import type { Json } from '../lib/json.ts'

/** A daemon and a token for it. */
export interface Server {
  readonly url: string
  /** Undefined: none was given; the daemon will say so. */
  readonly token: string | undefined
}

export interface Io {
  readonly stdout: { write(text: string | Uint8Array): unknown }
  readonly stderr: { write(text: string): unknown }
  /** Asks on a terminal without showing the answer; otherwise reads standard input to its end. */
  readonly readSecret: (prompt: string) => Promise<string>
  readonly readFile: (path: string) => Promise<string>
  /** Whole or not at all; only this user may read it. */
  readonly writeFile: (path: string, bytes: Uint8Array) => Promise<void>
  /** Every key as it is pressed, for a console: Ctrl-C too. What is piped in is typed. */
  readonly openKeyboard: () => Keyboard
  readonly clock: Clock
  readonly version: string
  /** ORCHESTRA_SERVER and ORCHESTRA_TOKEN, where they are set. */
  readonly env: { readonly server?: string | undefined; readonly token?: string | undefined }
  /** The daemon of this machine, from what it left in its data directory. */
  readonly findLocal: () => Promise<{ readonly url: string; readonly token: string } | undefined>
}

export interface Keyboard {
  onKeys(listener: (keys: Buffer) => void): void
  /** The terminal is as it was before. */
  close(): void
}

/** What the daemon said beside its sentence. */
export interface Refusal {
  readonly code: string
  readonly field: string | undefined
}

/** Ends the command; an empty sentence when all is said already. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: number
  /** Undefined: it was found out here. */
  readonly refusal: Refusal | undefined
  constructor(sentence: string, exitCode = 1, refusal?: Refusal) {
    super(sentence)
    this.exitCode = exitCode
    this.refusal = refusal
  }
}

/**
 * Lines for people. What machines on the network have said may be among them, so nothing in them can steer a terminal.
 */
export function print({ stdout }: Pick<Io, 'stdout'>, ...lines: readonly string[]): void {
  for (const line of lines) stdout.write(`${withoutControls(line)}\n`)
}

/** For programs. JSON has escapes for all that could steer a terminal but DEL and the controls above it. */
export function printJson({ stdout }: Pick<Io, 'stdout'>, value: unknown, space = 2): void {
  stdout.write(`${safeJson(value as Json, space)}\n`)
}

export function safeJson(value: Json, space = 0): string {
  return JSON.stringify(value, undefined, space).replace(
    /[\x7f-\x9f]/g,
    (char) => `\\u00${char.charCodeAt(0).toString(16)}`,
  )
}

/** For those who wait: it goes beside the result, not into it. */
export function tell({ stderr }: Pick<Io, 'stderr'>, ...lines: readonly string[]): void {
  for (const line of lines) stderr.write(`${withoutControls(line)}\n`)
}

function withoutControls(line: string): string {
  return line.replace(/[\0-\x08\x0a-\x1f\x7f-\x9f]/g, '?')
}
