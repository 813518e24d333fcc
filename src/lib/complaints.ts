/** What peers do wrong: counted for each, and said once, and again when it has become ten times as much. */
import type { Log } from './log.ts'

export type Complain = (peer: string, what: string) => void

/** Peers are whatever a sender says: the memory of them has an end. */
const MOST_PEERS = 1000

/** @param level `info` where anybody may send anything, and no link of ours is ill for that */
export function complaints(log: Log, level: 'warn' | 'info' = 'warn'): Complain {
  const counts = new Map<string, number>()
  return (peer, what) => {
    const count = (counts.get(peer) ?? 0) + 1
    if (count === 1 && counts.size >= MOST_PEERS) counts.clear()
    counts.set(peer, count)
    if (count === 1) log[level]({ peer }, `${what}; more of the like from this peer is not logged`)
    else if (/^10+$/.test(`${count}`)) log[level]({ peer, count }, `${count} times now: ${what}`)
  }
}
