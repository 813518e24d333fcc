/** What machines said while they were installed, line by line, by the uid of their system. */
import type { LogLine } from '../model/log-line.ts'
import type { Db, Tx } from './db.ts'

export interface KeptLine extends LogLine {
  readonly uid: string
}

const ROWS_PER_STATEMENT = 500

export async function insertLogLines(tx: Tx, lines: readonly KeptLine[]): Promise<void> {
  for (let at = 0; at < lines.length; at += ROWS_PER_STATEMENT) {
    const rows = lines.slice(at, at + ROWS_PER_STATEMENT).map(({ id, uid, at, severity, app, message }) => {
      return { id, uid, at, severity, app, message }
    })
    await tx.insertInto('install_log').values(rows).execute()
  }
}

/** Those of these uids that are somebody's. */
export async function existingUids(tx: Tx, uids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.selectFrom('item').select('uid').where('uid', 'in', uids).execute()
  return new Set(rows.map(({ uid }) => uid))
}

/** 0 when there was never one. */
export async function lastLogId(db: Db): Promise<number> {
  const row = await db
    .selectFrom('install_log')
    .select((build) => build.fn.max('id').as('id'))
    .executeTakeFirst()
  return Number(row?.id ?? 0)
}

export async function countLogLines(tx: Tx, uid: string): Promise<number> {
  const row = await tx
    .selectFrom('install_log')
    .select((build) => build.fn.countAll().as('count'))
    .where('uid', '=', uid)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** Forgets the oldest lines of one machine. */
export async function forgetLogLines(tx: Tx, uid: string, count: number): Promise<void> {
  await tx
    .deleteFrom('install_log')
    .where('id', 'in', (build) =>
      build.selectFrom('install_log').select('id').where('uid', '=', uid).orderBy('id').limit(count),
    )
    .execute()
}

/** In their order. @param after undefined: the last so many */
export async function logLines(db: Db, uid: string, after: number | undefined, limit: number): Promise<LogLine[]> {
  const of = db
    .selectFrom('install_log')
    .select(['id', 'at', 'severity', 'app', 'message'])
    .where('uid', '=', uid)
    .limit(limit)
  const rows =
    after === undefined
      ? (await of.orderBy('id', 'desc').execute()).reverse()
      : await of.where('id', '>', after).orderBy('id').execute()
  return rows.map((row) => ({ ...row, at: Number(row.at) }))
}
