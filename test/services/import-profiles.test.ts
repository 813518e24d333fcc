import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { newUid } from '../../src/lib/secret.ts'
import { INHERIT } from '../../src/model/item.ts'
import { createImport, type ImportRequest, type ImportTree } from '../../src/services/import.ts'
import { readNote } from '../../src/services/installer-tree.ts'
import { silentLog, type TestStore, testStore } from '../support/store.ts'

let folder: string
let store: TestStore
let importTree: ImportTree

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orchestra-import-'))
  store = await testStore()
  const [bootRoot, scratch] = [join(folder, 'boot'), join(folder, 'scratch')]
  importTree = createImport({ catalog: store.catalog, newUid, bootRoot, scratch, exec, log: silentLog })
})

afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const write = (path: string, text = path) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
const run = (name: string, more: Partial<ImportRequest> = {}) =>
  importTree({ path: join(folder, 'tree'), name, ...more })
const profiles = () => store.catalog.list('profile').map(({ name }) => name)

function debianTree(version = 'Ubuntu version:  12.04 (precise)\n'): void {
  write('tree/version.info', version)
  write('tree/ubuntu-installer/amd64/linux')
  write('tree/ubuntu-installer/amd64/initrd.gz')
}

describe('an import named SERIES-ARCH', () => {
  test('makes the profiles and the classes that orchestrators ask for', async () => {
    debianTree()
    const { children, because } = await run('precise-x86_64')
    expect(children.map(({ name }) => name)).toEqual(['precise-x86_64-juju', 'precise-x86_64-ensemble'])
    for (const name of ['precise-x86_64-juju', 'precise-x86_64-ensemble']) {
      expect(store.catalog.get('profile', name)).toMatchObject({
        ...{ parent: 'precise-x86_64', distro: '', autoinstall: 'juju.seed', revision: 1 },
      })
    }
    expect(store.catalog.list('mgmtclass').map(({ name }) => name)).toEqual([
      'orchestra-juju-acquired',
      'orchestra-juju-available',
    ])
    expect(because).toMatch(/; made profile precise-x86_64-juju, profile precise-x86_64-ensemble, mgmtclass /)
  })

  test('again changes nothing, and leaves what a site has changed', async () => {
    debianTree()
    const [juju] = (await run('precise-x86_64')).children
    if (juju) await store.catalog.save('profile', { ...juju, autoinstall: 'ours.seed' })
    const again = await run('precise-x86_64')
    expect(again).toMatchObject({
      changed: false,
      children: [{ autoinstall: 'ours.seed', revision: 2 }, { revision: 1 }],
    })
    expect(again.because).toMatch(/nothing was changed$/)
  })

  test('makes again what somebody has removed', async () => {
    debianTree()
    await run('precise-x86_64')
    await store.catalog.remove('profile', 'precise-x86_64-ensemble', { recursive: false })
    expect(await run('precise-x86_64')).toMatchObject({
      changed: true,
      because: expect.stringMatching(/; made profile precise-x86_64-ensemble$/),
    })
  })

  test('shares its classes with the next one', async () => {
    debianTree()
    await run('precise-x86_64')
    expect((await run('oneiric-x86_64')).because).not.toContain('mgmtclass')
    expect(profiles()).toContain('oneiric-x86_64-juju')
  })

  test('of another breed than Debian makes none', async () => {
    debianTree('')
    expect((await run('rhel9-x86_64', { breed: 'redhat' })).children).toEqual([])
    expect(profiles()).toEqual(['rhel9-x86_64'])
    expect(store.catalog.list('mgmtclass')).toEqual([])
  })
})

test.each(['precise', 'precise-amd64', 'debian-12', '-x86_64'])(
  'an import named %s says how profiles are made',
  async (name) => {
    debianTree()
    expect((await run(name)).because).toMatch(/; profiles for Juju .* go with a name of the form SERIES-x86_64$/)
    expect(profiles()).toEqual([name])
  },
)

describe('the flavor of a new profile', () => {
  const casper = () => {
    write('tree/.disk/info', 'Ubuntu-Server 22.04.3 LTS "Jammy Jellyfish" - Release amd64 (20230810)')
    write('tree/casper/vmlinuz')
    write('tree/casper/initrd')
    write('tree/casper/hwe-vmlinuz')
  }
  const redHat = (family = 'Rocky Linux') => {
    write(
      'tree/.treeinfo',
      `[header]\nversion = 1.2\n[general]\nfamily = ${family}\nversion = 9.3\narch = aarch64\n\n[stage2]\nversion = 1`,
    )
    for (const at of ['images/pxeboot', 'isolinux']) {
      write(`tree/${at}/vmlinuz`, at)
      write(`tree/${at}/initrd.img`, at)
    }
  }

  test("is an autoinstall for Ubuntu's live server, for its children too", async () => {
    casper()
    const { distro, profile, children } = await run('jammy-x86_64')
    expect(distro).toMatchObject({ breed: 'ubuntu', osVersion: 'jammy', arch: 'x86_64' })
    expect(profile.autoinstall).toBe('autoinstall.yaml')
    expect(children.map(({ autoinstall }) => autoinstall)).toEqual([INHERIT, INHERIT])
  })

  test('is a kickstart for the Red Hats, from the folder for network boots', async () => {
    redHat()
    const { distro, profile, files } = await run('rocky9')
    expect(distro).toMatchObject({ breed: 'redhat', osVersion: 'rhel9', arch: 'aarch64' })
    expect(profile.autoinstall).toBe('kickstart.ks')
    expect(Object.keys(files)).toEqual(['vmlinuz', 'initrd.img'])
  })

  test('is a profile of AutoYaST for SUSE', async () => {
    write('tree/boot/x86_64/loader/linux')
    write('tree/boot/x86_64/loader/initrd')
    write('tree/.treeinfo', '[general]\nfamily = openSUSE Leap\nversion = 15.5\n')
    const { distro, profile } = await run('leap')
    expect(distro).toMatchObject({ breed: 'suse', osVersion: 'opensuse15', arch: 'x86_64' })
    expect(profile.autoinstall).toBe('autoyast.xml')
  })

  test.each([
    ['noble', 'autoinstall.yaml'],
    ['focal', 'autoinstall.yaml'],
    ['bionic', INHERIT],
    ['precise', INHERIT],
  ])('of a bare kernel of Ubuntu %s is %s', async (osVersion, flavor) => {
    write('tree/vmlinuz')
    write('tree/initrd')
    expect((await run('bare', { breed: 'ubuntu', osVersion })).profile.autoinstall).toBe(flavor)
  })

  test('is the one of debian-installer where its tree is, whatever the release', async () => {
    debianTree('Ubuntu version:  20.04 (focal)\n')
    expect((await run('focal-x86_64')).profile.autoinstall).toBe(INHERIT)
  })

  test('is what the asker says, and what a site has said before', async () => {
    redHat()
    expect((await run('rocky9', { autoinstall: 'ours.ks' })).profile.autoinstall).toBe('ours.ks')
    const known = store.catalog.get('profile', 'rocky9')
    if (known) await store.catalog.save('profile', { ...known, autoinstall: INHERIT })
    expect((await run('rocky9')).profile.autoinstall).toBe(INHERIT)
  })
})

test.each([
  ['version.info', 'Debian version:  12 (bookworm)\nx', { breed: 'debian', osVersion: 'bookworm' }],
  ['version.info', 'something else', undefined],
  [
    '.disk/info',
    'Debian GNU/Linux 12.5.0 "Bookworm" - Official amd64 NETINST with firmware 20240210-11:27',
    { breed: 'debian', osVersion: 'bookworm', arch: 'x86_64' },
  ],
  ['.disk/info', 'Mint 21', undefined],
  [
    '.treeinfo',
    '[general]\nfamily = Fedora\nversion = 40\narch = x86_64',
    { breed: 'redhat', osVersion: 'fedora40', arch: 'x86_64' },
  ],
  ['a/.treeinfo', '[general]\nfamily = SUSE Linux Enterprise\nversion = 15.5', { breed: 'suse', osVersion: 'sles15' }],
  ['.treeinfo', '[release]\nname = x', undefined],
])('the note %s: %s', (path, text, release) => {
  expect(readNote(path, text)).toEqual(release)
})
