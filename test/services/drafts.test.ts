import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'vitest'
import { newUid } from '../../src/lib/secret.ts'
import { type ErrorCode, OrchestraError } from '../../src/model/errors.ts'
import { type Catalog, openCatalog } from '../../src/services/catalog.ts'
import type { Edit } from '../../src/services/draft-shelf.ts'
import { type Drafts, openDrafts } from '../../src/services/drafts.ts'
import { openDb } from '../../src/store/db.ts'
import { testVault } from '../support/store.ts'

const HOUR = 3_600_000
const ann = { user: 'ann', token: 'a1' }
const ben = { user: 'ben', token: 'b1' }
let catalog: Catalog
let drafts: Drafts
let alive: Set<string>
let now: number

beforeEach(async () => {
  now = 1_000_000
  alive = new Set(['a1', 'b1'])
  const clock = { now: () => now }
  catalog = await openCatalog({ vault: testVault, db: await openDb(':memory:'), clock, newUid, record: () => {} })
  drafts = openDrafts({ catalog, clock, newId: newUid, isAlive: (token) => alive.has(token) })
  await catalog.save('mgmtclass', { ...catalog.draft('mgmtclass'), name: 'ssd' })
})

const HANDLE = 'mgmtclass::ssd'
const comment = (text: string): Edit<'mgmtclass'> => ({
  field: 'comment',
  apply: (item) => ({ ...item, comment: text }),
})
const named = (name: string): Edit<'mgmtclass'> => ({ field: 'name', apply: (item) => ({ ...item, name }) })
const classNamed = (className: string): Edit<'mgmtclass'> => ({
  field: 'class_name',
  apply: (item) => ({ ...item, className }),
})
const edit = (editor: typeof ann, change: Edit<'mgmtclass'>, handle = HANDLE) =>
  drafts.edit('mgmtclass', handle, editor, change)
const save = (editor: typeof ann, handle = HANDLE) => drafts.save('mgmtclass', handle, editor, false)
const stored = (name = 'ssd') => catalog.get('mgmtclass', name)
const refused = (code: ErrorCode) => (error: unknown) => error instanceof OrchestraError && error.code === code

describe('drafts', () => {
  test('are seen by their editor alone until they are saved', async () => {
    edit(ann, comment('x'))
    assert.equal(drafts.read('mgmtclass', HANDLE, ann).comment, 'x')
    assert.equal(drafts.read('mgmtclass', HANDLE, ben).comment, '')
    assert.equal(stored()?.comment, '')
    await save(ann)
    assert.equal(drafts.read('mgmtclass', HANDLE, ben).comment, 'x')
    assert.equal(stored()?.revision, 2)
  })

  test('of two editors collide: the second is refused, and starts again from what is there', async () => {
    edit(ann, comment('of ann'))
    edit(ben, classNamed('of ben'))
    await save(ann)
    await assert.rejects(save(ben), refused('item.stale'))
    await assert.rejects(
      save(ben),
      refused('item.stale'),
      'a repeated save must not say yes to changes that were dropped',
    )
    edit(ben, classNamed('of ben'))
    await save(ben)
    assert.deepEqual([stored()?.comment, stored()?.className], ['of ann', 'of ben'])
  })

  test('collide with a removal, also when a namesake was made since', async () => {
    edit(ann, comment('x'))
    edit(ben, comment('y'))
    await catalog.remove('mgmtclass', 'ssd', { recursive: true })
    await assert.rejects(save(ann), refused('item.missing'))
    await catalog.save('mgmtclass', { ...catalog.draft('mgmtclass'), name: 'ssd' })
    await assert.rejects(save(ben), refused('item.stale'))
    assert.equal(stored()?.comment, '')
  })

  test('that the catalog refuses for another reason can be mended', async () => {
    const handle = drafts.create('mgmtclass')
    edit(ann, comment('x'), handle)
    await assert.rejects(save(ann, handle), refused('item.invalid'))
    edit(ann, named('ssd'), handle)
    await assert.rejects(save(ann, handle), refused('item.exists'))
    edit(ann, named('hdd'), handle)
    await save(ann, handle)
    assert.equal(stored('hdd')?.comment, 'x')
  })

  test('keep nothing of a change that throws', async () => {
    edit(ann, comment('good'))
    const bad = () =>
      edit(ann, {
        field: 'x',
        apply: () => {
          throw new OrchestraError('item.invalid', 'no')
        },
      })
    assert.throws(bad, refused('item.invalid'))
    await save(ann)
    assert.equal(stored()?.comment, 'good')
  })

  test('take a change that comes while they are being saved along to the next save', async () => {
    edit(ann, comment('first'))
    const saving = save(ann)
    edit(ann, classNamed('second'))
    await saving
    assert.deepEqual([stored()?.comment, stored()?.className], ['first', ''])
    await save(ann)
    assert.deepEqual([stored()?.comment, stored()?.className], ['first', 'second'])
  })

  test('pass to the next token of the same user when the old one is dead, and to nobody else', async () => {
    edit(ann, comment('x'))
    const again = { user: 'ann', token: 'a2' }
    await assert.rejects(save(again), refused('item.stale'), 'the other token is alive: that is another program')
    alive.delete('a1')
    await assert.rejects(save(ben), refused('item.stale'))
    await save(again)
    assert.equal(stored()?.comment, 'x')
  })

  test('that nobody saves are gone in the end, and their save says so', async () => {
    edit(ann, comment('x'))
    now += 3 * HOUR
    await assert.rejects(save(ann), refused('item.stale'))
    assert.equal(stored()?.comment, '')
  })

  test('do not survive a new start of the daemon, and their save says so', async () => {
    edit(ann, comment('x'))
    const anew = openDrafts({ catalog, clock: { now: () => now }, newId: newUid, isAlive: () => true })
    await assert.rejects(anew.save('mgmtclass', HANDLE, ann, false), refused('item.stale'))
  })

  test('follow their object when the same editor renames it', async () => {
    edit(ann, named('nvme'))
    await save(ann)
    assert.deepEqual([stored('ssd'), stored('nvme')?.revision], [undefined, 2])
    assert.throws(() => edit(ann, comment('x')), refused('item.missing'))
  })

  test('change the uid of what they are about', async () => {
    edit(ann, { field: 'uid', apply: (item) => ({ ...item, uid: 'of-my-own' }) })
    await save(ann)
    assert.equal(catalog.byUid('mgmtclass', 'of-my-own')?.name, 'ssd')
    assert.equal(catalog.list('mgmtclass').length, 1)
  })
})

describe('handles', () => {
  test('of saved objects are their names; taking one needs nobody', () => {
    assert.equal(drafts.open('mgmtclass', 'ssd', undefined), HANDLE)
    assert.throws(() => drafts.open('mgmtclass', 'hdd', ann), refused('item.missing'))
  })

  test('of new objects cannot be guessed and belong to whoever has them', async () => {
    const handle = drafts.create('mgmtclass')
    assert.match(handle, /^___NEW___mgmtclass::[0-9a-f]{32}$/)
    assert.notEqual(handle, drafts.create('mgmtclass'))
    edit(ann, named('hdd'), handle)
    await save(ben, handle)
    edit(ben, comment('later'), handle)
    await save(ann, handle)
    assert.equal(stored('hdd')?.comment, 'later')
  })

  test('of new objects end ten minutes after the last save', async () => {
    const handle = drafts.create('mgmtclass')
    edit(ann, named('hdd'), handle)
    await save(ann, handle)
    now += 9 * 60_000
    drafts.find('mgmtclass', handle)
    now += 2 * 60_000
    assert.throws(() => drafts.find('mgmtclass', handle), refused('item.missing'))
  })

  test('of a new object that was saved and removed lead nowhere', async () => {
    const handle = drafts.create('mgmtclass')
    edit(ann, named('hdd'), handle)
    await save(ann, handle)
    await catalog.remove('mgmtclass', 'hdd', { recursive: true })
    assert.throws(() => edit(ann, comment('x'), handle), refused('item.missing'))
  })

  test('of another type, or of none, lead nowhere', () => {
    for (const handle of ['system::ssd', 'ssd', '', '::ssd', '___NEW___system::x', drafts.create('system')]) {
      assert.throws(() => drafts.find('mgmtclass', handle), refused('item.missing'), handle)
    }
  })

  test('taken and then saved without a change have nothing to save', async () => {
    drafts.open('mgmtclass', 'ssd', ann)
    await save(ann)
    assert.equal(stored()?.revision, 1)
  })

  test('refuse a name that is used when the object must be new', async () => {
    const handle = drafts.create('mgmtclass')
    edit(ann, named('ssd'), handle)
    await assert.rejects(drafts.save('mgmtclass', handle, ann, true), /already exists with that name/)
  })
})
