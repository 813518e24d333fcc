/** Leases as rows: all of them at start, and those that changed. */
import type { Ipv4, Mac } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import type { Db } from './db.ts'
import type { LeaseRow } from './schema.ts'

/** In the order in which they expire. */
export async function loadLeases(db: Db): Promise<Lease[]> {
  const rows = await db.selectFrom('lease').selectAll().orderBy('expires').execute()
  return rows.map(ofRow)
}

/** Writes leases over what was there for their addresses: all or none. On disk when it answers. */
export async function saveLeases(db: Db, leases: readonly Lease[]): Promise<void> {
  const parts: LeaseRow[][] = []
  for (let at = 0; at < leases.length; at += ROWS_PER_STATEMENT) parts.push(leases.slice(at, at + ROWS_PER_STATEMENT))
  const [only] = parts
  if (!only) return
  // One statement is a transaction by itself.
  if (parts.length === 1) await upsert(db, only)
  else {
    await db.transaction().execute(async (tx) => {
      for (const part of parts) await upsert(tx, part)
    })
  }
}

const ROWS_PER_STATEMENT = 500

function upsert(db: Db, rows: readonly LeaseRow[]): Promise<unknown> {
  return db
    .insertInto('lease')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('ip').doUpdateSet((row) => ({
        mac: row.ref('excluded.mac'),
        state: row.ref('excluded.state'),
        expires: row.ref('excluded.expires'),
        hostname: row.ref('excluded.hostname'),
      })),
    )
    .execute()
}

function ofRow({ ip, mac, state, expires, hostname }: LeaseRow): Lease {
  return { ip: ip as Ipv4, mac: mac as Mac, state: state as Lease['state'], expires, hostname }
}
