/** What `orchestra check` says of the proxy and the syslog that installers are told of. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Settings, settingsSchema } from '../../src/config-schema.ts'
import { installerAdvice } from '../../src/daemon/installer-advice.ts'
import { blendProfile } from '../../src/model/blend.ts'
import type { Options } from '../../src/model/item.ts'
import { addProfile, type TestStore, testStore } from '../support/store.ts'

let store: TestStore
beforeEach(async () => {
  store = await testStore()
  await addProfile(store.catalog)
})
afterEach(() => store.close())

function adviceFor(given: object, url = 'http://10.77.0.1'): string[] {
  const { catalog } = store
  const settings: Settings = settingsSchema({ isRoot: true, dataFolder: '/x' }).parse(given)
  const parents = {
    profile: (name: string) => catalog.get('profile', name),
    distro: (name: string) => catalog.get('distro', name),
  }
  const defaults = { server: 'x', autoinstall: '', nameServers: [], nameServersSearch: [], owners: [] }
  return installerAdvice(settings, url, {
    catalog,
    blendProfile: (profile) => blendProfile(profile, parents, defaults),
  })
}

async function setMeta(meta: Options): Promise<void> {
  const profile = store.catalog.get('profile', 'debian-13')
  if (profile) await store.catalog.save('profile', { ...profile, meta })
}

test('nothing is said of what is well', async () => {
  await setMeta({ mirror_hostname: 'deb.debian.org', security_host: 'security.debian.org' })
  expect(adviceFor({})).toEqual([])
  expect(adviceFor({ proxy: { enabled: true } })).toEqual([])
  const alone = { listen: '127.0.0.1:8000' }
  expect(adviceFor({ proxy: { enabled: true, ...alone }, syslog: alone }, 'http://127.0.0.1:8080')).toEqual([])
})

test('what listens where no machine comes is told', () => {
  const proxy = { enabled: true, listen: '127.0.0.1:8000' }
  expect(adviceFor({ proxy, syslog: { listen: '127.0.0.1:514' } })).toEqual([
    expect.stringMatching(/^syslog\.listen: machines cannot reach a loopback address/),
    expect.stringMatching(/^proxy\.listen: machines cannot reach a loopback address/),
  ])
})

test('a proxy that nobody is told of is told', () => {
  expect(adviceFor({ proxy: { enabled: true, url: 'http://cache.site:3142' } })).toEqual([
    'proxy.url and proxy.enabled are both set: machines are told of http://cache.site:3142, and nobody of the built-in proxy',
  ])
})

test('a mirror that the proxy would refuse is told, unless its machines go without the proxy', async () => {
  await setMeta({ mirror_hostname: 'mirror.site:8080' })
  expect(adviceFor({ proxy: { enabled: true } })).toEqual([
    'profile debian-13: the proxy refuses its mirror_hostname mirror.site:8080; list that in proxy.mirrors, or set mirror_proxy to nothing',
  ])
  expect(adviceFor({ proxy: { enabled: true, mirrors: 'mirror.site:8080' } })).toEqual([])
  expect(adviceFor({})).toEqual([])
  await setMeta({ mirror_hostname: 'mirror.site:8080', mirror_proxy: '' })
  expect(adviceFor({ proxy: { enabled: true } })).toEqual([])
})
