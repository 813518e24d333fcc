/**
 * The addresses that DHCPv6 has given, in memory: an address is worked out from the MAC and need not be remembered, but whether a
 * machine uses it is known only of one that has asked for it.
 */
import type { Clock } from '../lib/clock.ts'
import type { Mac } from '../model/address.ts'
import type { Ipv6 } from '../model/address6.ts'

export interface GivenIpv6 {
  /** @param seconds 0: it has been given back */
  give(mac: Mac, ip: Ipv6, seconds: number): void
  /** What it has now. */
  of(mac: Mac): readonly Ipv6[]
}

/** MACs are whatever a sender says: the memory of them has an end. */
const MOST = 10_000
/** One in each of its networks. */
const MOST_OF_ONE = 8

export function createGivenIpv6(clock: Clock): GivenIpv6 {
  const all = new Map<Mac, Map<Ipv6, number>>()
  const current = (mac: Mac) => [...(all.get(mac) ?? [])].filter(([, until]) => until > clock.now())
  return {
    give(mac, ip, seconds) {
      const others = current(mac).filter(([one]) => one !== ip)
      const now = [...others, [ip, clock.now() + seconds * 1000] as const].slice(-MOST_OF_ONE)
      all.delete(mac)
      if (seconds > 0 || others.length > 0) all.set(mac, new Map(now))
      const [oldest] = all.keys()
      if (all.size > MOST && oldest !== undefined) all.delete(oldest)
    },
    of: (mac) => current(mac).map(([ip]) => ip),
  }
}
