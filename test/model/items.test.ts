/** The rules that an object keeps on its own: names, addresses, kernels that are kernels. */
import { describe, expect, test } from 'vitest'
import { parseIpv4, parseMac } from '../../src/model/address.ts'
import { OrchestraError } from '../../src/model/errors.ts'
import {
  checkItem,
  copyItem,
  emptyItem,
  ITEM_TYPES,
  type ItemOf,
  type ItemType,
  isItemType,
} from '../../src/model/items.ts'
import { emptyInterface, interfaceByMac, macsOf } from '../../src/model/system.ts'

const UID = '0123456789abcdef0123456789abcdef'
const mac = (last: string) => parseMac(`52:54:00:77:00:${last}`)

function fault<Type extends ItemType>(type: Type, more: Partial<ItemOf[Type]>): string {
  try {
    checkItem(type, { ...emptyItem(type, UID), name: 'one', ...more })
    return 'good'
  } catch (error) {
    if (!(error instanceof OrchestraError) || error.code !== 'item.invalid') throw error
    return error.message
  }
}

const kernel = '/srv/trixie/linux'

describe('a name', () => {
  test.each(['node1', 'precise-x86_64', 'a.b:c+d', '0'])('may be %s', (name) => {
    expect(fault('mgmtclass', { name })).toBe('good')
  })

  test.each([
    ['', 'Name is required'],
    ['a b', "Invalid characters in name: 'a b'"],
  ])('may not be %j', (name, sentence) => {
    expect(fault('mgmtclass', { name })).toBe(sentence)
  })

  test.each(['a/b', '../x', 'a\n', 'ä', '$x', "a'b", 'x'.repeat(256)])('may not be %j', (name) => {
    expect(fault('mgmtclass', { name })).toMatch(/^Invalid characters in name/)
  })
})

test('a uid goes through a shell and YAML unharmed', () => {
  expect(fault('mgmtclass', { uid: 'MTMzOTk4.abc_-=' })).toBe('good')
  for (const uid of ['', 'a b', 'a;b', 'a/b', 'x'.repeat(129), 'a\n'])
    expect(fault('mgmtclass', { uid })).toMatch(/^Invalid uid/)
})

describe('a distro', () => {
  test('has a kernel and maybe an initial ramdisk, by absolute paths and named like what they are', () => {
    expect(fault('distro', { kernel, initrd: '/srv/trixie/initrd.gz' })).toBe('good')
    expect(fault('distro', { kernel })).toBe('good')
    expect(fault('distro', {})).toMatch(/kernel is required/)
    expect(fault('distro', { kernel: 'linux' })).toMatch(/must be an absolute path: linux/)
    expect(fault('distro', { kernel, initrd: 'initrd.gz' })).toMatch(/must be an absolute path/)
  })

  test('cannot be made to serve any other file of this host', () => {
    expect(fault('distro', { kernel: '/etc/shadow' })).toMatch(/not named like one: shadow/)
    expect(fault('distro', { kernel, initrd: '/root/.ssh/id_rsa' })).toMatch(/not named like one: id_rsa/)
    expect(fault('distro', { kernel: '/linux/../etc/passwd' })).toMatch(/not named like one/)
  })
})

test('a profile has a distro or a parent', () => {
  expect(fault('profile', {})).toMatch(/distro is required/)
  expect([fault('profile', { distro: 'd' }), fault('profile', { parent: 'p' })]).toEqual(['good', 'good'])
})

describe('a system', () => {
  const eth = (address: string) => ({
    ...emptyInterface(),
    macAddress: mac(address),
    ipAddress: parseIpv4('10.77.0.9'),
  })

  test('has a profile or an image', () => {
    expect(fault('system', {})).toMatch(/profile or image is required/)
    expect([fault('system', { profile: 'p' }), fault('system', { image: 'i' })]).toEqual(['good', 'good'])
  })

  test('has each MAC address once, and many interfaces without one', () => {
    expect(
      fault('system', {
        profile: 'p',
        interfaces: { eth0: eth('01'), eth1: eth('02'), eth2: emptyInterface(), eth3: emptyInterface() },
      }),
    ).toBe('good')
    expect(fault('system', { profile: 'p', interfaces: { eth0: eth('01'), eth1: eth('01') } })).toMatch(
      /have the MAC address 52:54:00:77:00:01/,
    )
  })

  test('is found by its MAC addresses', () => {
    const system = { ...emptyItem('system', UID), interfaces: { eth0: eth('01'), eth1: emptyInterface() } }
    expect(macsOf(system)).toEqual([mac('01')])
    expect([interfaceByMac(system, mac('01')), interfaceByMac(system, mac('02'))]).toEqual([
      system.interfaces.eth0,
      undefined,
    ])
  })

  test('copied, leaves its addresses on the network to the original', () => {
    const system = {
      ...emptyItem('system', UID),
      name: 'node1',
      revision: 4,
      profile: 'p',
      interfaces: { eth0: { ...eth('01'), dnsName: 'node1.lab', mtu: '9000' } },
    }
    expect(copyItem('system', system, 'other', 'node2')).toEqual({
      ...system,
      ...{ uid: 'other', name: 'node2', revision: 0 },
      interfaces: { eth0: { ...emptyInterface(), mtu: '9000' } },
    })
  })
})

test('the kinds of objects are known by name', () => {
  expect(ITEM_TYPES.every(isItemType)).toBe(true)
  expect(['', 'System', 'snippet', 'toString', '__proto__'].filter(isItemType)).toEqual([])
})
