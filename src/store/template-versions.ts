/** What templates said before, in the database: the newest so many versions of each file. */
import type { Db, Tx } from './db.ts'

export interface TemplateVersion {
  /** Rises by one for each file. */
  readonly version: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** Null: nobody's deed here; it lay on the disk. */
  readonly by: string | null
  readonly comment: string
  /** Null: the file was removed. */
  readonly text: string | null
}

/** The newest first. */
export async function findTemplateVersions(db: Db | Tx, path: string, limit: number): Promise<TemplateVersion[]> {
  const rows = await db
    .selectFrom('template_version')
    .selectAll()
    .where('path', '=', path)
    .orderBy('version', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ version, at, user, comment, text }) => ({ version, at: Number(at), by: user, comment, text }))
}

/** Those that are older than the newest `keep` are forgotten. */
export async function insertTemplateVersion(
  tx: Tx,
  path: string,
  { version, at, by, comment, text }: TemplateVersion,
  keep: number,
): Promise<void> {
  await tx.insertInto('template_version').values({ path, version, at, user: by, comment, text }).execute()
  await tx
    .deleteFrom('template_version')
    .where('path', '=', path)
    .where('version', '<=', version - keep)
    .execute()
}
