/** A bucket of tokens: so many at once, so many in a second. */
import type { Clock } from '../lib/clock.ts'

/** Answers a function that takes one token, or says that there is none. */
export function tokenBucket(clock: Clock, size: { readonly burst: number; readonly perSecond: number }): () => boolean {
  let tokens = size.burst
  let filled = clock.now()
  return () => {
    const now = clock.now()
    tokens = Math.min(size.burst, tokens + (Math.max(0, now - filled) * size.perSecond) / 1000)
    filled = now
    if (tokens < 1) return false
    tokens -= 1
    return true
  }
}
