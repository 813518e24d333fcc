/** Users and the tokens of their logins. Passwords and tokens are here as hashes only. */
import type { Db, Tx } from './db.ts'

export interface UserRow {
  readonly name: string
  readonly role: string
  readonly hash: string
  /** HA1 of HTTP Digest, sealed; empty when it is not known. */
  readonly digest: string
  readonly revision: number
}

export async function loadUsers(db: Db): Promise<UserRow[]> {
  return await db.selectFrom('user').selectAll().execute()
}

export async function insertUser(db: Db, user: Omit<UserRow, 'revision'>): Promise<void> {
  await db.insertInto('user').values(user).execute()
}

/** False when it is at another revision, or gone. */
export async function replaceUser(tx: Tx, user: UserRow, revision: number): Promise<boolean> {
  const { name, ...rest } = user
  const done = await tx
    .updateTable('user')
    .set(rest)
    .where('name', '=', name)
    .where('revision', '=', revision)
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}

export async function deleteUser(tx: Tx, name: string): Promise<void> {
  await tx.deleteFrom('token').where('user', '=', name).execute()
  await tx.deleteFrom('api_token').where('user', '=', name).execute()
  await tx.deleteFrom('user').where('name', '=', name).execute()
}

/** @param hash of the password that it was made of: a password that was changed in between has its own. */
export async function setUserDigest(tx: Tx, name: string, hash: string, digest: string): Promise<void> {
  await tx.updateTable('user').set({ digest }).where('name', '=', name).where('hash', '=', hash).execute()
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

/** Of one that is there; nothing is made anew. */
export async function refreshToken(tx: Tx, hash: string, expires: number): Promise<void> {
  await tx.updateTable('token').set({ expires }).where('hash', '=', hash).execute()
}

export async function deleteToken(tx: Tx, hash: string): Promise<void> {
  await tx.deleteFrom('token').where('hash', '=', hash).execute()
}

export async function deleteTokensOf(tx: Tx, user: string): Promise<void> {
  await tx.deleteFrom('token').where('user', '=', user).execute()
}

export async function deleteTokensBefore(tx: Tx, now: number): Promise<void> {
  await tx.deleteFrom('token').where('expires', '<=', now).execute()
}
