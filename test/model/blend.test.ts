/** Inheritance: settings, distro, profiles and system become one, and what is missing is said in a sentence. */
import { describe, expect, test } from 'vitest'
import { type BlendDefaults, blendProfile, blendSystem, mergeOptions, type Parents } from '../../src/model/blend.ts'
import type { Distro } from '../../src/model/distro.ts'
import { INHERIT } from '../../src/model/item.ts'
import { emptyItem } from '../../src/model/items.ts'
import type { Profile } from '../../src/model/profile.ts'
import type { System } from '../../src/model/system.ts'

const defaults: BlendDefaults = {
  server: '10.77.0.1',
  autoinstall: 'default.seed',
  nameServers: ['10.77.0.1'],
  nameServersSearch: [],
  owners: ['admin'],
}
const aDistro = (name: string, more: Partial<Distro> = {}): Distro => ({
  ...emptyItem('distro', `uid-${name}`),
  name,
  ...more,
})
const aProfile = (name: string, more: Partial<Profile> = {}): Profile => ({
  ...emptyItem('profile', `uid-${name}`),
  name,
  ...more,
})
const aSystem = (name: string, more: Partial<System> = {}): System => ({
  ...emptyItem('system', `uid-${name}`),
  name,
  ...more,
})

/** As a store gives them: every answer a value of its own. */
function parents(...items: (Distro | Profile)[]): Parents {
  const distros = new Map(items.filter((item): item is Distro => 'kernel' in item).map((item) => [item.name, item]))
  const profiles = new Map(items.filter((item): item is Profile => 'parent' in item).map((item) => [item.name, item]))
  const copy = <Item>(item: Item | undefined) => item && { ...item }
  return { profile: (name) => copy(profiles.get(name)), distro: (name) => copy(distros.get(name)) }
}

function blended(system: System, ...items: (Distro | Profile)[]) {
  const blend = blendSystem(system, parents(...items), defaults)
  if (!blend.ok) throw new Error(blend.because)
  return blend
}

describe('options', () => {
  test('merge key by key, and the child wins', () => {
    expect(mergeOptions([{ a: '1', b: '1' }, INHERIT, { b: '2', c: '2' }, { c: '3' }])).toEqual({
      a: '1',
      b: '2',
      c: '3',
    })
  })

  test('a key with ! takes the inherited one away, and a later level may set it again', () => {
    expect(mergeOptions([{ quiet: null, a: '1' }, { '!quiet': null }])).toEqual({ a: '1' })
    expect(mergeOptions([{ quiet: null }, { '!quiet': null }, { quiet: 'x' }])).toEqual({ quiet: 'x' })
    expect(mergeOptions([{ '!nothing': null }])).toEqual({})
  })

  test('a value that is a list is replaced, not added to', () => {
    expect(mergeOptions([{ console: ['tty0'] }, { console: ['ttyS0'] }])).toEqual({ console: ['ttyS0'] })
  })
})

describe('a system', () => {
  const distro = aDistro('trixie', {
    kernelOptions: { quiet: null },
    meta: { a: 'distro', d: 'distro' },
    mgmtClasses: ['debian'],
  })
  const base = aProfile('base', {
    distro: 'trixie',
    meta: { a: 'base', b: 'base' },
    autoinstall: 'base.seed',
    nameServers: ['10.0.0.1'],
    mgmtClasses: ['debian', 'base'],
  })
  const web = aProfile('web', {
    parent: 'base',
    meta: { b: 'web' },
    kernelOptions: { '!quiet': null, ro: null },
    nameServers: ['10.0.0.2'],
  })

  test('has what its distro, its profiles and itself say, the nearest winning', () => {
    const blend = blended(
      aSystem('node1', { profile: 'web', meta: { c: 'node1' }, mgmtClasses: ['ssd'] }),
      distro,
      base,
      web,
    )
    expect(blend).toMatchObject({
      distro: { name: 'trixie' },
      profile: { name: 'web' },
      system: { name: 'node1' },
      kernelOptions: { ro: null },
      meta: { a: 'base', b: 'web', c: 'node1', d: 'distro' },
      mgmtClasses: ['debian', 'base', 'ssd'],
      autoinstall: 'base.seed',
      nameServers: ['10.0.0.1', '10.0.0.2'],
    })
    expect(blend.kernelOptions).not.toHaveProperty('quiet')
  })

  test('has the settings where nobody says anything', () => {
    const plain = aProfile('plain', { distro: 'trixie' })
    expect(blended(aSystem('node1', { profile: 'plain' }), distro, plain)).toMatchObject(defaults)
  })

  test('inherits by the word, and an empty text inherits too', () => {
    const blend = blended(aSystem('node1', { profile: 'web', autoinstall: '', server: INHERIT }), distro, base, web)
    expect([blend.autoinstall, blend.server]).toEqual(['base.seed', '10.77.0.1'])
  })

  test('takes the nearest distro of its profiles', () => {
    const own = aProfile('own', { parent: 'base', distro: 'forky' })
    expect(blended(aSystem('node1', { profile: 'own' }), distro, aDistro('forky'), base, own).distro.name).toBe('forky')
    const inherits = aProfile('inherits', { parent: 'base', distro: INHERIT })
    expect(blended(aSystem('node1', { profile: 'inherits' }), distro, base, inherits).distro.name).toBe('trixie')
  })

  test.each([
    ['has no profile', { profile: '' }, /node1 has no profile; set one/],
    [
      'names a profile that is gone',
      { profile: 'gone' },
      /profile "gone" of system node1 does not exist; add it or choose another/,
    ],
    ['has a profile whose parent is gone', { profile: 'orphan' }, /profile "gone" of profile orphan does not exist/],
    ['has a profile whose distro is gone', { profile: 'bare' }, /distro "gone" of profile bare does not exist/],
    ['has a profile that is its own ancestor', { profile: 'hen' }, /is its own ancestor; change its parent/],
  ])('that %s is not blended, with the reason', (_, more, because) => {
    const items = [
      aProfile('orphan', { parent: 'gone' }),
      aProfile('bare', { distro: 'gone' }),
      aProfile('hen', { parent: 'egg' }),
      aProfile('egg', { parent: 'hen' }),
    ]
    const blend = blendSystem(aSystem('node1', more), parents(...items), defaults)
    expect(blend.ok).toBe(false)
    expect(!blend.ok && blend.because).toMatch(because)
  })

  test('does not change when it is blended', () => {
    const system = aSystem('node1', { profile: 'web', meta: { c: '1' } })
    const before = structuredClone([system, distro, base, web])
    blended(system, distro, base, web)
    expect([system, distro, base, web]).toEqual(before)
  })
})

test('a profile is blended on its own, without a system', () => {
  const items = [aDistro('trixie'), aProfile('enlist', { distro: 'trixie', meta: { a: '1' } })] as const
  const blend = blendProfile(items[1], parents(...items), defaults)
  expect(blend).toMatchObject({ ok: true, system: undefined, profile: { name: 'enlist' }, meta: { a: '1' } })
})
