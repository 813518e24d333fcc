/** Events in the database, the newest so many of them. */
import type { EventName, RecordedEvent } from '../model/event.ts'
import type { Db, Tx } from './db.ts'

export async function insertEvents(tx: Tx, events: readonly RecordedEvent[]): Promise<void> {
  if (events.length === 0) return
  const rows = events.map(({ id, at, name, payload }) => ({ id, at, name, payload: JSON.stringify(payload) }))
  await tx.insertInto('event').values(rows).execute()
}

/** 0 when there was never one. */
export async function lastEventId(db: Db): Promise<number> {
  const row = await db
    .selectFrom('event')
    .select((build) => build.fn.max('id').as('id'))
    .executeTakeFirst()
  return Number(row?.id ?? 0)
}

export async function eventsSince(db: Db, id: number, limit: number): Promise<RecordedEvent[]> {
  const rows = await db.selectFrom('event').selectAll().where('id', '>', id).orderBy('id').limit(limit).execute()
  return rows.map((row) => ({
    id: row.id,
    at: Number(row.at),
    name: row.name as EventName,
    payload: JSON.parse(row.payload),
  }))
}

/** Forgets all events up to and with this id. */
export async function forgetEvents(tx: Tx, upTo: number): Promise<void> {
  await tx.deleteFrom('event').where('id', '<=', upTo).execute()
}
