/**
 * The boots of all machines as they grow, for whoever watches: summaries, each boot at most four times a second, and once
 * more when the verdict on it changes because nothing comes. While nobody watches nothing is done.
 */
import type { Every } from '../lib/clock.ts'
import { isLive } from '../model/boot-summary.ts'
import type { BootAttempt } from '../model/trace.ts'
import type { Traces } from '../services/trace.ts'
import type { BootSummary } from './boot-summary.ts'
import type { Mailbox } from './event-stream.ts'

export interface BootFrame {
  /** Rises; of this server alone. */
  readonly id: number
  readonly name: 'boot'
  readonly boot: BootSummary
}

export interface BootHub {
  /** Answers how to leave. */
  join(box: Mailbox<BootFrame>): () => void
  /** Those that are live now. */
  now(): BootFrame[]
}

const TICK = 250
/** A verdict may change because nothing comes. */
const LOOK = 1_000

export function bootHub(
  traces: Pick<Traces, 'follow' | 'last' | 'verdict'>,
  every: Every,
  summaryOf: (attempt: BootAttempt) => BootSummary,
): BootHub {
  const boxes = new Set<Mailbox<BootFrame>>()
  const changed = new Map<number, BootAttempt>()
  /** The last verdict that was told of each live boot. */
  let told = new Map<number, string>()
  let stops: (() => void)[] = []
  let serial = 0

  function frameOf(attempt: BootAttempt): BootFrame {
    const boot = summaryOf(attempt)
    told.set(attempt.id, boot.verdict.verdict)
    return { id: ++serial, name: 'boot', boot }
  }

  function tick(): void {
    for (const attempt of changed.values()) {
      const frame = frameOf(attempt)
      for (const box of boxes) box.put(frame)
    }
    changed.clear()
  }

  function look(): void {
    const before = told
    told = new Map()
    for (const attempt of traces.last()) {
      if (!isLive(attempt)) continue
      const known = before.get(attempt.id)
      const verdict = traces.verdict(attempt).verdict
      if (known === verdict) told.set(attempt.id, known)
      // What was not told of yet has not been written yet, and comes by itself.
      else if (known !== undefined && !changed.has(attempt.id)) changed.set(attempt.id, attempt)
    }
  }

  return {
    join(box) {
      boxes.add(box)
      if (stops.length === 0) {
        stops = [
          traces.follow((attempt) => void changed.set(attempt.id, attempt)),
          every(TICK, tick),
          every(LOOK, look),
        ]
      }
      return () => {
        boxes.delete(box)
        if (boxes.size > 0) return
        for (const stop of stops.splice(0)) stop()
        changed.clear()
        told.clear()
      }
    },
    now: () =>
      [...traces.last()]
        .filter(isLive)
        .sort((one, other) => one.id - other.id)
        .map(frameOf),
  }
}
