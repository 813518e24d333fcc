/** Two ways not to do everything at once: so many at a time, and so many within a while. */
import type { Clock } from '../lib/clock.ts'

/** Resolves after so many milliseconds; rejects when the signal is aborted. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<unknown>

export interface Entry {
  /** Who gives up leaves the line at once. */
  readonly signal: AbortSignal
  /** Behind all who are not. */
  readonly isPatient?: boolean
}

/** Runs when there is a place. Who is inside may leave before the end, so that others need not wait for it. */
export type Gate = <Answer>(entry: Entry, run: (leave: () => void) => Promise<Answer>) => Promise<Answer>

/** Lets at most `limit` of its callers in at once, in their order. */
export function gateOf(limit: number): Gate {
  const [prompt, patient] = [new Set<() => void>(), new Set<() => void>()]
  let inside = 0

  async function enter({ signal, isPatient }: Entry): Promise<void> {
    signal.throwIfAborted()
    if (inside < limit) {
      inside++
      return
    }
    const line = isPatient ? patient : prompt
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        line.delete(go)
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = () => {
        line.delete(go)
        reject(signal.reason)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      line.add(go)
    })
  }

  function letIn(): void {
    const [next] = prompt.size > 0 ? prompt : patient
    if (next) next()
    else inside--
  }

  return async (entry, run) => {
    await enter(entry)
    let isInside = true
    const leave = () => {
      if (isInside) letIn()
      isInside = false
    }
    try {
      return await run(leave)
    } finally {
      leave()
    }
  }
}

/** Rejects with the signal's reason as soon as there is one. */
async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted()
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
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
    return unlessAborted(mine, signal)
  }
}
