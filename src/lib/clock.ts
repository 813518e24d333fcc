/** The only place that asks the time; everyone else is handed a Clock. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** For waits: it is not moved when somebody sets the clock, and so may differ from the time of day. */
export const steadyClock: Clock = { now: () => performance.timeOrigin + performance.now() }

/** Calls again and again until stopped; it does not keep the process alive. Answers how to stop. */
export type Every = (milliseconds: number, tick: () => void) => () => void

export const every: Every = (milliseconds, tick) => {
  const timer = setInterval(tick, milliseconds).unref()
  return () => clearInterval(timer)
}
