/** Users and their tokens. Passwords and tokens are here as hashes only. */
import type { Db, Tx } from './db.ts'

export interface UserRow {
  readonly name: string
  readonly role: string
  readonly hash: string
  /** HA1 of HTTP Digest, sealed; empty when it is not known. */
  readonly digest: string
}

export async function loadUsers(db: Db): Promise<UserRow[]> {
  return await db.selectFrom('user').selectAll().execute()
}

export async function insertUser(db: Db, user: UserRow): Promise<void> {
  await db.insertInto('user').values(user).execute()
}

export async function setUserDigest(tx: Tx, name: string, digest: string): Promise<void> {
  await tx.updateTable('user').set({ digest }).where('name', '=', name).execute()
}

export async function loadTokens(db: Db, now: number): Promise<{ hash: string; user: string; expires: number }[]> {
  const rows = await db.selectFrom('token').selectAll().where('expires', '>', now).execute()
  return rows.map((row) => ({ ...row, expires: Number(row.expires) }))
}

export async function putToken(tx: Tx, token: { hash: string; user: string; expires: number }): Promise<void> {
  await tx
    .insertInto('token')
    .values(token)
    .onConflict((conflict) => conflict.column('hash').doUpdateSet({ expires: token.expires }))
    .execute()
}

export async function deleteToken(tx: Tx, hash: string): Promise<void> {
  await tx.deleteFrom('token').where('hash', '=', hash).execute()
}

export async function deleteTokensBefore(tx: Tx, now: number): Promise<void> {
  await tx.deleteFrom('token').where('expires', '<=', now).execute()
}
