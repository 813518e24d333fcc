/** Tokens of the metadata service as rows. A token itself is never kept, only its hash. */
import type { Db, Tx } from './db.ts'

export interface MetadataToken {
  readonly hash: string
  /** Of the system. */
  readonly uid: string
  /** Tokens of one boot have this in common. */
  readonly attempt: string
  /** A digest of what the boot is to make of the machine: a token reads nothing else. */
  readonly purpose: string
  /** The machine has got beyond its boot config: it asks for another only when it boots anew. */
  readonly isUnderWay: boolean
  /** Milliseconds since 1970. */
  readonly expires: number
}

type Body = Pick<MetadataToken, 'attempt' | 'purpose' | 'isUnderWay'>

/** Those that are still good; the others are forgotten. */
export async function loadMetadataTokens(db: Db, now: number): Promise<MetadataToken[]> {
  await deleteMetadataTokensBefore(db, now)
  const rows = await db.selectFrom('metadata_token').selectAll().execute()
  return rows.map(({ hash, uid, body, expires }) => ({
    hash,
    uid,
    expires: Number(expires),
    ...(JSON.parse(body) as Body),
  }))
}

export async function putMetadataToken(tx: Tx, token: MetadataToken): Promise<void> {
  const { hash, uid, expires, attempt, purpose, isUnderWay } = token
  const body = JSON.stringify({ attempt, purpose, isUnderWay } satisfies Body)
  await tx
    .insertInto('metadata_token')
    .values({ hash, uid, body, expires })
    .onConflict((conflict) => conflict.column('hash').doUpdateSet({ body }))
    .execute()
}

export async function deleteMetadataTokens(tx: Tx, uid: string): Promise<void> {
  await tx.deleteFrom('metadata_token').where('uid', '=', uid).execute()
}

export async function deleteMetadataTokensBefore(tx: Tx, now: number): Promise<void> {
  await tx.deleteFrom('metadata_token').where('expires', '<=', now).execute()
}
