/** Two ways not to do everything at once: so many at a time, and so many within a while. */
import type { Clock } from '../lib/clock.ts'

/** Resolves after so many milliseconds; rejects when the signal is aborted. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<unknown>

/** Lets at most `limit` of its callers run at once, in their order. */
export function gateOf(limit: number): <Answer>(run: () => Promise<Answer>) => Promise<Answer> {
  const waiting: (() => void)[] = []
  let inside = 0
  return async (run) => {
    if (inside >= limit) await new Promise<void>((enter) => waiting.push(enter))
    else inside++
    try {
      return await run()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else inside--
    }
  }
}

export interface PaceOptions {
  /** So many … */
  readonly wave: number
  /** … within so many milliseconds. */
  readonly within: number
  readonly clock: Clock
  readonly wait: Wait
}

/**
 * Answers when it is the caller's turn: machines of a rack that are turned on in one moment trip its breaker. Turns are
 * given in the order of asking; who gives up (its signal is aborted) takes none.
 */
export function paceOf({ wave, within, clock, wait }: PaceOptions): (signal: AbortSignal) => Promise<void> {
  const turns: number[] = []
  let last: Promise<unknown> = Promise.resolve()

  async function turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const first = turns.length < wave ? undefined : turns[0]
    const rest = first === undefined ? 0 : first + within - clock.now()
    if (rest > 0) await wait(rest, signal)
    if (turns.length >= wave) turns.shift()
    turns.push(clock.now())
  }

  return (signal) => {
    const mine = last.then(() => turn(signal))
    last = mine.catch(() => {})
    return mine
  }
}
