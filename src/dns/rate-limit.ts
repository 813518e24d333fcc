/**
 * How many questions of one network are answered by UDP: who is asked with a forged address must not be flooded through us. As
 * BIND's response rate limiting: beyond the rate every second question gets a word that makes an honest client ask by TCP, which
 * nobody can forge, and the others get nothing.
 */
import type { Clock } from '../lib/clock.ts'

export interface RateLimit {
  /** @param peer its address */
  spend(peer: string): 'answer' | 'truncate' | 'drop'
}

export interface Rate {
  /** Answers a second to one network. */
  readonly perSecond: number
  /** So many may come at once: a rack that is switched on. */
  readonly burst: number
}

/** Networks that are remembered: who forges addresses has many. */
const MOST = 10_000

export function createRateLimit({ perSecond, burst }: Rate, clock: Clock): RateLimit {
  const left = new Map<string, { tokens: number; at: number; over: number }>()
  return {
    spend(peer) {
      const key = networkOf(peer)
      const now = clock.now()
      const one = left.get(key) ?? { tokens: burst, at: now, over: 0 }
      one.tokens = Math.min(burst, one.tokens + ((now - one.at) / 1000) * perSecond)
      one.at = now
      if (!left.has(key)) {
        // Those that asked first have had the longest to fill up again.
        if (left.size >= MOST) left.delete(left.keys().next().value ?? '')
        left.set(key, one)
      }
      if (one.tokens >= 1) {
        one.tokens -= 1
        one.over = 0
        return 'answer'
      }
      one.over += 1
      return one.over % 2 === 1 ? 'truncate' : 'drop'
    },
  }
}

/** The /24 of an IPv4 address, the /56 of an IPv6 one. */
function networkOf(peer: string): string {
  const ipv4 = /^(?:::ffff:)?(\d+\.\d+\.\d+)\.\d+$/.exec(peer)?.[1]
  return ipv4 ?? peer.split(':').slice(0, 4).join(':').replace(/..$/, '')
}
