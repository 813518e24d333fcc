/** What the lab reads of this machine's packages: os-release, apt's stanzas, and the modules of a kernel. */
import { describe, expect, test } from 'vitest'
import { closeOver, type ModuleTree } from '../../devenv/kernel.ts'
import { findOs, parseStanzas } from '../../devenv/packages.ts'

describe('the operating system', () => {
  test.each([
    [
      'Debian',
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
      { id: 'debian', version: '12' },
    ],
    ['Ubuntu', 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n', { id: 'ubuntu', version: '24.04' }],
    ['a child of Ubuntu', 'ID=mint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"\n', { id: 'ubuntu', version: '22' }],
    ['Debian testing', 'ID=debian\n', { id: 'debian', version: '' }],
  ])('is known when it is %s', (_, text, os) => {
    expect(findOs(text, 'x64')).toEqual(os)
  })

  test('is refused by its name when it is another', () => {
    expect(() => findOs('PRETTY_NAME="Arch Linux"\nID=arch\n', 'x64')).toThrow('this is Arch Linux')
  })

  test('is refused on another processor', () => {
    expect(() => findOs('ID=debian\n', 'arm64')).toThrow(/on arm64 it has not been tried/)
  })
})

test('packages are read from what apt-cache shows', () => {
  const text = [
    'Package: linux-image-cloud-amd64\nVersion: 6.1.192-2\nDepends: linux-image-6.1.0-56-cloud-amd64 (= 6.1.192-2)\n',
    'Package: shim\nPre-Depends: debconf (>= 1) | debconf-2.0\nVersion: 1:2\nDepends: a, b:any | c-2.0+x\nDescription: x\n y\n',
  ].join('\n')
  expect(parseStanzas(text)).toEqual([
    { name: 'linux-image-cloud-amd64', version: '6.1.192-2', depends: ['linux-image-6.1.0-56-cloud-amd64'] },
    { name: 'shim', version: '1:2', depends: ['debconf', 'debconf-2.0', 'a', 'b', 'c-2.0+x'] },
  ])
  expect(parseStanzas('')).toEqual([])
})

/** A kernel whose modules have only a .modinfo. */
function kernel(modules: Record<string, string>, builtin: string[] = []): ModuleTree {
  return {
    builtin: new Set(builtin),
    has: (name) => Object.hasOwn(modules, name),
    read: (name) => Buffer.from(`\x7fELF\0license=GPL\0${modules[name]}\0`, 'latin1'),
  }
}

describe('the modules to load', () => {
  const names = (wanted: string[], tree: ModuleTree) => closeOver(wanted, tree).map(({ name }) => name)

  test('come after those that they depend on, each once', () => {
    const tree = kernel({
      net: 'depends=failover,virtio',
      failover: 'depends=',
      virtio: 'depends=',
      blk: 'depends=virtio',
    })
    expect(names(['net', 'blk'], tree)).toEqual(['failover', 'virtio', 'net', 'blk'])
  })

  test('are not those that are built in', () => {
    expect(names(['ext4', 'blk'], kernel({ blk: 'depends=virtio-ring' }, ['ext4', 'virtio_ring']))).toEqual(['blk'])
  })

  test('follow soft dependencies too, by the name of an algorithm or not at all', () => {
    const tree = kernel({ ext4: 'depends=\0softdep=pre: crc32c nowhere post: later', crc32c_generic: 'depends=' })
    expect(names(['ext4'], tree)).toEqual(['crc32c_generic', 'ext4'])
  })

  test('that are missing are named, with who needs them', () => {
    expect(() => names(['net'], kernel({ net: 'depends=gone' }))).toThrow('no module gone, which net needs')
  })
})
