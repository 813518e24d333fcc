/** What is masked in the log of a machine, and what is left to read. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { blendSystem } from '../../src/model/blend.ts'
import type { System } from '../../src/model/system.ts'
import { createMaskSecrets, type MaskSecrets } from '../../src/services/log-secrets.ts'
import { addProfile, type TestStore, testStore } from '../support/store.ts'

let store: TestStore
let system: System
let mask: MaskSecrets
beforeEach(async () => {
  store = await testStore()
  const { catalog } = store
  await addProfile(catalog)
  const profile = catalog.get('profile', 'debian-13')
  if (profile) await catalog.save('profile', { ...profile, meta: { admin_password: 'from the profile' } })
  const draft = catalog.draft('system')
  system = await catalog.save('system', {
    ...draft,
    name: 'node1',
    profile: 'debian-13',
    power: { ...draft.power, pass: 'calvin$$1' },
    meta: {
      password_crypted: '$6$salt$hashhashhash',
      rootpw: 'abc',
      token: ['first-token', 'second-token'],
      PASSWORD: 123456,
      locale: 'de_DE.UTF-8',
    },
  })
  const parents = {
    profile: (name: string) => catalog.get('profile', name),
    distro: (name: string) => catalog.get('distro', name),
  }
  const defaults = { server: 'x', autoinstall: '', nameServers: [], nameServersSearch: [], owners: [] }
  mask = createMaskSecrets({ catalog, blendSystem: (one) => blendSystem(one, parents, defaults) })
})
afterEach(() => store.close())

test.each([
  ['ipmi: calvin$$1 was refused', 'ipmi: ******** was refused'],
  ['twice calvin$$1calvin$$1', 'twice ****************'],
  ['user-password $6$salt$hashhashhash', 'user-password ********'],
  ['set to from the profile.', 'set to ********.'],
  ['first-token second-token', '******** ********'],
  ['the number 123456', 'the number ********'],
  ['another hash $y$j9T$abcdefgh$ijklmnop', 'another hash ********'],
  ['GET http://user:secret@mirror.lab/x', 'GET http://********@mirror.lab/x'],
  ['locale de_DE.UTF-8, abc, http://mirror.lab:8000/a@b', 'locale de_DE.UTF-8, abc, http://mirror.lab:8000/a@b'],
])('%s', (said, shown) => {
  expect(mask(system.uid, said)).toBe(shown)
})

test('what is changed is masked from then on', async () => {
  expect(mask(system.uid, 'a new secret')).toBe('a new secret')
  system = await store.catalog.save('system', { ...system, meta: { my_passwd: 'new secret' } })
  expect(mask(system.uid, 'a new secret')).toBe('a ********')
  expect(mask(system.uid, 'first-token')).toBe('first-token')
})

test('of a system that is gone only what looks like a secret is masked', () => {
  expect(mask('nobody', 'calvin$$1 $6$salt$hashhashhash')).toBe('calvin$$1 ********')
})
