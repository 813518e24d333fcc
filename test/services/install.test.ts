import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { blendProfile, blendSystem } from '../../src/model/blend.ts'
import { OrchestraError } from '../../src/model/errors.ts'
import type { BootEvent } from '../../src/model/event.ts'
import type { System } from '../../src/model/system.ts'
import { createInstall, type Install } from '../../src/services/install.ts'
import { aSystem } from '../boot/blends.ts'
import { builtIn } from '../boot/golden-text.ts'
import { addProfile, silentLog, type TestStore, testStore } from '../support/store.ts'

let store: TestStore
let install: Install
/** What somebody else does between our read and our save. */
let meanwhile: (() => Promise<unknown>) | undefined
let unresolved: string | undefined

beforeEach(async () => {
  store = await testStore()
  const { catalog, events } = store
  await addProfile(catalog, 'debian-12-x86_64')
  await catalog.save('system', { ...aSystem(), revision: 0 })
  events.length = 0
  meanwhile = undefined
  unresolved = undefined
  const parents = {
    profile: (name: string) => catalog.get('profile', name),
    distro: (name: string) => catalog.get('distro', name),
  }
  const defaults = {
    server: '10.77.0.1',
    autoinstall: 'default.seed',
    nameServers: [],
    nameServersSearch: [],
    owners: ['admin'],
  }
  install = createInstall({
    system: (name) => catalog.get('system', name),
    profile: parents.profile,
    known: (system) => ({
      system,
      blend:
        unresolved === undefined ? blendSystem(system, parents, defaults) : { ok: false as const, because: unresolved },
    }),
    blendProfile: (profile) => blendProfile(profile, parents, defaults),
    save: async (system) => {
      await meanwhile?.()
      return catalog.save('system', system)
    },
    preseed: builtIn('preseeds'),
    uploaded: (blend) => (blend.autoinstall === 'theirs.ks' ? `for ${blend.system?.name}` : undefined),
    template: builtIn('templates'),
    domain: 'lab',
    record: (name, payload) => void events.push({ name, payload }),
    log: silentLog,
  })
})

afterEach(() => store.close())

const steps = () => store.events.flatMap(({ name, payload }) => (name === 'boot.step' ? [payload as BootEvent] : []))
const change = async (fields: Partial<System>) => {
  const system = store.catalog.get('system', 'node1')
  if (system) await store.catalog.save('system', { ...system, ...fields })
}
const PEER = '10.77.0.50'

describe('the preseed', () => {
  test('of a system is rendered and a step of its trace', async () => {
    expect(await install.systemPreseed('node1', PEER)).toContain('d-i preseed/late_command string in-target')
    expect(steps()).toEqual([
      { mac: '52:54:00:77:00:01', system: 'node1', step: 'preseed', because: `the preseed was fetched from ${PEER}` },
    ])
  })

  test('that a site has uploaded under that name goes first', async () => {
    await change({ autoinstall: 'theirs.ks' })
    expect(await install.systemPreseed('node1', PEER)).toBe('for node1')
  })

  test('of a profile is rendered too', async () => {
    expect(await install.profilePreseed('debian-12-x86_64', PEER)).toContain('d-i ')
    expect(steps()).toEqual([])
  })

  test('of nobody is missing', async () => {
    await expect(install.systemPreseed('nobody', PEER)).rejects.toMatchObject({ code: 'item.missing' })
    await expect(install.profilePreseed('nothing', PEER)).rejects.toMatchObject({ code: 'item.missing' })
  })

  test('can be looked at without a word in the trace, good or bad', async () => {
    expect(await install.systemPreseed('node1', undefined)).toContain('d-i preseed/late_command')
    await change({ autoinstall: 'gone.seed' })
    await expect(install.systemPreseed('node1', undefined)).rejects.toMatchObject({ code: 'template.invalid' })
    expect(steps()).toEqual([])
  })

  test('that cannot be rendered is no preseed at all, and the trace says why', async () => {
    await change({ autoinstall: 'gone.seed' })
    await expect(install.systemPreseed('node1', PEER)).rejects.toMatchObject({ code: 'template.invalid' })
    expect(steps()).toMatchObject([
      { step: 'failed', because: expect.stringMatching(/^no preseed: preseed "gone\.seed"/) },
    ])
  })

  test('of a system whose profile does not resolve says what is missing', async () => {
    unresolved = 'system node1 has no profile'
    await expect(install.systemPreseed('node1', PEER)).rejects.toMatchObject({
      code: 'item.invalid',
      message: unresolved,
    })
    expect(steps()).toMatchObject([{ step: 'failed' }])
  })
})

describe('turning netboot off', () => {
  test('is saved and is the end of the install', async () => {
    expect(await install.disableNetboot('node1', PEER)).toBe(true)
    expect(store.catalog.get('system', 'node1')?.netbootEnabled).toBe(false)
    expect(steps()).toMatchObject([{ step: 'installed', system: 'node1' }])
  })

  test('twice is no error and no second save', async () => {
    await install.disableNetboot('node1', PEER)
    const { revision } = store.catalog.get('system', 'node1') ?? {}
    expect(await install.disableNetboot('node1', PEER)).toBe(true)
    expect(store.catalog.get('system', 'node1')?.revision).toBe(revision)
  })

  test('keeps what somebody else saves at the same moment', async () => {
    let times = 0
    meanwhile = async () => {
      if (times++ < 3) await change({ comment: `change ${times}` })
    }
    expect(await install.disableNetboot('node1', PEER)).toBe(true)
    expect(store.catalog.get('system', 'node1')).toMatchObject({ netbootEnabled: false, comment: 'change 3' })
  })

  test('gives up when it loses every time', async () => {
    let times = 0
    meanwhile = () => change({ comment: `change ${times++}` })
    await expect(install.disableNetboot('node1', PEER)).rejects.toMatchObject({ code: 'item.stale' })
    expect(times).toBe(10)
    expect(steps()).toEqual([])
  })

  test('of nobody is false', async () => {
    expect(await install.disableNetboot('nobody', PEER)).toBe(false)
  })

  test('passes on what a save says that is not staleness', async () => {
    meanwhile = () => Promise.reject(new OrchestraError('item.invalid', 'no'))
    await expect(install.disableNetboot('node1', PEER)).rejects.toMatchObject({ code: 'item.invalid' })
  })
})

describe("Cobbler's triggers", () => {
  test.each([
    ['pre', 'installing'],
    ['post', 'installed'],
    ['firstboot', 'ready'],
  ])('%s is the step %s', async (mode, step) => {
    expect(await install.trigger(mode, 'system', 'node1', PEER)).toBe(true)
    expect(steps()).toMatchObject([{ step, system: 'node1', mac: '52:54:00:77:00:01' }])
  })

  test('of a profile are heard, and are nobody’s step', async () => {
    expect(await install.trigger('post', 'profile', 'debian-12-x86_64', PEER)).toBe(true)
    expect(steps()).toEqual([])
  })

  test.each([
    ['middle', 'system', 'node1'],
    ['constructor', 'system', 'node1'],
    ['post', 'system', 'nobody'],
    ['post', 'profile', 'nothing'],
    ['post', 'image', 'node1'],
  ])('%s %s %s is false', async (mode, type, name) => {
    expect(await install.trigger(mode, type, name, PEER)).toBe(false)
    expect(steps()).toEqual([])
  })
})

describe('progress', () => {
  test.each([
    ['partitioning', 'Making partitions', 'installing', 'partitioning: Making partitions'],
    ['installing', 'Making partitions', 'installing', 'Making partitions'],
    ['failed', 'No disk', 'failed', 'No disk'],
    ['', '', 'installing', `a call by ${PEER}`],
    ['late\n', 'a\x00b\x1b[2J\u202eevil\u2028x', 'installing', 'late: a b [2J evil x'],
    ['s'.repeat(100), 'm'.repeat(9000), 'installing', `${'s'.repeat(40)}: ${'m'.repeat(300)}`],
  ])('%j %j', async (word, message, step, because) => {
    expect(await install.progress('node1', word, message, PEER)).toBe(true)
    expect(steps()).toMatchObject([{ step, because, system: 'node1' }])
  })

  test('of nobody is false', async () => {
    expect(await install.progress('nobody', 'x', 'y', PEER)).toBe(false)
  })
})
