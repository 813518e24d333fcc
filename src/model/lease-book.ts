/**
 * The leases of one subnet in memory: who holds what, and which address is next. No I/O and no clock.
 *
 * No question scans the pool: a full one of 60,000 addresses is answered as fast as an empty one.
 */
import { broadcast, contains, type Ipv4, ipv4OfNumber, ipv4ToNumber, type Mac } from './address.ts'
import { type ExpiryQueue, expiryQueue } from './expiry-queue.ts'
import type { AddressChoice, Lease, Standing } from './lease.ts'
import type { AddressRange, ServedSubnet } from './subnet.ts'

/** Who asks, and what is fixed for it. */
export interface Asker {
  readonly mac: Mac
  /** The address of its system's interface. */
  readonly fixed: Ipv4 | undefined
}

export interface LeaseBook {
  readonly served: ServedSubnet
  /** Whatever was last recorded for the address, expired or not. */
  at(ip: Ipv4): Lease | undefined
  /** The last lease of this MAC that is still its own: nobody else has had the address since. */
  of(mac: Mac): Lease | undefined
  all(): IterableIterator<Lease>
  put(lease: Lease): void
  /** Takes a record away as if it had never been. */
  forget(ip: Ipv4): void
  choose(asker: Asker, asked: Ipv4 | undefined, now: number): AddressChoice
  /** What `choose` would answer, for somebody who only looks: nobody's next address becomes another by it. */
  wouldChoose(asker: Asker, asked: Ipv4 | undefined, now: number): AddressChoice
  standing(asker: Asker, ip: Ipv4, now: number): Standing
}

/** How often addresses are looked through that were passed over before: a system may have given one back. */
const SWEEP_EVERY = 60_000

/** @param isTaken whether an address is ours or that of some system, and so nobody else's */
export function leaseBook(served: ServedSubnet, isTaken: (ip: Ipv4) => boolean): LeaseBook {
  const { subnet, pools } = served
  // A pool may be drawn around them.
  const infrastructure = new Set([subnet.network, broadcast(subnet), served.gateway, ...served.dns])
  const isFixed = (ip: Ipv4) => infrastructure.has(ip) || isTaken(ip)
  const byIp = new Map<Ipv4, Lease>()
  const byMac = new Map<Mac, Ipv4>()
  let expiries: ExpiryQueue<Ipv4> = expiryQueue()
  const fresh = freshAddresses(pools, (ip) => byIp.has(ip) || isFixed(ip))
  let sweepAt = 0

  const isActive = (lease: Lease | undefined, now: number): lease is Lease => lease !== undefined && lease.expires > now
  const isInPool = isInOneOf(pools)
  const of = (mac: Mac) => {
    const ip = byMac.get(mac)
    const lease = ip === undefined ? undefined : byIp.get(ip)
    return lease?.mac === mac && lease.state !== 'declined' ? lease : undefined
  }
  const mayUse = (mac: Mac, ip: Ipv4, now: number) => {
    const lease = byIp.get(ip)
    return !isActive(lease, now) || (lease.mac === mac && lease.state !== 'declined')
  }

  /** The address that has been expired the longest; it stays in the queue until somebody takes it. */
  function longestExpired(now: number): Ipv4 | undefined {
    for (let next = expiries.first(); next !== undefined && next.expires <= now; next = expiries.first()) {
      const ip = next.value
      if (byIp.get(ip)?.expires === next.expires && isInPool(ip) && !isFixed(ip)) return ip
      expiries.removeFirst()
    }
    return undefined
  }

  function free(now: number): Ipv4 | undefined {
    const ip = fresh.next() ?? longestExpired(now)
    if (ip !== undefined || now < sweepAt) return ip
    sweepAt = now + SWEEP_EVERY
    fresh.restart()
    refill()
    return fresh.next() ?? longestExpired(now)
  }

  /** The queue without what is outdated in it. */
  function refill(): void {
    expiries.clear()
    for (const { ip, expires } of byIp.values()) expiries.add(expires, ip)
  }

  function choose({ mac, fixed }: Asker, asked: Ipv4 | undefined, now: number): AddressChoice {
    let note = ''
    if (fixed !== undefined && !contains(subnet, fixed)) note = `; its own, ${fixed}, is of another subnet`
    else if (fixed !== undefined && mayUse(mac, fixed, now)) return { ip: fixed, because: 'its fixed address' }
    else if (fixed !== undefined) note = `; its own, ${fixed}, is in use by ${byIp.get(fixed)?.mac}`

    const last = of(mac)
    if (last && isInPool(last.ip) && !isFixed(last.ip)) {
      const word = isActive(last, now) && last.state === 'leased' ? 'its lease' : 'its last address'
      return { ip: last.ip, because: word + note }
    }
    if (asked !== undefined && isInPool(asked) && !isFixed(asked) && mayUse(mac, asked, now)) {
      return { ip: asked, because: `the address that it asks for${note}` }
    }
    const ip = free(now)
    if (ip !== undefined) return { ip, because: `a free address${note}`, isFree: true }
    return {
      ip,
      because: (pools.length > 0 ? 'the pool has no free address' : 'there is no pool, and no address for it') + note,
    }
  }

  return {
    served,
    of,
    choose,

    wouldChoose(asker, asked, now) {
      const [queue, next, sweep] = [expiries, fresh.at(), sweepAt]
      expiries = queue.copy()
      try {
        return choose(asker, asked, now)
      } finally {
        expiries = queue
        sweepAt = sweep
        fresh.goTo(next)
      }
    },

    at: (ip) => byIp.get(ip),
    all: () => byIp.values(),

    put(lease) {
      const { ip, mac, state } = lease
      const before = byIp.get(ip)
      if (before && before.mac !== mac && byMac.get(before.mac) === ip) byMac.delete(before.mac)
      byIp.set(ip, lease)
      if (state !== 'declined') byMac.set(mac, ip)
      else if (byMac.get(mac) === ip) byMac.delete(mac)
      expiries.add(lease.expires, ip)
      // Each renewal leaves an outdated entry behind.
      if (expiries.size() > 2 * byIp.size + 1000) refill()
    },

    forget(ip) {
      const lease = byIp.get(ip)
      if (lease && byMac.get(lease.mac) === ip) byMac.delete(lease.mac)
      byIp.delete(ip)
      sweepAt = 0
    },

    standing({ mac, fixed }, ip, now) {
      if (!contains(subnet, ip)) return 'elsewhere'
      if (fixed !== undefined && contains(subnet, fixed) && mayUse(mac, fixed, now)) {
        return ip === fixed ? 'own' : 'taken'
      }
      if (isFixed(ip) || !mayUse(mac, ip, now)) return 'taken'
      if (!isInPool(ip)) return 'unmanaged'
      const last = of(mac)
      if (last?.ip === ip && isActive(last, now)) return 'own'
      return last && isActive(last, now) ? 'taken' : 'free'
    },
  }
}

function isInOneOf(pools: readonly AddressRange[]): (ip: Ipv4) => boolean {
  const ranges = pools.map(({ first, last }) => [ipv4ToNumber(first), ipv4ToNumber(last)] as const)
  return (ip) => {
    const number = ipv4ToNumber(ip)
    return ranges.some(([first, last]) => first <= number && number <= last)
  }
}

/** Walks through the pools once; what is in use is passed over and not looked at again until it restarts. */
function freshAddresses(pools: readonly AddressRange[], isUsed: (ip: Ipv4) => boolean) {
  const ranges = pools.map(({ first, last }) => ({ from: ipv4ToNumber(first), end: ipv4ToNumber(last) }))
  const start = [0, ranges[0]?.from ?? 0] as const
  let [index, at]: readonly [number, number] = start
  return {
    next(): Ipv4 | undefined {
      for (let range = ranges[index]; range; range = ranges[index]) {
        for (; at <= range.end; at++) {
          const ip = ipv4OfNumber(at)
          if (!isUsed(ip)) return ip
        }
        index++
        at = ranges[index]?.from ?? 0
      }
      return undefined
    },
    restart(): void {
      ;[index, at] = start
    },
    at: () => [index, at] as const,
    goTo(before: readonly [number, number]): void {
      ;[index, at] = before
    },
  }
}
