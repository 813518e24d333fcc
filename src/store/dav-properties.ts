/** Properties that WebDAV clients keep with files and folders, by path without a slash at either end. */
import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely'
import type { Db } from './db.ts'
import type { Schema } from './schema.ts'

export interface DavPropertyRow {
  readonly namespace: string
  readonly name: string
  /** The whole element. */
  readonly xml: string
}

export interface DavPropertyChange {
  readonly namespace: string
  readonly name: string
  /** Undefined: it goes. */
  readonly xml: string | undefined
}

/** Those of each path that has any. */
export async function findDavProperties(db: Db, paths: readonly string[]): Promise<Map<string, DavPropertyRow[]>> {
  const found = new Map<string, DavPropertyRow[]>()
  if (paths.length === 0) return found
  const rows = await db
    .selectFrom('dav_property')
    .selectAll()
    .where('path', 'in', paths)
    .orderBy('path')
    .orderBy('namespace')
    .orderBy('name')
    .execute()
  for (const { path, ...row } of rows) found.set(path, [...(found.get(path) ?? []), row])
  return found
}

/** All of it or nothing, in this order. */
export async function changeDavProperties(db: Db, path: string, changes: readonly DavPropertyChange[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const { namespace, name, xml } of changes) {
      await tx
        .deleteFrom('dav_property')
        .where('path', '=', path)
        .where('namespace', '=', namespace)
        .where('name', '=', name)
        .execute()
      if (xml !== undefined) await tx.insertInto('dav_property').values({ path, namespace, name, xml }).execute()
    }
  })
}

/** Those of a path, and of all below it unless shallow, in place of all that are at and below the other. */
export async function copyDavProperties(db: Db, from: string, to: string, shallow: boolean): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('dav_property').where(atOrBelow(to)).execute()
    const rows = await tx
      .selectFrom('dav_property')
      .selectAll()
      .where(shallow ? (where) => where('path', '=', from) : atOrBelow(from))
      .execute()
    for (const row of rows) {
      await tx
        .insertInto('dav_property')
        .values({ ...row, path: to + row.path.slice(from.length) })
        .execute()
    }
  })
}

export async function removeDavProperties(db: Db, path: string): Promise<void> {
  await db.deleteFrom('dav_property').where(atOrBelow(path)).execute()
}

type Where = ExpressionBuilder<Schema, 'dav_property'>

/** By the order of texts, which an index knows: `a/` ≤ all below `a` < `a0`. No path is a pattern. */
function atOrBelow(path: string): (where: Where) => ExpressionWrapper<Schema, 'dav_property', SqlBool> {
  return (where) =>
    where.or([where('path', '=', path), where.and([where('path', '>=', `${path}/`), where('path', '<', `${path}0`)])])
}
