/** A database of an older Orchestra becomes one of this, with all that was in it. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openDb } from '../../src/store/db.ts'
import { migrate } from '../../src/store/migrations.ts'

/** The schema in which they were only kept. */
const BEFORE = 10

test('boot loaders and file names that Cobbler’s clients had written are acted on, and kept no more', async () => {
  const db = await openDb(':memory:')
  await sql`update schema_version set version = ${BEFORE}`.execute(db)
  const other = { boot_loaders: ['ipxe'], filename: '<<inherit>>', virt_ram: 512 }
  for (const [uid, type] of [
    ['a', 'profile'],
    ['b', 'repo'],
  ] as const) {
    const row = { uid, type, name: uid, revision: 1, body: JSON.stringify({ comment: 'old', other }) }
    await db.insertInto('item').values(row).execute()
  }
  await migrate(db)
  const rows = await db.selectFrom('item').select(['uid', 'body']).orderBy('uid').execute()
  expect(rows.map(({ body }) => JSON.parse(body))).toEqual([
    { comment: 'old', other: { virt_ram: 512 }, bootLoaders: ['ipxe'], filename: '<<inherit>>' },
    { comment: 'old', other },
  ])
  await db.destroy()
})
