/**
 * Questions that are not ours, put to other resolvers. What many ask at once is asked once: cheaper, harder to forge an answer to,
 * and a resolver that asks us in turn runs into its own question instead of round in circles.
 */
import { asBuffer } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import type { DnsQuery } from './codec.ts'
import { encodeRelayed, type Life, lifeOf, rcodeOf } from './relayed.ts'
import type { Resolver } from './socket.ts'

export interface ForwardOptions {
  /** Asked in this order, beginning with the one that answered last. */
  readonly resolvers: readonly Resolver[]
  /** Rejects when there is no answer, or at the signal. */
  readonly ask: (at: Resolver, query: DnsQuery, signal: AbortSignal) => Promise<Uint8Array>
  readonly clock: Clock
}

export interface Forwarder {
  /** The message for the client; undefined: no resolver has answered. */
  answer(query: DnsQuery, limit: number): Promise<Uint8Array | undefined>
  close(): void
}

interface Kept {
  readonly bytes: Uint8Array
  readonly life: Life
  /** Milliseconds. */
  readonly at: number
}

/** Milliseconds for one resolver: clients ask again after five seconds. */
const PATIENCE = 2000
const MOST_ASKED = 256
const MOST_KEPT = 2000
/** Of these another resolver may know better: SERVFAIL, NOTIMP, REFUSED. */
const UNABLE = new Set([2, 4, 5])

export function createForwarder({ resolvers, ask, clock }: ForwardOptions): Forwarder {
  const kept = new Map<string, Kept>()
  const asked = new Map<string, Promise<Kept | undefined>>()
  const closing = new AbortController()
  let favorite = 0

  async function answer(query: DnsQuery, limit: number): Promise<Uint8Array | undefined> {
    const key = keyOf(query)
    const found = fresh(key) ?? (await (asked.get(key) ?? begin(key, query)))
    if (!found) return undefined
    return encodeRelayed(query, found.bytes, found.life, Math.floor((clock.now() - found.at) / 1000), limit)
  }

  function fresh(key: string): Kept | undefined {
    const found = kept.get(key)
    if (found && clock.now() - found.at < found.life.seconds * 1000) return found
    kept.delete(key)
    return undefined
  }

  function begin(key: string, query: DnsQuery): Promise<Kept | undefined> | undefined {
    if (asked.size >= MOST_ASKED) return undefined
    const asking = askAll(query)
      .then((found) => {
        if (found && found.life.seconds > 0) keep(key, found)
        return found
      })
      .finally(() => asked.delete(key))
    asked.set(key, asking)
    return asking
  }

  /** With one resolver that is asked twice: a datagram may be lost. */
  async function askAll(query: DnsQuery): Promise<Kept | undefined> {
    let last: Kept | undefined
    const first = favorite
    for (let tries = 0; tries < Math.max(2, resolvers.length) && !closing.signal.aborted; tries++) {
      const index = (first + tries) % resolvers.length
      const at = resolvers[index]
      if (!at) return undefined
      try {
        const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(PATIENCE)])
        const bytes = await ask(at, query, signal)
        last = { bytes, life: lifeOf(query, bytes), at: clock.now() }
        if (UNABLE.has(rcodeOf(bytes))) continue
        favorite = index
        return last
      } catch {
        // It is not there, or does not speak DNS: the next one.
      }
    }
    return last
  }

  function keep(key: string, found: Kept): void {
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '')
    kept.set(key, found)
  }

  return { answer, close: () => closing.abort() }
}

/** What an answer depends on: the question, by its bytes but in small letters, and how much of it the client understands. */
function keyOf({ wire, edns, checkingDisabled }: DnsQuery): string {
  const understood = `${edns ? (edns.dnssecOk ? 'do' : 'edns') : ''} ${checkingDisabled ? 'cd' : ''}`
  return `${asBuffer(wire).toString('latin1').toLowerCase()} ${understood}`
}
