/** The packets of boots in the database: blocks of a capture, in the order in which they came; gone with their boot. */
import type { Db, Tx } from './db.ts'

export interface PacketRow {
  readonly boot: number
  /** Of the body. */
  readonly bytes: number
  /** Packets of this boot that were not kept, so far. */
  readonly dropped: number
  readonly body: Buffer
}

/** All of one boot. */
export interface KeptPackets {
  readonly bodies: readonly Buffer[]
  readonly dropped: number
}

/** By boot. */
export type PacketTotals = ReadonlyMap<number, { readonly bytes: number; readonly dropped: number }>

/** Those of boots that are not there any more are left out. */
export async function savePackets(tx: Tx, rows: readonly PacketRow[]): Promise<void> {
  if (rows.length === 0) return
  const boots = rows.map(({ boot }) => boot)
  const there = await tx.selectFrom('boot_attempt').select('id').where('id', 'in', boots).execute()
  const known = new Set(there.map(({ id }) => id))
  for (const row of rows) {
    if (!known.has(row.boot)) continue
    if (row.bytes > 0) await tx.insertInto('boot_packets').values(row).execute()
    else await tx.updateTable('boot_packets').set({ dropped: row.dropped }).where('boot', '=', row.boot).execute()
  }
}

export async function packetTotals(db: Db | Tx, boots: readonly number[]): Promise<PacketTotals> {
  if (boots.length === 0) return new Map()
  const rows = await db
    .selectFrom('boot_packets')
    .select((of) => ['boot', of.fn.sum<number>('bytes').as('bytes'), of.fn.max('dropped').as('dropped')])
    .where('boot', 'in', boots)
    .groupBy('boot')
    .execute()
  return new Map(rows.map(({ boot, bytes, dropped }) => [boot, { bytes: Number(bytes), dropped: Number(dropped) }]))
}

export async function findPackets(db: Db, boot: number): Promise<KeptPackets> {
  const rows = await db
    .selectFrom('boot_packets')
    .select(['body', 'dropped'])
    .where('boot', '=', boot)
    .orderBy('id')
    .execute()
  return { bodies: rows.map(({ body }) => body), dropped: Math.max(0, ...rows.map(({ dropped }) => dropped)) }
}

export async function allPacketBytes(db: Db | Tx): Promise<number> {
  const row = await db
    .selectFrom('boot_packets')
    .select((of) => of.fn.sum<number | null>('bytes').as('bytes'))
    .executeTakeFirst()
  return Number(row?.bytes ?? 0)
}

/** The oldest go until so many bytes are left. */
export async function forgetOldPackets(tx: Tx, most: number): Promise<void> {
  let all = await allPacketBytes(tx)
  while (all > most) {
    const oldest = await tx.selectFrom('boot_packets').select(['id', 'bytes']).orderBy('id').limit(500).execute()
    if (oldest.length === 0) return
    let last = 0
    for (const { id, bytes } of oldest) {
      if (all <= most) break
      all -= bytes
      last = id
    }
    await tx.deleteFrom('boot_packets').where('id', '<=', last).execute()
  }
}
