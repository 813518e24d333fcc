/** Boot attempts in the database: rows in, values out; the newest of each machine, and of all, within bounds. */
import type { BootAttempt } from '../model/trace.ts'
import type { Db, Tx } from './db.ts'

const ROWS_PER_STATEMENT = 100
const MACS_PER_QUERY = 500

/** JSON has no word for what is not there. */
const ABSENT = { mac: undefined, uid: undefined, system: undefined, ended: undefined, endedBy: undefined }

/** Those that are there already are replaced. */
export async function saveAttempts(tx: Tx, attempts: readonly BootAttempt[]): Promise<void> {
  for (let at = 0; at < attempts.length; at += ROWS_PER_STATEMENT) {
    const rows = attempts.slice(at, at + ROWS_PER_STATEMENT).map((attempt) => ({
      id: attempt.id,
      mac: attempt.mac ?? '',
      uid: attempt.uid ?? null,
      started: attempt.started,
      ended: attempt.ended ?? null,
      body: JSON.stringify(attempt),
    }))
    await tx
      .insertInto('boot_attempt')
      .values(rows)
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((build) => ({
          mac: build.ref('excluded.mac'),
          uid: build.ref('excluded.uid'),
          ended: build.ref('excluded.ended'),
          body: build.ref('excluded.body'),
        })),
      )
      .execute()
  }
}

/** 0 when there was never one. */
export async function lastAttemptId(db: Db): Promise<number> {
  const row = await db
    .selectFrom('boot_attempt')
    .select((build) => build.fn.max('id').as('id'))
    .executeTakeFirst()
  return Number(row?.id ?? 0)
}

/** The last one of each machine, the oldest first. */
export async function newestAttempts(db: Db, since: number, limit: number): Promise<BootAttempt[]> {
  const rows = await db
    .selectFrom('boot_attempt')
    .select('body')
    .where('id', 'in', (build) =>
      build
        .selectFrom('boot_attempt')
        .select((of) => of.fn.max('id').as('id'))
        .where('started', '>=', since)
        .groupBy(['mac', 'uid']),
    )
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.reverse().map(attemptOf)
}

/** Of all machines, the newest first. @param before undefined: from the newest on */
export async function allAttempts(
  db: Db,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<BootAttempt[]> {
  const query = db.selectFrom('boot_attempt').select('body').orderBy('id', 'desc').limit(limit)
  const rows = await (before === undefined ? query : query.where('id', '<', before)).execute()
  return rows.map(attemptOf)
}

/** Of MACs that are nobody's: when the first of their boots began, and how many there are. */
export async function strangersSeen(
  db: Db,
  macs: readonly string[],
): Promise<ReadonlyMap<string, { readonly first: number; readonly times: number }>> {
  const seen = new Map<string, { first: number; times: number }>()
  for (let at = 0; at < macs.length; at += MACS_PER_QUERY) {
    const rows = await db
      .selectFrom('boot_attempt')
      .select((of) => ['mac', of.fn.min('started').as('first'), of.fn.countAll().as('times')])
      .where('mac', 'in', macs.slice(at, at + MACS_PER_QUERY))
      .groupBy('mac')
      .execute()
    for (const { mac, first, times } of rows) seen.set(mac, { first: Number(first), times: Number(times) })
  }
  return seen
}

/** Of a machine by any of its MACs or by its system, the newest first. @param before undefined: from the newest on */
export async function attemptsOf(
  db: Db,
  { uid, macs }: { readonly uid: string | undefined; readonly macs: readonly string[] },
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
): Promise<BootAttempt[]> {
  let query = db.selectFrom('boot_attempt').select('body').orderBy('id', 'desc').limit(limit)
  if (before !== undefined) query = query.where('id', '<', before)
  const rows = await query
    .where((build) =>
      build.or([
        ...(uid === undefined ? [] : [build('uid', '=', uid)]),
        ...(macs.length === 0 ? [] : [build('mac', 'in', macs)]),
      ]),
    )
    .execute()
  return rows.map(attemptOf)
}

export async function findAttempt(db: Db, id: number): Promise<BootAttempt | undefined> {
  const row = await db.selectFrom('boot_attempt').select('body').where('id', '=', id).executeTakeFirst()
  return row && attemptOf(row)
}

/** Keeps the newest so many of each of these MACs. */
export async function forgetOldAttempts(tx: Tx, macs: readonly string[], keep: number): Promise<void> {
  for (const mac of macs) {
    await tx
      .deleteFrom('boot_attempt')
      .where('id', 'in', (build) =>
        build
          .selectFrom('boot_attempt')
          .select('id')
          .where('mac', '=', mac)
          .orderBy('id', 'desc')
          .limit(1_000_000)
          .offset(keep),
      )
      .execute()
  }
}

/** Forgets all attempts up to and with this id. */
export async function forgetAttempts(tx: Tx, upTo: number): Promise<void> {
  await tx.deleteFrom('boot_attempt').where('id', '<=', upTo).execute()
}

function attemptOf({ body }: { readonly body: string }): BootAttempt {
  return { ...ABSENT, ...(JSON.parse(body) as BootAttempt) }
}
