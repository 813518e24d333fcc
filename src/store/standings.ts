/** How machines stand, kept by the uid of their system: rows in, values out; they go when their system goes. */
import { sql } from 'kysely'
import type { Standing } from '../model/standing.ts'
import type { Db } from './db.ts'

export interface KeptStanding {
  readonly uid: string
  readonly standing: Standing
  /** The last event of the journal that is in it. */
  readonly event: number
}

/** JSON has no word for what is not there. */
const ABSENT = { deadline: undefined, attempt: undefined, stopped: undefined, broken: undefined }

export async function loadStandings(db: Db): Promise<KeptStanding[]> {
  const rows = await db.selectFrom('standing').selectAll().execute()
  return rows.map(({ uid, body }) => {
    const { event, ...standing } = JSON.parse(body) as Standing & { event: number }
    return { uid, standing: { ...ABSENT, ...standing }, event }
  })
}

/** All of them or none; a system that was removed meanwhile has none any more. */
export async function saveStandings(db: Db, kept: readonly KeptStanding[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const { uid, standing, event } of kept) {
      const body = JSON.stringify({ ...standing, event })
      await tx
        .insertInto('standing')
        .columns(['uid', 'body'])
        .expression(
          tx
            .selectFrom('item')
            .select(['uid', sql<string>`${body}`.as('body')])
            .where('uid', '=', uid),
        )
        .onConflict((conflict) => conflict.column('uid').doUpdateSet({ body }))
        .execute()
    }
  })
}
