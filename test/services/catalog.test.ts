/** The catalog over a real database: what is saved, what is refused, what survives. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseIpv4, parseMac } from '../../src/model/address.ts'
import { emptyInterface, type System } from '../../src/model/system.ts'
import { addProfile, type TestStore, testStore } from '../support/store.ts'

let store: TestStore
beforeEach(async () => {
  store = await testStore()
  await addProfile(store.catalog)
})
afterEach(() => store.close())

function system(name: string, mac: string, ip?: string): System {
  const eth0 = { ...emptyInterface(), macAddress: parseMac(mac), ...(ip && { ipAddress: parseIpv4(ip) }) }
  return { ...store.catalog.draft('system'), name, profile: 'debian-13', interfaces: { eth0 } }
}

describe('saving', () => {
  test('makes an object findable by name, uid, MAC and address, and tells so', async () => {
    const saved = await store.catalog.save('system', system('node01', '52:54:00:00:00:01', '10.0.0.1'))
    expect(saved.revision).toBe(1)
    expect(store.catalog.get('system', 'node01')).toEqual(saved)
    expect(store.catalog.byUid('system', saved.uid)).toEqual(saved)
    expect(store.catalog.systemByMac(parseMac('52-54-00-00-00-01'))).toEqual(saved)
    expect(store.catalog.systemByIp(parseIpv4('10.0.0.1'))).toEqual(saved)
    expect(store.events.at(-1)).toMatchObject({ name: 'item.changed', payload: { type: 'system', name: 'node01' } })
  })

  test('refuses the second of two edits of the same revision', async () => {
    const base = await store.catalog.save('system', system('node01', '52:54:00:00:00:01'))
    await store.catalog.save('system', { ...base, comment: 'first' })
    await expect(store.catalog.save('system', { ...base, comment: 'second' })).rejects.toMatchObject({
      code: 'item.stale',
    })
    expect(store.catalog.get('system', 'node01')?.comment).toBe('first')
  })

  test('of many edits at once lets exactly one through', async () => {
    const base = await store.catalog.save('system', system('node01', '52:54:00:00:00:01'))
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => store.catalog.save('system', { ...base, comment: `${i}` })),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test.each([
    ['a name that is taken', () => system('node01', '52:54:00:00:00:02'), 'item.exists'],
    ['a MAC that is taken', () => system('node02', '52:54:00:00:00:01'), 'item.exists'],
    ['an address that is taken', () => system('node02', '52:54:00:00:00:02', '10.0.0.1'), 'item.exists'],
    [
      'a profile that is not there',
      () => ({ ...system('node02', '52:54:00:00:00:02'), profile: 'nope' }),
      'item.missing',
    ],
    ['no profile', () => ({ ...system('node02', '52:54:00:00:00:02'), profile: '' }), 'item.invalid'],
    ['a name with blanks', () => system('node 2', '52:54:00:00:00:02'), 'item.invalid'],
    ['an empty name', () => system('', '52:54:00:00:00:02'), 'item.invalid'],
    ['a uid for shells', () => ({ ...system('node02', '52:54:00:00:00:02'), uid: '$(reboot)' }), 'item.invalid'],
  ])('refuses %s and leaves nothing behind', async (_, make, code) => {
    await store.catalog.save('system', system('node01', '52:54:00:00:00:01', '10.0.0.1'))
    await expect(store.catalog.save('system', make())).rejects.toMatchObject({ code })
    expect(store.catalog.list('system').map(({ name }) => name)).toEqual(['node01'])
    expect(store.catalog.systemByMac(parseMac('52:54:00:00:00:02'))).toBeUndefined()
  })

  test('refuses a new object with the uid of another, of any type', async () => {
    const uid = store.catalog.get('profile', 'debian-13')?.uid ?? ''
    const twin = { ...system('node01', '52:54:00:00:00:01'), uid }
    await expect(store.catalog.save('system', twin)).rejects.toMatchObject({ code: 'item.exists', field: 'uid' })
    const profile = { ...store.catalog.draft('profile'), uid, name: 'other', distro: 'debian-13' }
    await expect(store.catalog.save('profile', profile)).rejects.toMatchObject({ code: 'item.exists', field: 'uid' })
  })

  test('gives a MAC free when the system drops it', async () => {
    const base = await store.catalog.save('system', system('node01', '52:54:00:00:00:01'))
    await store.catalog.save('system', { ...base, interfaces: {} })
    await store.catalog.save('system', system('node02', '52:54:00:00:00:01'))
    expect(store.catalog.systemByMac(parseMac('52:54:00:00:00:01'))?.name).toBe('node02')
  })

  test('takes the children along when a profile or distro is renamed', async () => {
    await store.catalog.save('system', system('node01', '52:54:00:00:00:01'))
    const profile = store.catalog.get('profile', 'debian-13')
    if (!profile) throw new Error('no profile')
    await store.catalog.save('profile', { ...profile, name: 'trixie' })
    expect(store.catalog.get('system', 'node01')?.profile).toBe('trixie')
    expect(store.catalog.get('profile', 'debian-13')).toBeUndefined()
  })

  test('can change the uid, which stays unique', async () => {
    const base = await store.catalog.save('system', system('node01', '52:54:00:00:00:01'))
    const moved = await store.catalog.save('system', { ...base, uid: 'MTIzNDU2==' }, { uid: base.uid })
    expect(store.catalog.byUid('system', 'MTIzNDU2==')).toEqual(moved)
    expect(store.catalog.byUid('system', base.uid)).toBeUndefined()
    expect(store.catalog.systemByMac(parseMac('52:54:00:00:00:01'))?.uid).toBe('MTIzNDU2==')
  })
})

describe('what is asked for often', () => {
  const names = (found: ReadonlySet<{ name: string }>) => [...found].map(({ name }) => name).sort()

  test('is found by name and uid in any case, and by management class', async () => {
    const { catalog } = store
    const one = { ...system('Node01', '52:54:00:00:00:01'), mgmtClasses: ['available', 'ssd', 'ssd'] }
    const saved = await catalog.save('system', one)
    await catalog.save('system', { ...system('node02', '52:54:00:00:00:02'), mgmtClasses: ['available'] })
    expect(names(catalog.having('system', 'name', 'NODE01'))).toEqual(['Node01'])
    expect(names(catalog.having('system', 'uid', saved.uid.toUpperCase()))).toEqual(['Node01'])
    expect(names(catalog.having('system', 'class', 'available'))).toEqual(['Node01', 'node02'])
    expect(names(catalog.having('system', 'class', 'Available'))).toEqual([])

    await catalog.save('system', { ...saved, name: 'node03', mgmtClasses: ['acquired', 'ssd'] })
    expect(names(catalog.having('system', 'name', 'node01'))).toEqual([])
    expect(names(catalog.having('system', 'class', 'available'))).toEqual(['node02'])
    expect(names(catalog.having('system', 'class', 'ssd'))).toEqual(['node03'])
    await catalog.remove('system', 'node03', { recursive: false })
    expect(names(catalog.having('system', 'class', 'acquired'))).toEqual([])
    expect(catalog.list('system').map(({ name }) => name)).toEqual(['node02'])
  })
})

describe('images and menus', () => {
  const menu = (name: string, parent = '') => ({ ...store.catalog.draft('menu'), name, parent })

  test('are named by others, who cannot be without them and follow a new name', async () => {
    const { catalog } = store
    const image = await catalog.save('image', { ...catalog.draft('image'), name: 'rescue' })
    await expect(
      catalog.save('system', { ...system('node01', '52:54:00:00:00:01'), image: 'nope' }),
    ).rejects.toMatchObject({ code: 'item.missing', field: 'image' })
    await catalog.save('system', { ...system('node01', '52:54:00:00:00:01'), profile: '', image: 'rescue' })
    await catalog.save('image', { ...image, name: 'repair' })
    expect(catalog.get('system', 'node01')?.image).toBe('repair')
    await expect(catalog.remove('image', 'repair', { recursive: false })).rejects.toMatchObject({ code: 'item.in-use' })

    const top = await catalog.save('menu', menu('top'))
    await catalog.save('menu', menu('sub', 'top'))
    await expect(catalog.save('menu', { ...top, parent: 'sub' })).rejects.toMatchObject({ field: 'parent' })
    await expect(catalog.save('menu', menu('lost', 'nope'))).rejects.toMatchObject({ code: 'item.missing' })
    await catalog.remove('menu', 'top', { recursive: true })
    expect(catalog.list('menu')).toEqual([])
  })
})

describe('removing', () => {
  test('is refused while others depend on it, unless recursive', async () => {
    await store.catalog.save('system', system('node01', '52:54:00:00:00:01'))
    await expect(store.catalog.remove('distro', 'debian-13', { recursive: false })).rejects.toMatchObject({
      code: 'item.in-use',
      message: 'removal would orphan profile: debian-13',
    })
    await store.catalog.remove('distro', 'debian-13', { recursive: true })
    expect([...store.catalog.list('profile'), ...store.catalog.list('system')]).toEqual([])
    expect(store.catalog.systemByMac(parseMac('52:54:00:00:00:01'))).toBeUndefined()
  })

  test('of what is not there is an error that names it', async () => {
    await expect(store.catalog.remove('system', 'nope', { recursive: true })).rejects.toThrow(
      'unknown system name nope',
    )
  })

  test('makes an edit begun before stale, not a resurrection', async () => {
    const base = await store.catalog.save('system', system('node01', '52:54:00:00:00:01'))
    await store.catalog.remove('system', 'node01', { recursive: false })
    await expect(store.catalog.save('system', base)).rejects.toMatchObject({ code: 'item.stale' })
    expect(store.catalog.get('system', 'node01')).toBeUndefined()
  })
})

test('what was saved is there when the database is opened again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orchestra-catalog-'))
  try {
    const first = await testStore(join(folder, 'db'))
    await addProfile(first.catalog, 'again')
    const before = first.catalog.list('profile')
    await first.close()
    const second = await testStore(join(folder, 'db'))
    expect(second.catalog.list('profile')).toEqual(before)
    await second.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
