/**
 * The serial console of one machine while somebody watches it: opened once and shared, opened again when it ends, and
 * given up when nobody is left, so that a controller's one place for a console is free for others. There is one keyboard:
 * who came last to write has it, and everybody is told who.
 */
import { finished } from 'node:stream'
import { terminalFilter } from '../lib/terminal-filter.ts'
import type { SerialConsole } from '../power/driver.ts'
import type { Wait } from './pace.ts'
import { isHopeless, seconds, sentenceOf } from './power-hands.ts'

/** Who reads sees all; who writes has the keyboard as well. */
export type ConsoleMode = 'read' | 'write'

export interface ConsoleState {
  readonly state: 'connected' | 'ended'
  /** One sentence: what is so, and what comes next. */
  readonly because: string
  /** Yours; another's coming changes it. */
  readonly mode: ConsoleMode
  /** Everybody who is here, you among them. */
  readonly watchers: readonly { readonly user: string; readonly mode: ConsoleMode }[]
}

export interface Watcher {
  readonly user: string
  readonly mode: ConsoleMode
  /** What the machine says; first, to whoever comes, what it said last. */
  readonly data: (bytes: Buffer) => void
  readonly told: (state: ConsoleState) => void
  /** Nothing comes any more. */
  readonly over: (because: string) => void
}

export interface ConsoleSeat {
  /** Of one who does not have the keyboard, nothing is typed. */
  write(bytes: Uint8Array): void
  sendBreak(): Promise<void>
  leave(): void
}

export interface SessionNeeds {
  readonly name: string
  /** Must resolve only when it is open. @throws what drivers throw */
  readonly open: (signal: AbortSignal) => Promise<SerialConsole>
  readonly record: (bytes: Buffer) => void
  /** What was recorded before. */
  readonly before: Buffer
  readonly wait: Wait
  /** Milliseconds. */
  readonly times: SessionTimes
  readonly ended: () => void
}

export interface SessionTimes {
  /** For which it stays open after the last has left: a page that is loaded again finds it so. */
  readonly linger: number
  /** For which nothing may be said or typed. */
  readonly idle: number
  /** From the end of a connection to the next try, at first and at most. */
  readonly again: readonly [first: number, most: number]
}

/** Bytes of the recording that are shown to who comes: more than any screen has, with colors. */
export const REPLAY = 32 * 1024
/** Bytes that may wait for a slow machine. */
const MOST_UNTYPED = 1024 * 1024
/** A connection that lasted so long was a good one. */
const LASTED = 10_000

export interface ConsoleSession {
  join(watcher: Watcher): ConsoleSeat
  /** For good: everybody is told why. */
  end(because: string): void
  /** Resolves when it has ended, and what it had open is closed. */
  readonly closed: Promise<void>
}

export function startSession(needs: SessionNeeds): ConsoleSession {
  const { name, times, wait } = needs
  const watchers = new Map<Watcher, ConsoleMode>()
  const over = new AbortController()
  const filter = terminalFilter('record')
  let recent = needs.before
  let stream: SerialConsole | undefined
  let now: Pick<ConsoleState, 'state' | 'because'> | undefined
  let empty: NodeJS.Timeout | undefined
  let idle: NodeJS.Timeout | undefined
  /** Ends the pause between two tries. */
  let hurry = new AbortController()

  function tell(watcher: Watcher, more = ''): void {
    const mode = watchers.get(watcher)
    if (!now || !mode) return
    const everybody = Array.from(watchers, ([{ user }, theirs]) => ({ user, mode: theirs }))
    watcher.told({ ...now, because: `${now.because}${more}`, mode, watchers: everybody })
  }

  function tellAll(state: ConsoleState['state'], because: string): void {
    now = { state, because }
    for (const watcher of watchers.keys()) tell(watcher)
  }

  function busy(): void {
    clearTimeout(idle)
    const because = `nothing was said or typed for ${minutes(times.idle)}, and the console was released; open it again`
    idle = setTimeout(() => end(because), times.idle)
  }

  function hear(bytes: Buffer): void {
    busy()
    const kept = filter(bytes)
    recent = Buffer.concat([recent, kept]).subarray(-2 * REPLAY)
    if (kept.length > 0) needs.record(kept)
    for (const watcher of [...watchers.keys()]) watcher.data(bytes)
  }

  async function run(): Promise<void> {
    for (let tries = 0; !over.signal.aborted; tries++) {
      const from = performance.now()
      const because = await once()
      if (over.signal.aborted) return
      if (performance.now() - from > LASTED) tries = 0
      const pause = Math.min(times.again[1], times.again[0] * 2 ** tries)
      tellAll('ended', `${because}; trying again in ${seconds(Math.max(1000, pause))}`)
      hurry = new AbortController()
      await wait(pause, AbortSignal.any([hurry.signal, over.signal])).catch(() => {})
    }
  }

  /** One connection, from its beginning to its end; answers why that was. */
  async function once(): Promise<string> {
    const stop = () => stream?.destroy()
    try {
      const opened = await needs.open(over.signal)
      stream = opened
      opened.on('error', () => {})
      over.signal.addEventListener('abort', stop, { once: true })
      const closed = new Promise<Error | null | undefined>((done) => finished(opened, { writable: false }, done))
      opened.on('data', hear)
      tellAll('connected', `connected to the serial console of ${name}`)
      const error = await closed
      opened.destroy()
      const isEnd = !error || (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE'
      return `the console of ${name} ended${isEnd ? '' : ` (${sentenceOf(error)})`}`
    } catch (error) {
      // What a person must mend first; controllers lock out who asks again and again.
      if (isHopeless(error)) end(sentenceOf(error))
      return sentenceOf(error)
    } finally {
      over.signal.removeEventListener('abort', stop)
      stream = undefined
    }
  }

  function end(because: string): void {
    if (over.signal.aborted) return
    over.abort()
    clearTimeout(empty)
    clearTimeout(idle)
    tellAll('ended', because)
    const all = [...watchers.keys()]
    watchers.clear()
    needs.ended()
    for (const watcher of all) watcher.over(because)
  }

  function leave(watcher: Watcher): void {
    if (!watchers.delete(watcher) || over.signal.aborted) return
    for (const other of watchers.keys()) tell(other, `; ${watcher.user} left`)
    if (watchers.size === 0) empty = setTimeout(() => end('nobody watches it'), times.linger)
  }

  busy()
  const closed = run()

  return {
    end,
    closed,
    join(watcher) {
      clearTimeout(empty)
      const others = [...watchers.keys()]
      if (watcher.mode === 'write') for (const other of others) watchers.set(other, 'read')
      watchers.set(watcher, watcher.mode)
      const shown = lastScreen(recent)
      if (shown.length > 0) watcher.data(shown)
      tell(watcher)
      const came = `; ${watcher.user} came${watcher.mode === 'write' ? ' and has the keyboard' : ', to read'}`
      for (const other of others) tell(other, came)
      hurry.abort()

      return {
        write(bytes) {
          if (watchers.get(watcher) !== 'write' || !stream) return
          busy()
          if (stream.writableLength + bytes.length > MOST_UNTYPED) {
            tell(watcher, `; ${name} does not take more at once, and what was typed last is lost`)
            return
          }
          stream.write(bytes)
        },
        async sendBreak() {
          if (watchers.get(watcher) !== 'write' || !stream) return
          busy()
          if (!stream.sendBreak) return tell(watcher, `; a break cannot be sent on this console`)
          await stream.sendBreak().catch((error: unknown) => tell(watcher, `; no break was sent: ${sentenceOf(error)}`))
        },
        leave: () => leave(watcher),
      }
    },
  }
}

/** From the beginning of a line, so that no escape sequence is begun in its middle. */
export function lastScreen(recorded: Buffer): Buffer {
  if (recorded.length <= REPLAY) return recorded
  const window = recorded.subarray(-REPLAY)
  return window.subarray(window.indexOf('\n') + 1)
}

function minutes(milliseconds: number): string {
  return `${Math.round(milliseconds / 60_000)} minutes`
}
