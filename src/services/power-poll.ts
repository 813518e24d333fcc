/**
 * Looks at all machines again and again, at a steady rate: spread over the interval, with some chance in it, and ever more
 * rarely at controllers that do not answer.
 */
import type { Clock, Every } from '../lib/clock.ts'

export interface PollNeeds {
  /** Names of the systems whose state can be seen. */
  readonly visible: () => Iterable<string>
  /** Asks the machine. @throws whatever a dead controller makes it throw */
  readonly read: (system: string) => Promise<unknown>
  /** A machine with a task is watched by that. */
  readonly isBusy: (system: string) => boolean
  readonly clock: Clock
  readonly every: Every
  /** From 0 to 1. */
  readonly random: () => number
  /** Milliseconds between two looks at one machine. */
  readonly interval: number
}

const TICK = 1_000
/** A controller that is dead is asked at least so often. */
const MOST_REST = 15 * 60_000
/** Of the interval: no two machines stay in step. */
const JITTER = 0.2

interface Next {
  due: number
  failures: number
  isUnderWay: boolean
}

/** @returns how to stop */
export function pollPower({ visible, read, isBusy, clock, every, random, interval }: PollNeeds): () => void {
  let plan = new Map<string, Next>()

  async function look(name: string, next: Next): Promise<void> {
    next.isUnderWay = true
    try {
      await read(name)
      next.failures = 0
    } catch {
      next.failures++
    }
    const rest = Math.min(interval * 2 ** Math.min(next.failures, 20), Math.max(MOST_REST, interval))
    next.due = clock.now() + rest * (1 - JITTER / 2 + JITTER * random())
    next.isUnderWay = false
  }

  return every(TICK, () => {
    const now = clock.now()
    const kept = new Map<string, Next>()
    for (const name of visible()) {
      // New ones are spread: after a start, not all controllers are asked in one moment.
      const next = plan.get(name) ?? { due: now + interval * random(), failures: 0, isUnderWay: false }
      kept.set(name, next)
      if (next.due <= now && !next.isUnderWay && !isBusy(name)) void look(name, next)
    }
    plan = kept
  })
}
