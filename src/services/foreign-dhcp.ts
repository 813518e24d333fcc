/** Other DHCP servers that were seen: by machines that took their offers, by answers that reach us, and by probes. In memory. */
import type { Clock } from '../lib/clock.ts'
import type { Ipv4 } from '../model/address.ts'
import type { Journal } from './journal.ts'

export interface ForeignServer {
  readonly server: Ipv4
  /** Undefined: it is behind a relay. */
  readonly interface: string | undefined
  /** Milliseconds since 1970. */
  readonly first: number
  readonly last: number
  readonly times: number
  /** The last address that it gave to somebody; empty: not seen. */
  readonly offered: string
}

export interface ForeignDhcp {
  /** @param because one sentence: what was seen */
  seen(what: Pick<ForeignServer, 'server' | 'interface' | 'offered'>, because: string): void
  /** Those of the last day, the latest first. */
  list(): ForeignServer[]
  /** How many those are. */
  foreignDhcp(): number
}

const HOUR = 3_600_000
const FORGET_AFTER = 24 * HOUR
/** Their addresses are whatever a sender says: the memory of them has an end, and so has the news. */
const MOST_REMEMBERED = 100
const MOST_NEWS = 20

export interface ForeignDhcpNeeds {
  readonly clock: Clock
  readonly record: Journal['record']
  /** Whether we are that server ourselves. */
  readonly isOwn: (server: Ipv4) => boolean
}

export function watchForeignDhcp({ clock, record, isOwn }: ForeignDhcpNeeds): ForeignDhcp {
  const servers = new Map<string, ForeignServer>()
  const news: { key: string; at: number }[] = []

  /** Each server once an hour. */
  function isNews(key: string, now: number): boolean {
    while (news[0] && now - news[0].at >= HOUR) news.shift()
    if (news.length >= MOST_NEWS || news.some((one) => one.key === key)) return false
    news.push({ key, at: now })
    return true
  }

  const list = () => {
    const since = clock.now() - FORGET_AFTER
    // They stand in the order in which they were seen last.
    return [...servers.values()].filter(({ last }) => last > since).reverse()
  }

  return {
    seen(what, because) {
      const { server, offered } = what
      if (isOwn(server)) return
      const [key, now] = [`${server} ${what.interface ?? ''}`, clock.now()]
      const before = servers.get(key)
      // Put last: what was not seen the longest is the first in the map.
      servers.delete(key)
      const { first = now, times = 0 } = before ?? {}
      servers.set(key, { ...what, first, last: now, times: times + 1, offered: offered || (before?.offered ?? '') })
      const [oldest] = servers.keys()
      if (servers.size > MOST_REMEMBERED && oldest !== undefined) servers.delete(oldest)
      if (isNews(key, now)) record('dhcp.foreign', { ...what, because })
    },
    list,
    foreignDhcp: () => list().length,
  }
}
