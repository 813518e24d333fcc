/** Who changed what, in the database: added at the end, never changed, the newest so many of them. */
import { sql } from 'kysely'
import type { Db, Tx } from './db.ts'

export interface AuditEntry {
  readonly id: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly user: string
  /** The address that it came from. */
  readonly peer: string
  readonly door: string
  readonly action: string
  readonly fields: readonly string[]
  readonly outcome: string
}

/** What is wanted; undefined: any. */
export interface AuditFilter {
  readonly user?: string | undefined
  readonly peer?: string | undefined
  readonly door?: string | undefined
  /** Part of the action. */
  readonly action?: string | undefined
  readonly outcome?: string | undefined
}

const KEPT = 100_000

export async function insertAudit(tx: Tx, entries: readonly Omit<AuditEntry, 'id'>[]): Promise<void> {
  const rows = entries.map((entry) => ({ ...entry, fields: entry.fields.join(' ') }))
  const done = await tx.insertInto('audit').values(rows).executeTakeFirst()
  const last = Number(done.insertId ?? 0)
  if (last % 1000 < rows.length) {
    await tx
      .deleteFrom('audit')
      .where('id', '<=', last - KEPT)
      .execute()
  }
}

/** The newest first; those before an id. */
export async function findAudit(db: Db, filter: AuditFilter, before: number, limit: number): Promise<AuditEntry[]> {
  let query = db.selectFrom('audit').selectAll().where('id', '<', before).orderBy('id', 'desc').limit(limit)
  const { user, peer, door, action, outcome } = filter
  if (user !== undefined) query = query.where('user', '=', user)
  if (peer !== undefined) query = query.where('peer', '=', peer)
  if (door !== undefined) query = query.where('door', '=', door)
  if (outcome !== undefined) query = query.where('outcome', '=', outcome)
  if (action !== undefined) query = query.where(sql<boolean>`instr(action, ${action}) > 0`)
  const rows = await query.execute()
  return rows.map((row) => ({ ...row, at: Number(row.at), fields: row.fields === '' ? [] : row.fields.split(' ') }))
}
