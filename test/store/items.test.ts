/** What an older version has left in the database: passwords as they are, and how little of them remains. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDb } from '../../src/store/db.ts'
import { loadItems } from '../../src/store/items.ts'
import { temporaryFolder } from '../support/daemon.ts'
import { addProfile, testStore, testVault } from '../support/store.ts'

test('an unsealed password is sealed, whatever it begins with, and nothing of it stays in the files', async () => {
  const path = join(temporaryFolder(), 'orchestra.db')
  const store = await testStore(path)
  await addProfile(store.catalog)
  const draft = store.catalog.draft('system')
  const power = { ...draft.power, type: 'ipmi', pass: 'first' }
  for (const name of ['n1', 'n2']) {
    const one = { ...store.catalog.draft('system'), name, profile: 'debian-13', power }
    await store.catalog.save('system', one)
  }
  for (const pass of ['older-secret', 'v1.newer-secret']) {
    for (const { uid, body } of await store.db
      .selectFrom('item')
      .select(['uid', 'body'])
      .where('type', '=', 'system')
      .execute()) {
      const unsealed = { ...JSON.parse(body), power: { ...power, pass } }
      await store.db
        .updateTable('item')
        .set({ body: JSON.stringify(unsealed) })
        .where('uid', '=', uid)
        .execute()
    }
  }
  await store.close()
  expect(readFileSync(path, 'latin1')).toContain('newer-secret')

  const db = await openDb(path)
  const passwords = (await loadItems(db, testVault)).flatMap(({ type, item }) =>
    type === 'system' ? [item.power.pass] : [],
  )
  expect(passwords).toEqual(['v1.newer-secret', 'v1.newer-secret'])
  for (const file of [path, `${path}-wal`])
    expect(readFileSync(file, 'latin1')).not.toMatch(/older-secret|newer-secret/)
  await db.destroy()
})
