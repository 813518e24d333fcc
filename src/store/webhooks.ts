/** Up to which event each webhook was told, by a key of its own. */
import type { Db } from './db.ts'

/** Undefined for one that was never there before. */
export async function findPosition(db: Db, key: string): Promise<number | undefined> {
  const row = await db.selectFrom('webhook').select('position').where('key', '=', key).executeTakeFirst()
  return row && Number(row.position)
}

export async function putPosition(db: Db, key: string, position: number): Promise<void> {
  await db
    .insertInto('webhook')
    .values({ key, position })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ position }))
    .execute()
}
