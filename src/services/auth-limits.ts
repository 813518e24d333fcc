/** How often an address may fail to log in, and what waits while others try. */
import type { Clock } from '../lib/clock.ts'
import { OrchestraError } from '../model/errors.ts'

export interface LoginLimits {
  isLimited(peer: string): boolean
  add(peer: string): void
  clear(peer: string): void
  /**
   * So many at once that all of them wrong would be too many are not refused, for they may all be right: the next waits
   * until one of them has ended. Answers how to say that this one has. @throws OrchestraError auth.limited
   */
  enter(name: string, peer: string): Promise<() => void>
}

/** Failed logins of one peer within a minute before it must wait. */
const FAILURES = 10

export function loginLimits(clock: Clock): LoginLimits {
  const failures = new Map<string, number[]>()
  /** Logins of one peer that are looked at now, and who waits for the end of one. */
  const underWay = new Map<string, { count: number; waiting: (() => void)[] }>()

  function recentFailures(peer: string): number[] {
    const recent = (failures.get(peer) ?? []).filter((at) => at > clock.now() - 60_000)
    if (recent.length === 0) failures.delete(peer)
    else failures.set(peer, recent)
    return recent
  }

  function forget(peer: string): void {
    const here = underWay.get(peer)
    if (here?.count === 0 && here.waiting.length === 0) underWay.delete(peer)
  }

  return {
    isLimited: (peer) => recentFailures(peer).length >= FAILURES,
    add: (peer) => void failures.set(peer, [...recentFailures(peer), clock.now()]),
    clear: (peer) => void failures.delete(peer),

    async enter(name, peer) {
      const here = underWay.get(peer) ?? { count: 0, waiting: [] }
      underWay.set(peer, here)
      while (recentFailures(peer).length < FAILURES && recentFailures(peer).length + here.count >= FAILURES) {
        await new Promise<void>((wake) => here.waiting.push(wake))
      }
      if (recentFailures(peer).length >= FAILURES) {
        forget(peer)
        throw new OrchestraError(
          'auth.limited',
          `login failed (${name}): too many failed logins from ${peer}; wait a minute`,
        )
      }
      here.count++
      return () => {
        here.count--
        forget(peer)
        for (const wake of here.waiting.splice(0)) wake()
      }
    },
  }
}
