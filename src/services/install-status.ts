/** How installs stand, machine by machine, as Cobbler's `status` tells it: read from the events of the last days. */
import type { Clock } from '../lib/clock.ts'
import type { BootEvent, RecordedEvent } from '../model/event.ts'
import type { Journal } from './journal.ts'

export interface InstallStatus {
  readonly system: string
  /** Milliseconds since 1970: when the installer began; undefined while only its end is known. */
  readonly started: number | undefined
  /** When it ended; undefined while it goes on. */
  readonly ended: number | undefined
  /** When it was heard of last. */
  readonly seen: number
  readonly state: 'installing' | 'finished' | 'stalled'
}

/** Cobbler gives an install up after a hundred minutes. */
const STALLED = 100 * 60_000
const BEGINS: readonly BootEvent['step'][] = ['preseed', 'installing']
const ENDS: readonly BootEvent['step'][] = ['installed', 'first-boot', 'ready']
/** Events are read in parts; a journal keeps so many. */
const PART = 5_000
const KEPT = 100_000
const MOST_SYSTEMS = 200_000

type Told = Omit<InstallStatus, 'state'>

export interface InstallStatuses {
  list(): readonly InstallStatus[]
}

/** Reads what the journal has, and follows it. */
export async function openInstallStatuses(
  journal: Pick<Journal, 'since' | 'watch' | 'lastId'>,
  clock: Clock,
): Promise<InstallStatuses> {
  const bySystem = new Map<string, Told>()

  function take({ name, payload, at }: RecordedEvent): void {
    if (name !== 'boot.step') return
    const { system, step } = payload as BootEvent
    if (system === undefined) return
    const before = bySystem.get(system)
    const next = advance(before, system, step, at)
    if (next && (before || bySystem.size < MOST_SYSTEMS)) bySystem.set(system, next)
  }

  for (let last = Math.max(0, journal.lastId() - KEPT); last < journal.lastId(); ) {
    const events = await journal.since(last, PART)
    if (events.length === 0) break
    for (const event of events) take(event)
    last = events.at(-1)?.id ?? last
  }
  journal.watch(take)

  return {
    list: () => [...bySystem.values()].map((told) => ({ ...told, state: stateOf(told, clock.now()) })),
  }
}

function advance(before: Told | undefined, system: string, step: BootEvent['step'], at: number): Told | undefined {
  if (BEGINS.includes(step)) {
    const isAnew = !before || before.ended !== undefined
    return { system, started: isAnew ? at : before.started, ended: undefined, seen: at }
  }
  if (ENDS.includes(step)) return { system, started: before?.started, ended: before?.ended ?? at, seen: at }
  return before && { ...before, seen: at }
}

function stateOf({ ended, seen }: Told, now: number): InstallStatus['state'] {
  if (ended !== undefined) return 'finished'
  return now - seen > STALLED ? 'stalled' : 'installing'
}
