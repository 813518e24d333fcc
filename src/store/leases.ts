/** Leases as rows: all of them at start, and those that changed. */
import { CompiledQuery } from 'kysely'
import type { Ipv4, Mac } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import type { Db, Tx } from './db.ts'
import type { LeaseRow } from './schema.ts'

/** In the order in which they expire. */
export async function loadLeases(db: Db): Promise<Lease[]> {
  const rows = await db.selectFrom('lease').selectAll().orderBy('expires').execute()
  return rows.map(ofRow)
}

/** Writes leases over what was there for their addresses: all or none. On disk when it answers. */
export async function saveLeases(db: Db, leases: readonly Lease[]): Promise<void> {
  if (leases.length === 0) return
  // One statement of a few sizes is a text that is made once: a rush of machines is written as fast as it can be.
  if (leases.length === 1) await upsert(db, leases)
  else {
    await db.transaction().execute(async (tx) => {
      let at = 0
      for (; at + MANY <= leases.length; at += MANY) await upsert(tx, leases.slice(at, at + MANY))
      for (; at < leases.length; at++) await upsert(tx, leases.slice(at, at + 1))
    })
  }
}

const MANY = 16
const ROW = '(?, ?, ?, ?, ?)'
const textFor = (count: number) => `insert into lease (ip, mac, state, expires, hostname)
  values ${Array(count).fill(ROW).join(', ')}
  on conflict (ip) do update set mac = excluded.mac, state = excluded.state, expires = excluded.expires,
  hostname = excluded.hostname`
const [ONE_ROW, MANY_ROWS] = [textFor(1), textFor(MANY)]

function upsert(db: Tx, rows: readonly LeaseRow[]): Promise<unknown> {
  const values = rows.flatMap(({ ip, mac, state, expires, hostname }) => [ip, mac, state, expires, hostname])
  return db.executeQuery(CompiledQuery.raw(rows.length === 1 ? ONE_ROW : MANY_ROWS, values))
}

function ofRow({ ip, mac, state, expires, hostname }: LeaseRow): Lease {
  return { ip: ip as Ipv4, mac: mac as Mac, state: state as Lease['state'], expires, hostname }
}
