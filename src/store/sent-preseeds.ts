/** The answer file that each system was sent last, by its uid. */
import type { Db, Tx } from './db.ts'

export interface SentPreseed {
  readonly uid: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** The boot that it was sent in, where that was known. */
  readonly boot: number | null
  /** TOKEN stands where a token was. */
  readonly text: string
  /** The same without the passwords of that time. */
  readonly masked: string
}

/** Those of systems that are gone by now are left out. */
export async function putSentPreseeds(tx: Tx, sent: readonly SentPreseed[]): Promise<void> {
  for (const row of sent) {
    const exists = await tx.selectFrom('item').select('uid').where('uid', '=', row.uid).executeTakeFirst()
    if (!exists) continue
    const { uid: _, ...values } = row
    await tx
      .insertInto('sent_preseed')
      .values({ ...row })
      .onConflict((conflict) => conflict.column('uid').doUpdateSet(values))
      .execute()
  }
}

export async function findSentPreseed(db: Db, uid: string): Promise<SentPreseed | undefined> {
  const row = await db.selectFrom('sent_preseed').selectAll().where('uid', '=', uid).executeTakeFirst()
  return row && { ...row, at: Number(row.at), boot: row.boot === null ? null : Number(row.boot) }
}
