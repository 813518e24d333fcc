/** What peers do wrong: counted for each, and said once, and again when it has become ten times as much. */
import type { Log } from './log.ts'

export type Complain = (peer: string, what: string) => void

/** Peers are whatever a sender says: the memory of them has an end. */
const MOST_PEERS = 1000

export function complaints(log: Log): Complain {
  const counts = new Map<string, number>()
  return (peer, what) => {
    const count = (counts.get(peer) ?? 0) + 1
    if (count === 1 && counts.size >= MOST_PEERS) counts.clear()
    counts.set(peer, count)
    if (count === 1) log.warn({ peer }, `${what}; more of the like from this peer is not logged`)
    else if (/^10+$/.test(`${count}`)) log.warn({ peer, count }, `${count} times now: ${what}`)
  }
}
