/**
 * Webhooks: events of the journal, sent to the addresses of the setting `webhooks`, in their order and each until it is
 * taken. The journal is the queue, so nothing waits for a receiver, nothing piles up, and a restart goes on where it was.
 *
 *     POST URL, Content-Type: application/json
 *     {"id":17,"at":1767225600000,"name":"power.changed","payload":{…},"timestamp":1767225601}
 *
 * `X-Orchestra-Signature: sha256=HEX` is the HMAC-SHA-256 (RFC 2104) of the body's bytes with the hook's secret;
 * `X-Orchestra-Event` has the name, `X-Orchestra-Delivery` the id, which is the same when an event is sent again, and
 * `X-Orchestra-Timestamp` the seconds of this sending. Any 2xx means that it was taken. 408, 425, 429, 5xx and silence are
 * tried again, later and later; what is refused otherwise is told to the log and passed over. No redirect is followed.
 */
import { createHash, createHmac } from 'node:crypto'
import type { Clock } from '../lib/clock.ts'
import { globMatcher } from '../lib/glob.ts'
import type { Log } from '../lib/log.ts'
import type { RecordedEvent } from '../model/event.ts'
import { type Exchange, openExchange } from '../power/http/exchange.ts'
import type { Db } from '../store/db.ts'
import { findPosition, putPosition } from '../store/webhooks.ts'
import type { Journal } from './journal.ts'

export interface Webhook {
  readonly url: string
  readonly secret: string
  /** Names of events, or patterns: `power.*`. */
  readonly events: readonly string[]
}

interface Needs {
  readonly db: Db
  readonly hooks: readonly Webhook[]
  readonly journal: Pick<Journal, 'since' | 'follow' | 'lastId'>
  readonly clock: Clock
  readonly log: Log
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<unknown>
}

const PAGE = 200
const ANSWER_MS = 30_000
const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 300_000
const TRY_AGAIN = new Set([408, 425, 429])

/** Answers how to stop: what is under way is given up, and is sent again after the next start. */
export function startWebhooks(needs: Needs): () => Promise<void> {
  const stopped = new AbortController()
  const runs = needs.hooks.map((hook) => runHook(hook, needs, stopped.signal))
  return async () => {
    stopped.abort()
    await Promise.all(runs)
  }
}

async function runHook(hook: Webhook, { db, journal, clock, log, wait }: Needs, signal: AbortSignal): Promise<void> {
  const url = new URL(hook.url)
  const { host } = url
  const wanted = hook.events.map(globMatcher)
  // The address may hold a secret of the receiver's: the database need not have it.
  const key = createHash('sha256').update(hook.url).digest('hex')
  const news = alarm(signal)
  const stopListening = journal.follow(news.ring)
  const exchange = openExchange(url, { trust: 'authorities' })

  /** Until it is taken, or refused for good; false: it is to be sent after the next start. */
  async function deliver(event: RecordedEvent): Promise<boolean> {
    for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const because = await send(exchange, url, event, hook.secret, clock, signal)
      if (because === undefined) return true
      if (signal.aborted) return false
      const { sentence, isFinal } = because
      log.warn({ webhook: host, event: event.id, isFinal }, `a webhook did not take an event: ${sentence}`)
      if (isFinal) return true
      await wait(pause, signal).catch(() => {})
    }
    return false
  }

  try {
    let position = await findPosition(db, key)
    if (position === undefined) {
      // A hook that is new hears of what happens from now on.
      position = journal.lastId()
      await putPosition(db, key, position)
    }
    while (!signal.aborted) {
      const page = await journal.since(position, PAGE)
      for (const event of page) {
        const isWanted = wanted.some((matches) => matches(event.name))
        if (isWanted && !(await deliver(event))) return
        position = event.id
        if (isWanted) await putPosition(db, key, position)
      }
      if (page.length > 0) await putPosition(db, key, position)
      else await news.heard()
    }
  } catch (error) {
    log.error({ err: error, webhook: host }, 'a webhook is not told of anything more until the next start')
  } finally {
    stopListening()
    await exchange.close()
  }
}

interface Refusal {
  readonly sentence: string
  /** To ask again would be of no use. */
  readonly isFinal: boolean
}

async function send(
  exchange: Exchange,
  { pathname, search }: URL,
  event: RecordedEvent,
  secret: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const timestamp = Math.floor(clock.now() / 1000)
  const body = JSON.stringify({ ...event, timestamp })
  const headers = {
    'content-type': 'application/json',
    'x-orchestra-event': event.name,
    'x-orchestra-delivery': String(event.id),
    'x-orchestra-timestamp': String(timestamp),
    'x-orchestra-signature': `sha256=${createHmac('sha256', secret).update(body, 'utf8').digest('hex')}`,
  }
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)])
    const { status } = await exchange.ask({ method: 'POST', path: pathname + search, headers, body }, limit)
    if (status >= 200 && status < 300) return undefined
    return { sentence: `it answers ${status}`, isFinal: status < 500 && !TRY_AGAIN.has(status) }
  } catch (error) {
    return { sentence: error instanceof Error ? error.message : String(error), isFinal: false }
  }
}

/** One that rings while nobody listens is heard all the same. */
function alarm(signal: AbortSignal) {
  let isRung = false
  let wake = () => {}
  signal.addEventListener('abort', () => wake(), { once: true })
  return {
    ring(): void {
      isRung = true
      wake()
    },
    async heard(): Promise<void> {
      if (!isRung && !signal.aborted) await new Promise<void>((done) => (wake = done))
      isRung = false
    },
  }
}
