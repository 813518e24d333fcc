/** Long-lived tokens of users, as hashes. */
import type { Db, Tx } from './db.ts'
import type { ApiTokenRow } from './schema.ts'

export async function loadApiTokens(db: Db): Promise<ApiTokenRow[]> {
  const rows = await db.selectFrom('api_token').selectAll().orderBy('made').execute()
  const time = (value: number | null) => (value === null ? null : Number(value))
  return rows.map((row) => ({ ...row, made: Number(row.made), expires: time(row.expires), used: time(row.used) }))
}

export async function insertApiToken(tx: Tx, token: ApiTokenRow): Promise<void> {
  await tx.insertInto('api_token').values(token).execute()
}

export async function setApiTokenUsed(tx: Tx, id: string, used: number): Promise<void> {
  await tx.updateTable('api_token').set({ used }).where('id', '=', id).execute()
}

export async function deleteApiToken(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('api_token').where('id', '=', id).execute()
}
