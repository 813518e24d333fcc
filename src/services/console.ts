/**
 * The consoles of machines: which there are, a session for each serial line that somebody watches, what was recorded of it,
 * and connections to screens. A recording is kept with its machine, by uid, and goes with it.
 */
import type { Duplex } from 'node:stream'
import type { Log } from '../lib/log.ts'
import type { RollingFile } from '../lib/rolling-file.ts'
import type { OpenTerminal } from '../lib/terminal-program.ts'
import { OrchestraError } from '../model/errors.ts'
import type { System } from '../model/system.ts'
import {
  type ConsoleSeat,
  type ConsoleSession,
  REPLAY,
  type SessionTimes,
  startSession,
  type Watcher,
} from './console-session.ts'
import type { Journal } from './journal.ts'
import type { Wait } from './pace.ts'
import type { PowerHands } from './power-hands.ts'

export interface ConsoleKind {
  readonly kind: 'serial' | 'vnc'
  readonly available: boolean
  readonly because: string
}

export interface Consoles {
  /** @throws OrchestraError item.missing */
  kinds(system: string): ConsoleKind[]
  /** @throws OrchestraError item.missing | power.unsupported */
  watch(system: string, watcher: Watcher): Promise<ConsoleSeat>
  /** A connection to the machine's VNC server, which ends with the signal. @throws OrchestraError item.missing | power.unsupported | power.failed */
  screen(system: string, signal: AbortSignal): Promise<Duplex>
  /** The last bytes of what its serial console said, without what would steer a terminal. @throws OrchestraError item.missing */
  log(system: string, bytes: number): Promise<Buffer>
  /** How many are open now. */
  open(): { readonly serial: number; readonly vnc: number }
}

export interface ConsoleNeeds {
  readonly findSystem: (name: string) => System | undefined
  readonly systemByUid: (uid: string) => System | undefined
  readonly hands: Pick<PowerHands, 'hold' | 'call'>
  readonly openTerminal: OpenTerminal
  readonly journal: Pick<Journal, 'watch'>
  /** Where the recording of a system is, by its uid. */
  readonly recording: (uid: string) => RollingFile
  readonly wait: Wait
  readonly log: Pick<Log, 'error'>
  readonly times?: Partial<SessionTimes>
}

const TIMES: SessionTimes = { linger: 5_000, idle: 30 * 60_000, again: [500, 15_000] }

/** What waits for the disk of one recording, before more is dropped. */
const MOST_UNWRITTEN = 4 * 1024 * 1024

/** @returns Consoles that also stop: sessions and screens end, recordings are written. */
export function createConsoles(needs: ConsoleNeeds): Consoles & { stop(): Promise<void> } {
  const { hands, wait, log } = needs
  const times = { ...TIMES, ...needs.times }
  const sessions = new Map<string, ConsoleSession>()
  const recordings = new Map<string, Recording>()
  const stopping = new AbortController()
  let screens = 0

  function systemOf(name: string): System {
    const system = needs.findSystem(name)
    if (!system) throw new OrchestraError('item.missing', `there is no system "${name}"`)
    return system
  }

  function recordingOf(uid: string): Recording {
    const found = recordings.get(uid) ?? openRecording(needs.recording(uid), log)
    recordings.set(uid, found)
    return found
  }

  /** @throws OrchestraError power.unsupported */
  function holdFor(name: string, ability: 'console' | 'screen') {
    const held = hands.hold(name)
    const { driver, can } = held
    const words = ability === 'console' ? 'serial console' : 'screen'
    if (!can.includes(ability))
      throw new OrchestraError('power.unsupported', `${driver.type} of ${name} reaches no ${words}`, {
        field: 'power.type',
      })
    return held
  }

  function open<Answer>(name: string, ability: 'console' | 'screen', signal: AbortSignal): Promise<Answer> {
    const held = holdFor(name, ability)
    const run = held.driver[ability]
    return hands.call(held, ability, signal, async (tools) => {
      if (!run) throw new OrchestraError('power.unsupported', `${held.driver.type} of ${name} reaches no ${ability}`)
      return (await run.call(held.driver, held.target, { ...tools, openTerminal: needs.openTerminal })) as Answer
    })
  }

  const forget = needs.journal.watch(({ name, payload }) => {
    if (name !== 'item.removed' || !('type' in payload) || payload.type !== 'system') return
    sessions.get(payload.uid)?.end(`${payload.name} was removed`)
    void recordingOf(payload.uid).remove()
    recordings.delete(payload.uid)
  })

  function kindOf(name: string, kind: ConsoleKind['kind']): ConsoleKind {
    try {
      const { driver } = holdFor(name, kind === 'serial' ? 'console' : 'screen')
      return { kind, available: true, because: `by ${driver.type}` }
    } catch (error) {
      return { kind, available: false, because: (error as Error).message }
    }
  }

  return {
    kinds(name) {
      systemOf(name)
      return [kindOf(name, 'serial'), kindOf(name, 'vnc')]
    },

    async watch(name, watcher) {
      const { uid } = systemOf(name)
      holdFor(name, 'console')
      const recording = recordingOf(uid)
      const before = await recording.tail(2 * REPLAY)
      stopping.signal.throwIfAborted()
      const running = sessions.get(uid)
      if (running) return running.join(watcher)
      const session: ConsoleSession = startSession({
        ...{ name, before, wait, times },
        // By its uid: it may have another name by the next try.
        open: (signal) => open(needs.systemByUid(uid)?.name ?? name, 'console', signal),
        record: recording.append,
        ended: () => {
          if (sessions.get(uid) === session) sessions.delete(uid)
        },
      })
      sessions.set(uid, session)
      return session.join(watcher)
    },

    async screen(name, signal) {
      systemOf(name)
      const stream = await open<Duplex>(name, 'screen', AbortSignal.any([signal, stopping.signal]))
      screens++
      stream.once('close', () => screens--)
      return stream
    },

    log: async (name, bytes) => await recordingOf(systemOf(name).uid).tail(bytes),
    open: () => ({ serial: sessions.size, vnc: screens }),

    async stop() {
      forget()
      stopping.abort()
      const open = [...sessions.values()]
      for (const session of open) session.end('the daemon stops; open the console again when it is back')
      await Promise.all(open.map((session) => session.closed))
      await Promise.all(Array.from(recordings.values(), (recording) => recording.flushed()))
    },
  }
}

interface Recording {
  append(bytes: Buffer): void
  tail(bytes: number): Promise<Buffer>
  remove(): Promise<void>
  flushed(): Promise<void>
}

/** Nobody waits for the disk: what comes while it is written is written together. */
function openRecording(file: RollingFile, log: Pick<Log, 'error'>): Recording {
  let waiting: Buffer[] = []
  let size = 0
  let last: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    const bytes = Buffer.concat(waiting)
    waiting = []
    size = 0
    if (bytes.length > 0) await file.append(bytes)
  }

  function inLine<Answer>(act: () => Promise<Answer>): Promise<Answer> {
    const done = last.then(act)
    last = done.then(
      () => {},
      (error: unknown) => log.error({ err: error }, 'the recording of a console could not be written'),
    )
    return done
  }

  return {
    append(bytes) {
      if (size + bytes.length > MOST_UNWRITTEN) return
      const isFirst = waiting.length === 0
      waiting.push(bytes)
      size += bytes.length
      if (isFirst) void inLine(write).catch(() => {})
    },
    tail: (bytes) => inLine(() => file.tail(bytes)),
    remove: () => inLine(() => file.remove()).catch(() => {}),
    flushed: () => last,
  }
}
