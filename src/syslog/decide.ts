/**
 * Whether one more line of a machine is kept: a token bucket for each, so that one that floods harms nobody else. Pure:
 * the time is handed in.
 */

/** How one machine stands. */
export interface Bucket {
  /** Lines that it may send at once. */
  readonly tokens: number
  /** When that was true: milliseconds since 1970. */
  readonly at: number
  /** Lines that were dropped since one was kept. */
  readonly dropped: number
}

export interface Admission {
  readonly bucket: Bucket
  readonly isKept: boolean
  /** So many lines before this one were not. */
  readonly missed: number
}

/** An installer begins with the kernel's whole log, and package managers talk fast. */
export const BURST = 3000
/** Lines a second, for as long as it likes. */
export const RATE = 200

const FULL = { tokens: BURST, dropped: 0 }

/** @param before undefined for a machine that was not heard of lately */
export function admit(before: Bucket | undefined, now: number): Admission {
  const { tokens, dropped } = before ? refilled(before, now) : FULL
  // Once it was too fast, a second's worth of lines must have gathered: then it is told once a second, not at every line.
  const isKept = tokens >= (dropped > 0 ? RATE : 1)
  if (!isKept) return { bucket: { tokens, at: now, dropped: dropped + 1 }, isKept, missed: 0 }
  return { bucket: { tokens: tokens - 1, at: now, dropped: 0 }, isKept, missed: dropped }
}

/** Nothing to remember: as good as one that was never heard of. */
export function isForgettable(bucket: Bucket, now: number): boolean {
  return bucket.dropped === 0 && refilled(bucket, now).tokens >= BURST
}

function refilled({ tokens, at, dropped }: Bucket, now: number): Omit<Bucket, 'at'> {
  // A clock that was set back takes nothing away.
  const gained = (Math.max(0, now - at) * RATE) / 1000
  return { tokens: Math.min(BURST, tokens + gained), dropped }
}
