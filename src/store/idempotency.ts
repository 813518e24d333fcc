/** Answers to requests that may be sent twice, written in the transaction of what they tell of, and kept for a day. */
import type { Db, Tx } from './db.ts'

export interface KeptAnswer {
  /** Whose key it is, and the key. */
  readonly key: string
  /** What was asked, as text that is the same for the same request. */
  readonly request: string
  /** JSON. */
  readonly answer: string
  /** Milliseconds since 1970. */
  readonly at: number
}

const KEPT = 86_400_000

/** Undefined when there is none of the last day. */
export async function findAnswer(db: Db, key: string, now: number): Promise<KeptAnswer | undefined> {
  return await db
    .selectFrom('idempotency')
    .selectAll()
    .where('key', '=', key)
    .where('at', '>', now - KEPT)
    .executeTakeFirst()
}

/** Writes it over an older one of the same key, and forgets those that are too old. */
export async function putAnswer(tx: Tx, kept: KeptAnswer): Promise<void> {
  await tx
    .deleteFrom('idempotency')
    .where('at', '<=', kept.at - KEPT)
    .execute()
  const { key, ...rest } = kept
  await tx
    .insertInto('idempotency')
    .values(kept)
    .onConflict((conflict) => conflict.column('key').doUpdateSet(rest))
    .execute()
}

/** That a machine was given back, and at which revision: from then on no older answer gives it to anybody. */
export async function putRelease(tx: Tx, uid: string, revision: number, at: number): Promise<void> {
  await putAnswer(tx, { key: ofMachine(uid), request: 'release', answer: String(revision), at })
}

/** The revision of the last release of the last day. */
export async function findRelease(db: Db, uid: string, now: number): Promise<number | undefined> {
  const kept = await findAnswer(db, ofMachine(uid), now)
  return kept && Number(kept.answer)
}

/** Two users may think of one key. */
export function keyOfUser(user: string, key: string): string {
  return `by ${user} ${key}`
}

function ofMachine(uid: string): string {
  return `of ${uid}`
}
