/**
 * The journal: every event, kept in the store within bounds, and streamed from any point on.
 *
 * Events are written behind, those of a moment in one transaction, so that a rush of machines does not wait for the disk
 * once for each: what they tell of (a save, a lease) is in the store already when they are recorded. They are streamed when
 * they are written, or a daemon that was killed in between would give their ids to others.
 */
import type { Clock } from '../lib/clock.ts'
import { type EventBus, eventBus } from '../lib/events.ts'
import type { Log } from '../lib/log.ts'
import type { EventMap, EventName, RecordedEvent } from '../model/event.ts'
import type { Db } from '../store/db.ts'
import { eventsSince, forgetEvents, insertEvents, lastEventId } from '../store/events.ts'

export interface Journal {
  record<Name extends EventName>(name: Name, payload: EventMap[Name]): void
  /** Events with a greater id, oldest first, at most `limit`. */
  since(id: number, limit: number): Promise<RecordedEvent[]>
  /** The id of the newest event; 0 when there was none. */
  lastId(): number
  /** Every event from now on, once it is written: for streams that can be resumed. Answers how to stop. */
  follow(listener: (event: RecordedEvent) => void): () => void
  /** Every event from now on, as it is recorded: for what this process knows in memory. Answers how to stop. */
  watch(listener: (event: RecordedEvent) => void): () => void
  /** Resolves when all that was recorded is in the store. */
  flushed(): Promise<void>
}

interface Heard {
  recorded: RecordedEvent
  written: RecordedEvent
}

/** How many events are kept. */
const KEPT = 100_000
/** Milliseconds for which an event may wait for others to be written with it. */
const MOMENT = 50

export async function openJournal({ db, clock, log }: { db: Db; clock: Clock; log: Log }): Promise<Journal> {
  const bus: EventBus<Heard> = eventBus((error) => log.error({ err: error }, 'a listener of the journal failed'))
  let lastId = await lastEventId(db)
  let waiting: RecordedEvent[] = []
  let writing: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(write)
    return writing
  }

  async function write(): Promise<void> {
    const batch = waiting
    waiting = []
    const newest = batch.at(-1)
    if (!newest) return
    try {
      await db.transaction().execute(async (tx) => {
        await insertEvents(tx, batch)
        if (newest.id % 1000 < batch.length) await forgetEvents(tx, newest.id - KEPT)
      })
    } catch (error) {
      log.error(
        { err: error, events: batch.length },
        'events could not be written; who follows hears them all the same',
      )
    }
    for (const event of batch) bus.emit('written', event)
  }

  return {
    record(name, payload) {
      const event: RecordedEvent = { id: ++lastId, at: clock.now(), name, payload }
      waiting.push(event)
      timer ??= setTimeout(flush, MOMENT)
      bus.emit('recorded', event)
    },
    async since(id, limit) {
      await flush()
      return await eventsSince(db, id, limit)
    },
    lastId: () => lastId,
    follow: (listener) => bus.on('written', listener),
    watch: (listener) => bus.on('recorded', listener),
    flushed: flush,
  }
}
