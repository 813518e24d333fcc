import { createHash } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { newUid } from '../../src/lib/secret.ts'
import { createImport, type ImportTree } from '../../src/services/import.ts'
import { silentLog, type TestStore, testStore } from '../support/store.ts'

let folder: string
let store: TestStore
let importTree: ImportTree

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orchestra-import-'))
  store = await testStore()
  importTree = createImport({
    catalog: store.catalog,
    newUid,
    bootRoot: join(folder, 'boot'),
    scratch: join(folder, 'scratch'),
    exec,
    log: silentLog,
  })
})

afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const at = (path: string) => join(folder, path)
const write = (path: string, text = path) => {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text)
}
const imported = (file: string) => readFileSync(at(`boot/images/debian-12/${file}`), 'utf8')
const run = (path: string, more = {}) => importTree({ path: at(path), name: 'debian-12', ...more })

/** As Debian lays it out, the parts that count. */
function makeTree(root: string, kernel = 'the kernel'): void {
  write(`${root}/version.info`, 'Debian version:  12 (bookworm)\nInstaller build: 20230607+deb12u15\n')
  write(`${root}/debian-installer/amd64/linux`, kernel)
  write(`${root}/debian-installer/amd64/initrd.gz`, 'the initrd')
  write(`${root}/debian-installer/amd64/bootnetx64.efi`)
  write(`${root}/debian-installer/amd64/boot-screens/splash.png`)
  symlinkSync('debian-installer/amd64/pxelinux.0', at(`${root}/pxelinux.0`))
}

const tarOf = async (root: string, name: string, ...args: string[]) => {
  await exec('tar', ['--create', `--file=${at(name)}`, ...args, '-C', at(root), '.'])
}

describe('a netboot tree', () => {
  test.each(['folder', 'tar', 'tar.gz'])('as a %s becomes a distro and a profile', async (kind) => {
    makeTree('tree')
    if (kind === 'tar') await tarOf('tree', 'it.tar')
    if (kind === 'tar.gz') await tarOf('tree', 'it.tar.gz', '--gzip')
    const result = await run(kind === 'folder' ? 'tree' : `it.${kind}`)
    const files = { linux: sha256('the kernel'), 'initrd.gz': sha256('the initrd') }
    expect(result).toMatchObject({
      changed: true,
      files,
      distro: {
        name: 'debian-12',
        kernel: at('boot/images/debian-12/linux'),
        initrd: at('boot/images/debian-12/initrd.gz'),
        arch: 'x86_64',
        breed: 'debian',
        osVersion: 'bookworm',
        checksums: files,
        revision: 1,
      },
      profile: { name: 'debian-12', distro: 'debian-12', revision: 1 },
    })
    expect(store.catalog.get('distro', 'debian-12')).toEqual(result.distro)
    expect(store.catalog.get('profile', 'debian-12')).toEqual(result.profile)
    expect(imported('linux')).toBe('the kernel')
    expect(imported('initrd.gz')).toBe('the initrd')
    expect(readdirSync(at('boot/images/debian-12')).sort()).toEqual(['initrd.gz', 'linux'])
    expect(existsSync(at('scratch')) ? readdirSync(at('scratch')) : []).toEqual([])
  })

  test('imported again changes nothing and says so', async () => {
    makeTree('tree')
    const first = await run('tree')
    const second = await run('tree')
    expect(second).toMatchObject({ changed: false, distro: first.distro, profile: first.profile })
    expect(second.because).toMatch(/already; nothing was changed/)
  })

  test('imported again after a new release takes its place, and keeps what a site has set', async () => {
    makeTree('tree')
    const { distro, profile } = await run('tree')
    await store.catalog.save('profile', { ...profile, comment: 'ours', autoinstall: 'ours.seed' })
    await store.catalog.save('distro', { ...distro, kernelOptions: { quiet: null } })
    write('tree/debian-installer/amd64/linux', 'the next kernel')
    const next = await run('tree')
    expect(next.changed).toBe(true)
    expect(next.distro).toMatchObject({ uid: distro.uid, kernelOptions: { quiet: null } })
    expect(next.distro.checksums['linux']).toBe(sha256('the next kernel'))
    expect(next.profile).toMatchObject({ comment: 'ours', autoinstall: 'ours.seed', revision: 2 })
    expect(imported('linux')).toBe('the next kernel')
  })

  test('whose files were damaged here is put right', async () => {
    makeTree('tree')
    await run('tree')
    write('boot/images/debian-12/linux', 'half a ker')
    expect((await run('tree')).changed).toBe(true)
    expect(imported('linux')).toBe('the kernel')
  })

  test('takes what the asker knows better', async () => {
    makeTree('tree')
    const told = { breed: 'ubuntu', osVersion: 'noble', autoinstall: 'x.seed', kernelOptions: { console: 'ttyS0' } }
    const { distro, profile } = await run('tree', told)
    expect(distro).toMatchObject({ breed: 'ubuntu', osVersion: 'noble', kernelOptions: { console: 'ttyS0' } })
    expect(profile).toMatchObject({ autoinstall: 'x.seed' })
  })

  test('of several dresses gives the plain one', async () => {
    makeTree('images/text')
    makeTree('images/gtk', 'the gtk kernel')
    await run('images')
    expect(imported('linux')).toBe('the kernel')
  })

  test('of several architectures wants to be told which', async () => {
    makeTree('tree')
    write('tree/debian-installer/arm64/linux', 'the arm kernel')
    write('tree/debian-installer/arm64/initrd.gz')
    await expect(run('tree')).rejects.toMatchObject({
      code: 'content.invalid',
      message: expect.stringMatching(/2 installers in .*amd64, .*arm64; name the folder of one, or the arch/),
    })
    expect((await run('tree', { arch: 'aarch64' })).distro.arch).toBe('aarch64')
    expect(imported('linux')).toBe('the arm kernel')
    await expect(run('tree', { arch: 's390x' })).rejects.toThrow(/no installer .* for s390x/)
  })

  test('several at once wait for each other', async () => {
    makeTree('tree')
    makeTree('other', 'the other kernel')
    const [one, two, three] = await Promise.all([run('tree'), run('tree'), run('other')])
    expect([one, two, three].map(({ changed }) => changed)).toEqual([true, false, true])
    expect(imported('linux')).toBe('the other kernel')
  })
})

test.each([
  ['vmlinuz', 'initrd.img'],
  ['vmlinuz-6.1.0-1-amd64', 'initrd.img-6.1.0-1-amd64'],
  ['linux', 'initrd'],
])('a folder with just %s and %s is enough', async (kernel, initrd) => {
  write(`bare/${kernel}`)
  write(`bare/${initrd}`)
  const { distro } = await run('bare')
  expect(distro).toMatchObject({
    kernel: at(`boot/images/debian-12/${kernel}`),
    arch: 'x86_64',
    breed: 'debian',
    osVersion: '',
  })
})

describe('what is no tree', () => {
  const refused = async (path: string, because: RegExp) => {
    await expect(run(path)).rejects.toMatchObject({ code: 'content.invalid', message: expect.stringMatching(because) })
    expect(store.catalog.get('distro', 'debian-12')).toBeUndefined()
    expect(existsSync(at('boot/images/debian-12'))).toBe(false)
    expect(existsSync(at('scratch')) ? readdirSync(at('scratch')) : []).toEqual([])
  }

  test('is told by what was looked for', async () => {
    write('tree/readme')
    write('tree/linux')
    await refused(
      'tree',
      /no installer in .*: looked for a folder with a kernel \(linux, .* and an initrd .* among its 2 files/,
    )
  })

  test('a path with nothing there', () => refused('gone', /nothing to import at .*gone/))

  test('a file that is no tar', async () => {
    write('it.tar', 'no tar at all')
    await refused('it.tar', /it\.tar cannot be read as a tar/)
  })

  test('a tar that was cut off', async () => {
    makeTree('tree', 'x'.repeat(100_000))
    await tarOf('tree', 'it.tar')
    writeFileSync(at('cut.tar'), readFileSync(at('it.tar')).subarray(0, 50_000))
    await refused('cut.tar', /cut\.tar cannot be read as a tar/)
  })

  test.each(['../linux', '/tmp/orchestra-evil/linux'])('a tar with an entry that leads out of it: %s', async (name) => {
    write('tree/linux')
    write('tree/initrd.gz')
    await tarOf('tree', 'it.tar', '--absolute-names', `--transform=s,^\\./linux,${name},`)
    await refused('it.tar', /has an entry that leads out of it: /)
  })

  test('a tar whose kernel is a link to a file of this server', async () => {
    mkdirSync(at('tree'))
    symlinkSync('/etc/shadow', at('tree/linux'))
    write('tree/initrd.gz')
    await tarOf('tree', 'it.tar')
    await refused('it.tar', /no installer/)
  })

  test('a tar whose kernel is a hard link to a file of this server', async () => {
    write('tree/a-passwd')
    linkSync(at('tree/a-passwd'), at('tree/linux'))
    write('tree/initrd.gz')
    await tarOf('tree', 'it.tar', '--sort=name', '--transform=s,.*a-passwd,etc/passwd,hRS')
    expect(await exec('tar', ['-tvf', at('it.tar')])).toContain('linux link to etc/passwd')
    await refused('it.tar', /no installer/)
  })

  test('a tar with a link on the way to its kernel writes nothing through it', async () => {
    for (const name of ['outside', 'one']) mkdirSync(at(name))
    symlinkSync(at('outside'), at('one/a'))
    write('two/a/linux')
    write('two/a/initrd.gz')
    await exec('tar', [
      '--create',
      `--file=${at('it.tar')}`,
      '-C',
      at('one'),
      'a',
      '-C',
      at('two'),
      'a/linux',
      'a/initrd.gz',
    ])
    await run('it.tar')
    expect(readdirSync(at('outside'))).toEqual([])
    expect(imported('linux')).toBe('two/a/linux')
  })

  test('a tar that has its kernel twice', async () => {
    write('one/linux')
    write('one/initrd.gz')
    write('two/linux')
    await exec('tar', [
      '--create',
      `--file=${at('it.tar')}`,
      '-C',
      at('one'),
      'linux',
      'initrd.gz',
      '-C',
      at('two'),
      'linux',
    ])
    await refused('it.tar', /no installer/)
  })

  test.each(['..', '.', 'a/b', '', 'a b'])('a name that is no name: %j', async (name) => {
    await expect(run('tree', { name })).rejects.toMatchObject({ code: 'item.invalid' })
    expect(existsSync(at('boot'))).toBe(false)
  })

  test('a name whose profile belongs to another distro', async () => {
    makeTree('tree')
    await run('tree')
    const { catalog } = store
    await catalog.save('profile', { ...catalog.draft('profile'), name: 'web', distro: 'debian-12' })
    await expect(run('tree', { name: 'web' })).rejects.toMatchObject({
      code: 'item.exists',
      message: expect.stringMatching(/profile web .* belongs to debian-12/),
    })
  })

  test('leaves what was there when it fails halfway', async () => {
    makeTree('tree')
    await run('tree')
    write('tree/debian-installer/amd64/linux', 'the next kernel')
    // A folder where the second file's draft is to be: the copy fails after the first file.
    mkdirSync(at('boot/images/debian-12/.next/initrd.gz'), { recursive: true })
    await expect(run('tree')).rejects.toThrow()
    expect(imported('linux')).toBe('the kernel')
    expect(readdirSync(at('boot/images/debian-12')).sort()).toEqual(['initrd.gz', 'linux'])
  })
})
