/** Giving machines back, over a real database. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OrchestraError } from '../../src/model/errors.ts'
import { type AcquireStore, acquireStore, ann, POWER } from '../support/acquire-store.ts'

let it: AcquireStore
beforeEach(async () => {
  it = await acquireStore()
})
afterEach(() => it.db.destroy())

describe('release', () => {
  const handed = { MACHINE_ID: '0', USER_DATA_BASE64: 'QQ==', rack: '1' }

  test('swaps the classes back, drops what was handed over, turns netboot on and power off', async () => {
    await it.add('n1', 'a foo-acquired b', { meta: handed, netbootEnabled: false })
    const { system, power } = await it.acquire.release('n1', ann)
    expect(system).toMatchObject({ name: 'n1', mgmtClasses: ['a', 'foo-available', 'b'] })
    expect(it.catalog.get('system', 'n1')).toMatchObject({ meta: { rack: '1' }, netbootEnabled: true })
    expect([it.power.orders, power]).toEqual([['n1 off'], { task: 't1', because: 'n1 is being turned off' }])
    expect(it.events.at(-1)).toMatchObject({ name: 'machine.released', payload: { class: 'foo-acquired', by: 'ann' } })
  })

  test('of a machine whose power cannot be managed says what to do by hand', async () => {
    await it.add('n1', 'foo-acquired', { power: { ...POWER, type: '' } })
    const { power } = await it.acquire.release('n1', ann)
    expect(power).toEqual({ task: null, because: 'n1 has no power type: turn n1 off by hand' })
    await it.add('n2', 'foo-acquired')
    it.power.error = new OrchestraError('power.unsupported', 'wol of n2 cannot do "off"')
    expect((await it.acquire.release('n2', ann)).power.because).toBe('wol of n2 cannot do "off"; turn n2 off by hand')
    expect(it.classes('n2')).toEqual(['foo-available'])
  })

  test('mends a machine in both classes', async () => {
    await it.add('n1', 'foo-available foo-acquired')
    expect((await it.acquire.release('n1', ann)).system.mgmtClasses).toEqual(['foo-available'])
  })

  test.each([
    ['nobody has', 'n1', 'machine.free'],
    ['two have', 'n2', 'machine.taken'],
    ['there is not', 'n3', 'item.missing'],
  ])('of a machine that %s is refused', async (_, name, code) => {
    await it.add('n1', 'foo-available')
    await it.add('n2', 'acquired foo-acquired')
    await expect(it.acquire.release(name, ann)).rejects.toMatchObject({ code })
    expect(it.power.orders).toEqual([])
  })

  test('keeps a change that was saved meanwhile', async () => {
    const n1 = await it.add('n1', 'foo-acquired')
    await Promise.all([it.catalog.save('system', { ...n1, comment: 'x' }), it.acquire.release('n1', ann)])
    expect(it.catalog.get('system', 'n1')).toMatchObject({ comment: 'x', mgmtClasses: ['foo-available'] })
  })

  test('with a key is done once, and turns off nobody else’s machine', async () => {
    await it.add('n1', 'foo-acquired')
    const keyed = { ...ann, key: 'k' }
    const [first, again] = await Promise.all([it.acquire.release('n1', keyed), it.acquire.release('n1', keyed)])
    expect(again.system).toEqual(first.system)
    expect(await it.acquire.release('n1', keyed)).toEqual(again)
    const before = it.power.orders.length
    await it.taken()
    await it.acquire.release('n1', keyed)
    expect(it.power.orders).toHaveLength(before)
    expect(it.classes('n1')).toEqual(['foo-acquired'])
  })

  test('with a key after a crash turns off what it could not, but not what has changed hands', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orchestra-release-'))
    try {
      await it.open(join(folder, 'db'))
      await it.add('n1', 'foo-acquired')
      await it.acquire.release('n1', { ...ann, key: 'k' })
      const openAgain = async () => {
        await it.open(join(folder, 'db'))
        it.power.orders = []
      }
      await openAgain()
      await it.acquire.release('n1', { ...ann, key: 'k' })
      expect(it.power.orders).toEqual(['n1 off'])
      await it.taken()
      await openAgain()
      expect((await it.acquire.release('n1', { ...ann, key: 'k' })).power.because).toContain('was changed since')
      expect(it.power.orders).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
