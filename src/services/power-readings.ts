/** What was last seen of each machine's power, and when; a change is an event. */
import type { Clock } from '../lib/clock.ts'
import type { PowerState, PowerTask } from '../model/power.ts'
import type { Journal } from './journal.ts'

export interface PowerReading {
  readonly state: PowerState
  /** Milliseconds since 1970: when it was read. */
  readonly at: number
  readonly because: string
}

export interface PowerReadings {
  get(system: string): PowerReading | undefined
  /** Notes what was seen, or how a task stands. */
  note(system: string, state: PowerState, because: string, task?: PowerTask): PowerReading
  /** A look failed. One is no news; after several the last state is no longer believed. */
  doubt(system: string, because: string): void
  forget(system: string): void
}

/** Looks that may fail, one after the other, before the last state is no longer believed. */
const DOUBTS = 2

export function openPowerReadings({ clock, record }: { clock: Clock; record: Journal['record'] }): PowerReadings {
  const readings = new Map<string, PowerReading>()
  const doubts = new Map<string, number>()

  function note(system: string, state: PowerState, because: string, task?: PowerTask): PowerReading {
    const before = readings.get(system)
    const reading = { state, at: clock.now(), because }
    readings.set(system, reading)
    doubts.delete(system)
    if (task || before?.state !== state) {
      record('power.changed', { system, state, action: task?.action, task: task?.id, because })
    }
    return reading
  }

  return {
    get: (system) => readings.get(system),
    note,
    doubt(system, because) {
      const failed = (doubts.get(system) ?? 0) + 1
      if (failed >= DOUBTS) note(system, 'unknown', because)
      doubts.set(system, failed)
    },
    forget(system) {
      readings.delete(system)
      doubts.delete(system)
    },
  }
}
