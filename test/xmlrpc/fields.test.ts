/** Every field of every type: there, with its default, under both of its names, and read back as it was written. */
import assert from 'node:assert/strict'
import { beforeAll, describe, expect, test } from 'vitest'
import { ITEM_TYPES, PLURALS } from '../../src/model/items.ts'
import { encodeValue } from '../../src/xmlrpc/encode.ts'
import { fieldsOf, showItem } from '../../src/xmlrpc/fields.ts'
import { interfaceFields } from '../../src/xmlrpc/interface-fields.ts'
import * as kinds from '../../src/xmlrpc/kinds.ts'
import { Double, isStruct, type Struct, type Value } from '../../src/xmlrpc/value.ts'
import { writeItem } from '../../src/xmlrpc/write-item.ts'
import { COBBLER_FIELDS, INTERFACE_FIELDS } from './cobbler-fields.ts'
import { aServer, furnish, type TestServer } from './support.ts'

let server: TestServer
let token: string

/** What an object of the type cannot be saved without. */
const NEEDS: Readonly<Record<string, Struct>> = {
  distro: { kernel: '/srv/trixie/linux' },
  profile: { distro: 'trixie-x86_64' },
  system: { profile: 'trixie' },
  repo: { mirror: 'http://deb.example/debian' },
}

/** Fields that name something, or take only some words. */
const SPECIAL: Readonly<Record<string, readonly Value[]>> = {
  name: ['another.name'],
  uid: ['MTMzOTk4.abc=='],
  ctime: [new Double(1_600_000_000.5)],
  kernel: ['/srv/other/vmlinuz'],
  initrd: ['/srv/other/initrd.img'],
  distro: ['trixie-x86_64'],
  profile: ['trixie'],
  image: ['an-image'],
  mirror: ['http://deb.example/other'],
}

const SAMPLES = new Map<kinds.Kind, readonly Value[]>([
  [kinds.text, ['some words & <signs>', '<<inherit>>', '']],
  [kinds.flag, [true, false]],
  [kinds.number, [7, 512]],
  [kinds.list, [['a', 'b'], []]],
  [kinds.options, [{ a: '1', list: ['x', 'y'], bare: '~' }, {}]],
])

beforeAll(async () => {
  server = await aServer()
  token = await server.login()
  await furnish(server, token, 'node1')
  await make('image', 'an-image')
  await make('menu', 'a-menu')
})

async function make(type: string, name: string): Promise<string> {
  const handle = String(await server.call(`new_${type}`, token))
  for (const [field, value] of Object.entries({ ...NEEDS[type], name })) await set(type, handle, field, value)
  assert.equal(await server.call(`save_${type}`, handle, token), true)
  return handle
}

async function set(type: string, handle: string, field: string, value: Value): Promise<void> {
  assert.equal(await server.call(`modify_${type}`, handle, field, value, token), true, `${type}.${field}`)
}

async function get(type: string, name: string): Promise<Struct> {
  const found = await server.call(`get_${type}`, name, false, false, token)
  assert.ok(isStruct(found), `${type} ${name}`)
  return found
}

describe.each(ITEM_TYPES)('%s', (type) => {
  test('has every field of either Cobbler', async () => {
    await make(type, 'fresh')
    const shown = Object.keys(await get(type, 'fresh'))
    assert.deepEqual(
      COBBLER_FIELDS[type]?.filter((field) => !shown.includes(field)),
      [],
    )
  })

  test('reads back what was written, by each of its names', async () => {
    for (const field of fieldsOf(type)) {
      const [first = ''] = field.names
      if (['mtime', 'interfaces', 'depth', 'is_subobject'].includes(first)) continue
      for (const name of [...field.names, ...field.aliases]) {
        for (const value of samples(type, first, field.kind)) {
          const handle = await make(type, 'one')
          await set(type, handle, name, value)
          assert.equal(await server.call(`save_${type}`, handle, token), true, `${type}.${name}`)
          const saved = name === 'name' ? 'another.name' : 'one'
          const shown = await get(type, saved)
          for (const each of field.names) expect(shown[each], each).toEqual(expected(type, first, value, field.kind))
          await server.call(`remove_${type}`, saved, token)
        }
      }
    }
  })

  test('is in the plural, in find and in the family of items', async () => {
    await make(type, 'two')
    const names = (value: Value) => (Array.isArray(value) ? value : []).map((one) => (one as Struct)['name'])
    assert.ok(names(await server.call(`get_${PLURALS[type]}`)).includes('two'))
    assert.ok(names(await server.call('get_items', type)).includes('two'))
    assert.deepEqual(await server.call(`find_${type}`, { name: 'two' }), ['two'])
    assert.deepEqual(await server.call('find_items', type, { name: 'two' }, 'name', false), ['two'])
    assert.equal(await server.call('has_item', type, 'two'), true)
    assert.deepEqual(await server.call('get_item', type, 'two'), await server.call(`get_${type}`, 'two'))
    assert.equal(await server.call(`get_${type}_handle`, 'two', ''), `${type}::two`)
    assert.equal(await server.call(`copy_${type}`, `${type}::two`, 'three', token), true)
    assert.equal(await server.call(`rename_${type}`, `${type}::three`, 'four', token), true)
    assert.equal(await server.call(`get_${type}`, 'three'), '~')
    assert.equal(await server.call('remove_item', type, 'four', token), true)
    assert.equal(await server.call(`get_${type}`, 'four'), '~')
    assert.equal(
      await server.fault(`get_${type}_handle`, 'four', token),
      `<class 'cobbler.cexceptions.CX'>:'internal error, unknown ${type} name four'`,
    )
  })

  test('is written in the same words, however many there are', async () => {
    for (const item of server.catalog.list(type)) {
      for (const withSecrets of [true, false]) {
        const plain = encodeValue(showItem(type, item, withSecrets))
        assert.equal(writeItem(type, item, withSecrets).bytes.toString(), plain)
        assert.equal(writeItem(type, item, withSecrets).bytes.toString(), plain)
      }
    }
  })
})

function samples(type: string, field: string, kind: kinds.Kind): readonly Value[] {
  if (field === 'parent') return type === 'menu' ? ['a-menu'] : type === 'profile' ? ['trixie'] : ['anything']
  return SPECIAL[field] ?? SAMPLES.get(kind) ?? []
}

/** Inherited where there is nobody to inherit from is nothing; and nothing is `~` where Cobbler has it so. */
function expected(type: string, field: string, value: Value, kind: kinds.Kind): Value {
  if (value instanceof Double) return value
  if (type === 'repo' && field === 'mirror') return value
  if (value === '<<inherit>>') {
    const inherits = fieldsOf(type as 'system').find(({ names }) => names[0] === field)
    const written = inherits?.read(inherits.write({ other: {}, power: {} } as never, value))
    return written === '' ? nothing(type, field) : (written ?? '')
  }
  if (value === '' && kind === kinds.text) return nothing(type, field)
  return value
}

function nothing(type: string, field: string): Value {
  if (type === 'repo' && field === 'breed') return 'yum'
  const isNull =
    ['remote_boot_kernel', 'remote_boot_initrd'].includes(field) || (type === 'profile' && field === 'menu')
  return isNull ? '~' : ''
}

describe('an interface', () => {
  test('has the 23 fields of Cobbler, and reads each back, with underscores or without', async () => {
    assert.deepEqual(interfaceFields.flatMap(({ names }) => names).sort(), [...INTERFACE_FIELDS].sort())
    const sample = (field: string, kind: kinds.Kind): Value =>
      field === 'mac_address'
        ? '52:54:00:00:00:99'
        : field === 'ip_address'
          ? '10.9.9.9'
          : (SAMPLES.get(kind)?.[0] ?? '')
    for (const { names, kind } of interfaceFields) {
      for (const field of names) {
        for (const written of [field, field.replaceAll('_', '')]) {
          const handle = await make('system', 'nic')
          await set('system', handle, 'modify_interface', { [`${written}-eth0`]: sample(field, kind) })
          await server.call('save_system', handle, token)
          const { interfaces = {} } = await get('system', 'nic')
          const eth0 = (interfaces as Struct)['eth0'] as Struct
          assert.deepEqual(eth0[field], sample(field, kind), written)
          await server.call('remove_system', 'nic', token)
        }
      }
    }
  })
})

test('a new object has the defaults that clients count on', async () => {
  const some = async (type: string, name: string, ...fields: string[]) => {
    await make(type, name)
    const shown = await get(type, name)
    return fields.map((field) => shown[field])
  }
  expect(
    await some('system', 'd1', 'netboot_enabled', 'status', 'ks_meta', 'mgmt_classes', 'kickstart', 'power_type'),
  ).toEqual([true, 'production', {}, [], '<<inherit>>', ''])
  expect(await some('profile', 'd1', 'virt_cpus', 'dhcp_tag', 'depth', 'menu', 'kickstart')).toEqual([
    1,
    'default',
    1,
    '~',
    '<<inherit>>',
  ])
  expect(await some('image', 'd1', 'image_type', 'network_count', 'arch', 'depth', 'file')).toEqual([
    'iso',
    1,
    'x86_64',
    0,
    '',
  ])
  expect(await some('repo', 'd1', 'priority', 'keep_updated', 'mirror_locally', 'mirror_type', 'breed')).toEqual([
    99,
    true,
    true,
    'baseurl',
    'yum',
  ])
  expect(await some('package', 'd1', 'action', 'installer', 'version')).toEqual(['create', 'yum', ''])
  expect(await some('file', 'd1', 'action', 'is_dir', 'path')).toEqual(['create', false, ''])
  expect(await some('menu', 'd1', 'display_name', 'parent', 'depth')).toEqual(['', '', 1])
  expect(await some('mgmtclass', 'd1', 'is_definition', 'params', 'packages')).toEqual([false, {}, []])
})
