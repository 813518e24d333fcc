/** What a newer server might do differently, and the Ensemble client of 2011 would not survive. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { EnsembleClient } from '../support/ensemble-client.ts'
import { type Site, startSite } from './ensemble-site.ts'

const AVAILABLE = ['rack1', 'foo-available', 'ssd']

describe('what would have stopped the old clients', () => {
  let site: Site
  let client: EnsembleClient
  beforeAll(async () => {
    site = await startSite(['node01', 'node02'])
    client = site.client()
  })

  test('is not in the words of a refused login', async () => {
    const wrong = site.client('2011', { 'orchestra-pass': 'wrong' })
    await expect(wrong.launch('0', { userData: 'x' })).rejects.toThrow('rejected our credentials')
    expect(await site.system('node01')).toMatchObject({ mgmtClasses: AVAILABLE })
  })

  test('is not in the types: every field that it reads is what it was in 2011', async () => {
    const systems = (await client.call('get_systems')) as readonly Record<string, unknown>[]
    for (const system of systems) {
      expect(system).toMatchObject({
        ks_meta: { keep: 'me' },
        mgmt_classes: AVAILABLE,
        netboot_enabled: true,
        name: expect.any(String),
        uid: expect.any(String),
        profile: 'oneiric-x86_64',
      })
    }
    // What is not set is empty and of its type, never inherited.
    await site.addSystem('bare', { mgmtClasses: [], meta: {} })
    expect(await client.call('get_system', 'bare')).toMatchObject({ ks_meta: {}, mgmt_classes: [] })
    await site.addSystem('heir', { mgmtClasses: '<<inherit>>', meta: '<<inherit>>' })
    const heir = await client.call('get_system', 'heir')
    expect(heir).toMatchObject({ ks_meta: {}, mgmt_classes: expect.any(Array) })
    expect(await client.call('get_system', 'gone')).toBe('~')
    await site.rest('DELETE', '/api/systems/bare')
    await site.rest('DELETE', '/api/systems/heir')
  })

  test('is not in what it writes: a machine id of digits stays text, and base64 keeps its end', async () => {
    const machine = await client.launch('0', { userData: 'ab' })
    const { ks_meta: meta } = (await client.call('get_system', machine.name)) as { ks_meta: unknown }
    expect(meta).toEqual({ keep: 'me', MACHINE_ID: '0', USER_DATA_BASE64: 'YWI=' })
    await client.change(machine.uid, {
      ks_meta: { MACHINE_ID: '007', USER_DATA_BASE64: 'YQ==', awkward: `a='b' "c" $d` },
    })
    expect((await site.system(machine.name)).meta).toEqual({
      MACHINE_ID: '007',
      USER_DATA_BASE64: 'YQ==',
      awkward: `a='b' "c" $d`,
    })
    await client.release(machine.uid)
    await site.rest('PATCH', `/api/systems/${machine.name}`, { meta: { keep: 'me' } })
  })

  test('is not in the tokens: a handle is good for every token, and one call is repeated, not all', async () => {
    const handle = await client.call('get_system_handle', 'node01', '')
    const other = site.client()
    const { length } = other.wire
    expect(await other.callWithToken('modify_system', handle, 'comment', 'x')).toBe(true)
    expect(other.wire.slice(length)).toEqual(['modify_system', 'login', 'modify_system'])
    expect(await other.callWithToken('save_system', handle)).toBe(true)
    await expect(other.call('save_system', handle, 'no token')).rejects.toThrow(/invalid token/)
    await expect(other.call('get_system_handle', 'gone', '')).rejects.toThrow(/unknown system name/)
  })

  test('is not in criteria: words, booleans, negation and what is not there', async () => {
    const find = (criteria: Record<string, string>) => client.call('find_system', criteria)
    expect(await find({ mgmt_classes: 'ssd foo-available', netboot_enabled: 'True' })).toEqual(['node01', 'node02'])
    expect(await find({ mgmt_classes: 'foo-available nowhere' })).toEqual([])
    expect(await find({ name: 'NODE*', netboot_enabled: 'y' })).toEqual(['node01', 'node02'])
    expect(await find({ name: 'node0?', netboot_enabled: '0' })).toEqual([])
    expect(await find({ name: '~node01' })).toEqual(['node02'])
    expect(await find({ ks_meta: 'keep=me' })).toEqual(['node01', 'node02'])
    expect(await find({ uid: 'gone' })).toEqual([])
  })

  test('is not in the power: every task has an id of its own, and an unknown machine is no fault', async () => {
    const off = (name: string) => client.callWithToken('background_power_system', { power: 'off', systems: [name] })
    const tasks = await Promise.all(['node01', 'node02', 'gone', 'node01'].map(off))
    expect(new Set(tasks).size).toBe(4)
    for (const task of tasks) expect(task).toMatch(/^\d{4}-\d\d-\d\d_\d{6}_power/)
  })

  test('left no fault in the log', () => {
    expect(site.daemon.records().filter(({ level }) => Number(level) >= 50)).toEqual([])
  })
})
