/** The old protocol has no lock: what a server must refuse so that no machine gets two owners, and what it must not. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Value } from '../../src/xmlrpc/value.ts'
import { aServer, furnish, type TestServer } from './support.ts'

const FREE = ['rack1', 'foo-available']
const TAKEN = ['rack1', 'foo-acquired']

let server: TestServer
let ann: string
let ben: string
beforeEach(async () => {
  server = await aServer()
  ;[ann, ben] = [await server.login(), await server.login()]
  await furnish(server, ann, 'node1', 'node2')
  for (const name of ['node1', 'node2']) await put(name, FREE)
})

/** As an admin who names what he has read. */
async function put(name: string, mgmtClasses: readonly string[]): Promise<void> {
  const system = server.catalog.get('system', name)
  if (system) await server.catalog.save('system', { ...system, mgmtClasses })
}
const classes = (name = 'node1') => server.catalog.get('system', name)?.mgmtClasses
const handle = (name = 'node1') => server.call('get_system_handle', name, '')
const modify = (token: string, value: Value, field = 'mgmt_classes', name = 'node1') =>
  server.call('modify_system', `system::${name}`, field, value, token)
const save = (token: string, name = 'node1') => server.call('save_system', `system::${name}`, token)
const outcome = (call: Promise<Value>) => call.then(String, (error: Error) => error.message)
const find = (criteria: Record<string, Value>) => server.call('find_system', criteria)

async function isRefused(call: Promise<Value>): Promise<void> {
  const text = await outcome(call)
  expect(text).toMatch(/node1 (is acquired already|can be given to nobody|is broken)/)
  expect(text).not.toMatch(/invalid token|login failed|unknown system name/)
}

describe('a save that takes a machine', () => {
  test('is refused to one who looked before and wrote after, though the lists are the same', async () => {
    await handle()
    await modify(ann, TAKEN)
    expect(await save(ann)).toBe(true)
    // Everything of ben's but the look comes after ann's save.
    await handle()
    expect(await modify(ben, TAKEN)).toBe(true)
    const { revision } = server.catalog.get('system', 'node1') ?? {}
    await isRefused(save(ben))
    expect(server.catalog.get('system', 'node1')?.revision).toBe(revision)
  })

  test('that was refused leaves no changes behind', async () => {
    await modify(ann, TAKEN)
    await save(ann)
    await modify(ben, 'of ben', 'comment')
    await modify(ben, TAKEN)
    await isRefused(save(ben))
    expect(await outcome(save(ben))).toMatch(/no changes/)
    await modify(ben, 'only this', 'hostname')
    expect(await save(ben)).toBe(true)
    expect(server.catalog.get('system', 'node1')).toMatchObject({ comment: '', hostname: 'only this' })
  })

  test('is refused to the second of two who both changed before either saved', async () => {
    for (const token of [ann, ben]) await modify(token, TAKEN)
    const outcomes = await Promise.all([outcome(save(ann)), outcome(save(ben))])
    expect(outcomes[0]).toBe('true')
    expect(outcomes[1]).toMatch(/node1 is acquired already: it has the class foo-acquired/)
  })

  test('is refused for a second owner, be it beside the first or in its place', async () => {
    await put('node1', ['foo-acquired', 'orchestra-juju-available'])
    await modify(ann, ['foo-acquired', 'orchestra-juju-acquired'])
    await isRefused(save(ann))
    await modify(ann, ['foo-available', 'orchestra-juju-acquired'])
    await isRefused(save(ann))
    expect(classes()).toEqual(['foo-acquired', 'orchestra-juju-available'])
  })

  test('is refused for one that stands in both classes, and for a broken one', async () => {
    await put('node1', ['foo-available', 'foo-acquired'])
    await modify(ann, TAKEN)
    await isRefused(save(ann))
    await put('node1', FREE)
    server.broken.set('node1', 'its install failed')
    await modify(ann, TAKEN)
    await isRefused(save(ann))
    expect(classes()).toEqual(FREE)
  })

  test('is refused through every other door of the old protocol', async () => {
    await put('node1', TAKEN)
    const edit = (attributes: Record<string, Value>, verb = 'edit') =>
      server.call('xapi_object_edit', 'system', 'node1', verb, attributes, ann)
    await isRefused(edit({ mgmt_classes: TAKEN }))
    await isRefused(edit({ mgmt_classes: TAKEN.join(' ') }))
    await isRefused(edit({ mgmt_classes: TAKEN, profile: 'trixie', clobber: true }, 'add'))
    await server.call('modify_item', 'system', 'system::node1', 'mgmt_classes', TAKEN, ann)
    await isRefused(server.call('save_item', 'system', 'system::node1', ann))
    expect(await edit({ comment: 'x' })).toBe(true)
  })

  test('is refused when a machine was new, was saved, and is taken by its old handle', async () => {
    const fresh = await server.call('new_system', ann)
    const set = (field: string, value: Value) => server.call('modify_system', fresh, field, value, ann)
    await set('name', 'node3')
    await set('profile', 'trixie')
    await set('mgmt_classes', TAKEN)
    // A machine that is entered as taken is nobody else's.
    expect(await server.call('save_system', fresh, ann)).toBe(true)
    await set('mgmt_classes', TAKEN)
    expect(await outcome(server.call('save_system', fresh, ann))).toMatch(/node3 is acquired already/)
    expect(await server.call('copy_system', 'system::node3', 'node4', ann)).toBe(true)
    expect(await server.call('rename_system', 'system::node3', 'node5', ann)).toBe(true)
    expect(classes('node5')).toEqual(TAKEN)
  })
})

describe('a save that takes nothing', () => {
  beforeEach(() => put('node1', TAKEN))

  test('changes what an owner launches with', async () => {
    await modify(ann, { MACHINE_ID: '0' }, 'ks_meta')
    await modify(ann, true, 'netboot_enabled')
    expect(await save(ann)).toBe(true)
  })

  test('gives a machine back, or takes its owner away', async () => {
    await modify(ann, FREE)
    expect(await save(ann)).toBe(true)
    await modify(ben, TAKEN)
    expect(await save(ben)).toBe(true)
    await modify(ann, [])
    expect(await save(ann)).toBe(true)
  })

  test('is recorded when a machine changes hands', async () => {
    await modify(ann, FREE)
    await save(ann)
    await modify(ann, TAKEN)
    await save(ann)
    const events = (await server.journal.since(0, 1000)).filter(({ name }) => name.startsWith('machine.'))
    const of = { system: 'node1', class: 'foo-acquired' }
    expect(events.slice(-2)).toMatchObject([
      { name: 'machine.released', payload: { ...of, by: 'admin' } },
      { name: 'machine.acquired', payload: { ...of, by: 'admin' } },
    ])
  })
})

describe('two programs with one token', () => {
  test('do not both take a machine, whoever saves first', async () => {
    await modify(ann, TAKEN)
    await modify(ann, TAKEN)
    expect(await save(ann)).toBe(true)
    await isRefused(save(ann))
    expect(await save(ann)).toBe(true)
  })

  test('do not when they save at once either', async () => {
    await modify(ann, TAKEN)
    await modify(ann, TAKEN)
    const outcomes = await Promise.all([outcome(save(ann)), outcome(save(ann))])
    expect(outcomes.filter((one) => one === 'true')).toHaveLength(1)
    await modify(ann, true, 'netboot_enabled')
    expect(await save(ann), 'the loser has been told; the winner goes on').toBe(true)
  })

  test('do not when the winner goes on before the loser saves: nobody hears yes until that one has heard no', async () => {
    await modify(ann, TAKEN)
    await modify(ann, TAKEN)
    await save(ann)
    for (const asker of ['the winner, perhaps', 'the loser, then']) {
      await modify(ann, { MACHINE_ID: '0' }, 'ks_meta')
      expect(await outcome(save(ann)), asker).toMatch(/acquired already/)
    }
    await isRefused(save(ann))
    await modify(ann, { MACHINE_ID: '0' }, 'ks_meta')
    expect(await save(ann)).toBe(true)
  })

  test('are both refused when one takes what the other gives back', async () => {
    await put('node1', TAKEN)
    await modify(ann, TAKEN)
    await modify(ann, FREE)
    await isRefused(save(ann))
    await isRefused(save(ann))
    expect(await outcome(save(ann))).toMatch(/no changes/)
    expect(classes()).toEqual(TAKEN)
    await modify(ann, FREE)
    expect(await save(ann)).toBe(true)
  })

  test('do not stand in the way of anybody when one of them is never heard of again', async () => {
    await modify(ann, TAKEN)
    await modify(ann, TAKEN)
    await save(ann)
    server.clock.at += 60_000
    await modify(ann, FREE)
    expect(await save(ann)).toBe(true)
  })
})

describe('a search for free machines', () => {
  const free = { mgmt_classes: 'foo-available', netboot_enabled: 'true' }

  test('does not offer what can be given to nobody', async () => {
    expect(await find(free)).toEqual(['node1', 'node2'])
    await put('node1', ['foo-available', 'foo-acquired'])
    expect(await find(free)).toEqual(['node2'])
    await put('node1', ['foo-available', 'orchestra-juju-acquired'])
    expect(await find(free)).toEqual(['node2'])
    await put('node1', FREE)
    server.broken.set('node1', 'it failed')
    expect(await find(free)).toEqual(['node2'])
    expect(await find({ mgmt_classes: 'rack1 foo-available' })).toEqual(['node2'])
    expect(await find({ mgmt_classes: ['foo-available'] })).toEqual(['node2'])
    expect(await server.call('find_items', 'system', free, 'name', false)).toEqual(['node2'])
    const page = (await server.call('find_items_paged', 'system', free)) as { items: { name: string }[] }
    expect(page.items.map(({ name }) => name)).toEqual(['node2'])
  })

  test('is the only one of that kind', async () => {
    await put('node1', ['foo-available', 'foo-acquired'])
    server.broken.set('node2', 'it failed')
    expect(await find({ mgmt_classes: 'foo-acquired' })).toEqual(['node1'])
    expect(await find({ mgmt_classes: 'foo-available foo-acquired' })).toEqual(['node1'])
    expect(await find({ netboot_enabled: 'true' })).toEqual(['node1', 'node2'])
    expect(await find({ mgmt_classes: '~foo-available' })).toEqual([])
    expect(await find({ name: 'node*' })).toEqual(['node1', 'node2'])
  })
})

test('management classes as objects are what they were', async () => {
  for (const name of ['foo-available', 'foo-acquired']) {
    const fresh = await server.call('new_mgmtclass', ann)
    await server.call('modify_mgmtclass', fresh, 'name', name, ann)
    expect(await server.call('save_mgmtclass', fresh, ann)).toBe(true)
  }
})
