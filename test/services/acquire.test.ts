/** Taking machines, over a real database. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AcquireStore, acquireStore, ann } from '../support/acquire-store.ts'

const DAY = 86_400_000

let it: AcquireStore
beforeEach(async () => {
  it = await acquireStore()
})
afterEach(() => it.db.destroy())

describe('acquire', () => {
  test('takes the first by name, swaps its class in place, and records it', async () => {
    await it.add('node2', 'foo-available')
    await it.add('node1', 'rack1 foo-available ssd')
    const { system, passedOver } = await it.taken()
    expect(system).toMatchObject({ name: 'node1', arch: 'x86_64', mgmtClasses: ['rack1', 'foo-acquired', 'ssd'] })
    expect(passedOver).toEqual([])
    expect(it.catalog.get('system', 'node1')).toMatchObject({ uid: system.uid, revision: system.revision })
    const event = { system: 'node1', uid: system.uid, class: 'foo-acquired', by: 'ann' }
    expect(it.events.at(-1)).toEqual({ name: 'machine.acquired', payload: event })
  })

  test('says of each that it passed over why', async () => {
    await it.add('n1', 'foo-acquired')
    await it.add('n2', 'foo-available')
    it.broken.set('n2', 'its install failed')
    await it.add('n3', 'foo-available foo-acquired')
    await it.add('n4', 'foo-available', { netbootEnabled: false })
    await it.add('n5', 'foo-available')
    await it.add('n6', 'foo-available ssd', { name: 'n6' })
    const { system, passedOver } = await it.taken({ classes: ['ssd'] })
    expect(system.name).toBe('n6')
    expect(passedOver).toEqual([
      { name: 'n1', because: 'it is in use: it has the class foo-acquired' },
      { name: 'n2', because: 'it is broken: its install failed' },
      { name: 'n3', because: expect.stringContaining('foo-acquired and the class foo-available at once') },
      { name: 'n4', because: 'netboot is off, so it would not be installed' },
      { name: 'n5', because: 'it has not the class ssd' },
    ])
    const none = await it.refusal({ arch: 'arm64', name: 'n[26]' })
    expect(none.because).toMatch(/^no machine is free: n1: its name does not match; n2: .*broken.*; n6: it is in use/)
    expect(none.passedOver).toHaveLength(6)
  })

  test('knows an architecture by several words, and that of the distro counts', async () => {
    await it.add('n1', 'foo-available')
    expect((await it.refusal({ arch: 'i386' })).because).toContain('its architecture is x86_64, not i386')
    expect((await it.taken({ arch: 'amd64' })).system.name).toBe('n1')
  })

  test('takes a machine by name or pattern, and one in no class is told of when it is named', async () => {
    for (const name of ['a1', 'b1', 'b2']) await it.add(name, 'foo-available')
    await it.add('c1', 'rack1')
    expect((await it.taken({ name: 'b2' })).system.name).toBe('b2')
    expect((await it.taken({ name: 'b*' })).system.name).toBe('b1')
    expect((await it.refusal({ name: 'c1' })).passedOver.at(-1)).toEqual({
      name: 'c1',
      because: 'it has not the class foo-available',
    })
    expect(await it.refusal({ name: 'd1' })).toMatchObject({
      because: 'there is no system d1',
      passedOver: [{ name: 'a1' }, { name: 'b1' }, { name: 'b2' }],
    })
  })

  test('counts the classes of a profile too', async () => {
    const profile = it.catalog.get('profile', 'debian-13')
    if (profile) await it.catalog.save('profile', { ...profile, mgmtClasses: ['ssd'] })
    await it.add('n1', 'foo-available')
    expect((await it.taken({ classes: ['ssd'] })).system.name).toBe('n1')
  })

  test('goes by the pair that is named, or by a class of it, or by the first that has a machine', async () => {
    await it.add('foo', 'foo-available')
    expect((await it.taken({ dryRun: true })).system.name).toBe('foo')
    await it.add('plain', 'available')
    expect((await it.taken({ dryRun: true })).system.name).toBe('plain')
    expect((await it.taken({ dryRun: true, classes: ['foo-available'] })).system.name).toBe('foo')
    expect((await it.taken({ dryRun: true, pair: 'foo-acquired' })).system.name).toBe('foo')
    expect((await it.taken({ pair: 'foo-available' })).system.mgmtClasses).toEqual(['foo-acquired'])
    await expect(it.take({ pair: 'bar' })).rejects.toMatchObject({ code: 'item.invalid', field: 'pair' })
    await expect(it.take({ classes: ['acquired'] })).rejects.toMatchObject({ code: 'item.invalid', field: 'classes' })
  })

  test('that another has taken from a second pair is in use for all', async () => {
    await it.add('n1', 'available foo-available')
    await it.taken({ pair: 'available' })
    expect(it.classes('n1')).toEqual(['acquired', 'foo-available'])
    expect((await it.refusal({ pair: 'foo-available' })).because).toContain('in use: it has the class acquired')
  })

  test('changes nothing when it is dry', async () => {
    await it.add('n1', 'foo-available')
    const before = [it.catalog.changes(), it.events.length]
    expect(await it.taken({ dryRun: true }, 'k')).toMatchObject({ dryRun: true, system: { name: 'n1', revision: 1 } })
    expect([it.catalog.changes(), it.events.length]).toEqual(before)
    expect((await it.taken({}, 'k')).system.revision).toBe(2)
  })

  test('when none has the class says so', async () => {
    expect((await it.refusal()).because).toBe('no machine is free: none has the class available')
  })

  test('of many at once gives each another machine, and the rest none', async () => {
    for (let i = 10; i < 30; i++) await it.add(`n${i}`, 'foo-available')
    const answers = await Promise.all(Array.from({ length: 50 }, () => it.take()))
    const names = answers.flatMap((answer) => (answer.ok ? [answer.system.name] : []))
    expect([names.length, new Set(names).size]).toEqual([20, 20])
  })

  test('is not put off by a change that leaves the machine free, and goes on when it is taken', async () => {
    const [n1] = [await it.add('n1', 'foo-available'), await it.add('n2', 'foo-available')]
    const [, first] = await Promise.all([it.catalog.save('system', { ...n1, comment: 'x' }), it.taken()])
    expect(first.system.name).toBe('n1')
    expect(it.catalog.get('system', 'n1')?.comment).toBe('x')
    const n2 = it.catalog.get('system', 'n2')
    await it.add('n3', 'foo-available')
    if (!n2) throw new Error('no n2')
    const [, second] = await Promise.all([
      it.catalog.save('system', { ...n2, mgmtClasses: ['foo-acquired'] }),
      it.taken(),
    ])
    expect(second.system.name).toBe('n3')
    expect(second.passedOver.at(-1)).toEqual({ name: 'n2', because: 'somebody else was faster' })
  })
})

describe('a key', () => {
  test('makes the same request give the same answer, also at once', async () => {
    await it.add('n1', 'foo-available')
    await it.add('n2', 'foo-available')
    const [first, again] = await Promise.all([it.taken({}, 'k'), it.taken({}, 'k')])
    expect(again).toEqual(first)
    expect(await it.taken({}, 'k')).toEqual(first)
    expect(it.classes('n2')).toEqual(['foo-available'])
    expect((await it.taken({}, 'other')).system.name).toBe('n2')
  })

  test('is refused for another request, and is another for another user', async () => {
    await it.add('n1', 'foo-available')
    await it.add('n2', 'foo-available')
    await it.taken({}, 'k')
    await expect(it.take({ arch: 'amd64' }, 'k')).rejects.toMatchObject({ code: 'request.reused' })
    await expect(it.acquire.release('n1', { ...ann, key: 'k' })).rejects.toMatchObject({ code: 'request.reused' })
    const answer = await it.acquire.acquire({ classes: [], dryRun: false }, { user: 'ben', key: 'k' })
    expect(answer).toMatchObject({ ok: true, system: { name: 'n2' } })
  })

  test('says the same however the request is worded', async () => {
    await it.add('n1', 'foo-available a b')
    const first = await it.taken({ classes: ['a', 'b'], arch: 'amd64' }, 'k')
    expect(await it.taken({ classes: ['b', 'a', 'a'], arch: 'x86_64' }, 'k')).toEqual(first)
  })

  test('stands for nothing when none was free, and for nothing after a day', async () => {
    await it.refusal()
    const none = await it.take({}, 'k')
    expect(none.ok).toBe(false)
    await it.add('n1', 'foo-available')
    await it.add('n2', 'foo-available')
    expect((await it.taken({}, 'k')).system.name).toBe('n1')
    it.clock.advance(DAY - 1)
    expect((await it.taken({}, 'k')).system.name).toBe('n1')
    it.clock.advance(1)
    expect((await it.taken({}, 'k')).system.name).toBe('n2')
  })

  test('gives nobody a machine that was given back since, to whomever it went', async () => {
    await it.add('n1', 'foo-available')
    await it.taken({}, 'k')
    await it.acquire.release('n1', ann)
    await expect(it.take({}, 'k')).rejects.toMatchObject({
      code: 'request.reused',
      message: expect.stringMatching(/given back/),
    })
    await it.taken({}, 'l')
    await expect(it.take({}, 'k')).rejects.toMatchObject({ code: 'request.reused' })
    expect((await it.taken({}, 'l')).system.name).toBe('n1')
  })

  test('is kept with the deed: it is there when the database is opened again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orchestra-acquire-'))
    try {
      await it.open(join(folder, 'db'))
      await it.add('n1', 'foo-available')
      await it.add('n2', 'foo-available')
      const first = await it.taken({}, 'k')
      await it.open(join(folder, 'db'))
      expect(await it.taken({}, 'k')).toEqual(first)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
