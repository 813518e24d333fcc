import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'vitest'
import type { Value } from '../../src/xmlrpc/value.ts'
import { aServer, furnish, type TestServer } from './support.ts'

const CX = "<class 'cobbler.cexceptions.CX'>:"
type Shown = Record<string, Value>
let server: TestServer
let token: string
let handle: string

beforeEach(async () => {
  server = await aServer()
  token = await server.login()
  await furnish(server, token, 'node1', 'node2')
  handle = String(await server.call('get_system_handle', 'node1', token))
})

const modify = (attribute: string, value: Value) => server.call('modify_system', handle, attribute, value, token)
const modifyFault = (attribute: string, value: Value) => server.fault('modify_system', handle, attribute, value, token)
const save = () => server.call('save_system', handle, token)
const read = async (name = 'node1') => (await server.call('get_system', name)) as Shown
async function roundTrip(attribute: string, value: Value, shownAs = attribute): Promise<Value | undefined> {
  assert.equal(await modify(attribute, value), true, attribute)
  assert.equal(await save(), true)
  return plain((await read())[shownAs])
}

/** Structs come back without a prototype. */
function plain(value: Value | undefined): Value | undefined {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as Value)
}

describe('modifying', () => {
  test('takes the names of both dialects and their short forms', async () => {
    for (const name of ['ks_meta', 'ksmeta', 'autoinstall_meta']) {
      assert.deepEqual(await roundTrip(name, { key: name }, 'ks_meta'), { key: name })
    }
    for (const name of ['kernel_options', 'kopts']) {
      assert.deepEqual(await roundTrip(name, `by=${name}`, 'kernel_options'), { by: name })
    }
    for (const name of ['kernel_options_post', 'kopts_post']) {
      assert.deepEqual(await roundTrip(name, `by=${name}`, 'kernel_options_post'), { by: name })
    }
    for (const name of ['netboot_enabled', 'netboot-enabled']) {
      assert.equal(await roundTrip(name, name === 'netboot-enabled', 'netboot_enabled'), name === 'netboot-enabled')
    }
    assert.equal(await roundTrip('kickstart', 'a.seed', 'autoinstall'), 'a.seed')
    assert.equal(await roundTrip('autoinstall', 'b.seed', 'kickstart'), 'b.seed')
    assert.equal(await roundTrip('enable_gpxe', true, 'enable_ipxe'), true)
    assert.equal(await roundTrip('next_server', '10.0.0.1', 'next_server_v4'), '10.0.0.1')
  })

  test('answers False to an attribute that there is not', async () => {
    assert.equal(await modify('nonsense', 'x'), false)
    assert.equal(await modify('__proto__', 'x'), false)
    assert.equal(await modify('constructor', 'x'), false)
  })

  test('reads options as a shell does, and keeps a struct as it is', async () => {
    assert.deepEqual(await roundTrip('ks_meta', "a=1 b c='two words' a=2"), { a: ['1', '2'], b: '~', c: 'two words' })
    assert.deepEqual(await roundTrip('ks_meta', { MACHINE_ID: '0', USER_DATA_BASE64: 'I2Nsb3Vk==' }), {
      MACHINE_ID: '0',
      USER_DATA_BASE64: 'I2Nsb3Vk==',
    })
    assert.deepEqual(await roundTrip('ks_meta', ''), {})
    assert.deepEqual(await roundTrip('ks_meta', '<<inherit>>'), {})
    assert.equal(
      await modifyFault('ks_meta', ['a=1']),
      `${CX}'invalid ks_meta: it must be a struct or a string like "a=1 b"'`,
    )
    assert.match(await modifyFault('kopts', 5), /invalid kernel_options/)
  })

  test('reads lists as lists or as words', async () => {
    assert.deepEqual(await roundTrip('mgmt_classes', 'a b'), ['a', 'b'])
    assert.deepEqual(await roundTrip('mgmt_classes', 'a,b'), ['a,b'])
    assert.deepEqual(await roundTrip('mgmt_classes', ['x', 'y']), ['x', 'y'])
    assert.deepEqual(await roundTrip('mgmt_classes', 'delete'), [])
    assert.deepEqual(await roundTrip('mgmt_classes', '~'), ['~'])
    assert.deepEqual(await roundTrip('mgmt_classes', ''), [])
    assert.equal(await roundTrip('owners', '<<inherit>>'), '<<inherit>>')
  })

  test('reads truth loosely', async () => {
    for (const yes of [true, 1, 'true', 'TRUE', 'y', 'Yes', 'on', '1']) {
      assert.equal(await roundTrip('netboot_enabled', yes), true, String(yes))
    }
    for (const no of [false, 0, 'false', 'no', 'maybe', '', null]) {
      assert.equal(await roundTrip('netboot_enabled', no), false, String(no))
    }
  })

  test('takes null and ~ for nothing', async () => {
    await roundTrip('hostname', 'a.b.c')
    assert.equal(await roundTrip('hostname', null), '')
    assert.equal(await roundTrip('image', '~'), '~')
    assert.equal(server.catalog.get('system', 'node1')?.image, '')
  })

  test('keeps what Orchestra does not act on', async () => {
    assert.equal(await roundTrip('virt_ram', '512'), 512)
    assert.equal(await roundTrip('virt_type', 'kvm'), 'kvm')
    assert.equal(await roundTrip('virt_cpus', '<<inherit>>'), '<<inherit>>')
    assert.equal(await roundTrip('proxy', 'http://proxy:3128'), 'http://proxy:3128')
    assert.deepEqual(await roundTrip('boot_loaders', 'grub pxe'), ['grub', 'pxe'])
    assert.match(await modifyFault('virt_ram', 'much'), /virt_ram must be a number/)
    assert.match(await modifyFault('comment', { a: 1 }), /comment must be a string/)
  })

  test('takes every field that an answer shows, as a client that writes back what it read does', async () => {
    for (const [type, name] of [
      ['system', 'node1'],
      ['profile', 'trixie'],
      ['distro', 'trixie-x86_64'],
      ['mgmtclass', 'available'],
    ] as const) {
      const before = plain((await server.call(`get_${type}`, name)) as Value) as Shown
      const one = String(await server.call(`get_${type}_handle`, name, token))
      for (const [field, value] of Object.entries(before)) {
        const given = field === 'ctime' || field === 'mtime' ? 1.5 : value
        assert.equal(await server.call(`modify_${type}`, one, field, given, token), true, `${type} ${field}`)
      }
      assert.equal(await server.call(`save_${type}`, one, token), true)
      const after = plain((await server.call(`get_${type}`, name)) as Value) as Shown
      assert.deepEqual({ ...after, ctime: 0, mtime: 0 }, { ...before, ctime: 0, mtime: 0 })
    }
  })

  test('sets the uid, by which juju knows the machine', async () => {
    assert.equal(await roundTrip('uid', 'MTM0-abc.1_x=='), 'MTM0-abc.1_x==')
    assert.deepEqual(await server.call('find_system', { uid: 'MTM0-abc.1_x==' }), ['node1'])
    assert.match(await modifyFault('uid', 'a b; rm -rf'), /Invalid uid/)
  })

  test('refuses names that break things', async () => {
    assert.equal(await modifyFault('name', 'bad name!'), `${CX}"Invalid characters in name: 'bad name!'"`)
  })

  test('looks the object up before the token, so that a machine that is gone is told first', async () => {
    assert.equal(
      await server.fault('modify_system', 'system::gone', 'comment', 'x', ''),
      `${CX}'internal error, unknown system name gone'`,
    )
    assert.equal(
      await server.fault('save_system', 'system::gone', ''),
      `${CX}'internal error, unknown system name gone'`,
    )
    assert.equal(
      await server.fault('get_system_handle', 'gone', token),
      `${CX}'internal error, unknown system name gone'`,
    )
    assert.match(
      await server.fault('modify_system', '___NEW___system::x', 'comment', 'x', token),
      /unknown system handle/,
    )
    assert.match(await server.fault('modify_system', 'profile::trixie', 'comment', 'x', token), /unknown system handle/)
  })
})

describe('saving', () => {
  test('makes new objects, and says what they lack', async () => {
    const fresh = String(await server.call('new_system', token))
    assert.match(fresh, /^___NEW___system::[0-9a-f]{32}$/)
    assert.equal(await server.fault('save_system', fresh, token), `${CX}'Name is required'`)
    await server.call('modify_system', fresh, 'name', 'node3', token)
    assert.equal(
      await server.fault('save_system', fresh, token),
      `${CX}'Error with system node3 - profile or image is required'`,
    )
    assert.equal(
      await server.fault('modify_system', fresh, 'profile', 'nothing', token),
      `${CX}'invalid profile name: nothing'`,
    )
    await server.call('modify_system', fresh, 'profile', 'trixie', token)
    assert.equal(await server.call('save_system', fresh, token, 'new'), true)
    assert.equal((await read('node3'))['profile'], 'trixie')
  })

  test('goes on with the handle of a new object for ten minutes', async () => {
    const fresh = String(await server.call('new_item', 'system', token))
    await server.call('modify_item', 'system', fresh, 'name', 'node3', token)
    await server.call('modify_item', 'system', fresh, 'profile', 'trixie', token)
    await server.call('save_item', 'system', fresh, token)
    server.clock.at += 9 * 60_000
    await server.call('modify_item', 'system', fresh, 'comment', 'later', token)
    assert.equal(await server.call('save_item', 'system', fresh, token), true)
    assert.equal((await read('node3'))['comment'], 'later')
    server.clock.at += 11 * 60_000
    assert.match(await server.fault('modify_system', fresh, 'comment', 'x', token), /unknown system handle/)
  })

  test('refuses the name of another, in whatever edit mode', async () => {
    const fresh = String(await server.call('new_system', token))
    await server.call('modify_system', fresh, 'name', 'node1', token)
    await server.call('modify_system', fresh, 'profile', 'trixie', token)
    assert.equal(
      await server.fault('save_system', fresh, token, 'new'),
      `${CX}"An object already exists with that name. Try 'edit'?"`,
    )
    assert.match(await server.fault('save_system', fresh, token), /a system named node1 exists already/)
    assert.equal((await read('node1'))['comment'], '')
  })

  test('tells the second of two that he is second, and keeps what the first has saved', async () => {
    const other = await server.login()
    await modify('comment', 'mine')
    await server.call('modify_system', handle, 'comment', 'yours', other)
    assert.equal(await server.call('save_system', handle, other), true)
    assert.match(await server.fault('save_system', handle, token), /was changed by someone else/)
    assert.equal((await read())['comment'], 'yours')
    // The refused changes are gone; new ones start from what is there.
    assert.match(await server.fault('save_system', handle, token), /no changes of system::node1 to save/)
    await modify('status', 'testing')
    assert.equal(await save(), true)
    const { comment, status } = await read()
    assert.deepEqual([comment, status], ['yours', 'testing'])
  })

  test('has nothing to do for a handle that was taken and not used', async () => {
    const before = server.catalog.get('system', 'node1')
    assert.equal(await save(), true)
    assert.equal(server.catalog.get('system', 'node1'), before)
  })

  test('changes a name, and those that name it follow', async () => {
    const profile = String(await server.call('get_profile_handle', 'trixie', token))
    assert.equal(await server.call('rename_profile', profile, 'debian13', token), true)
    assert.equal((await read())['profile'], 'debian13')
    assert.match(await server.fault('rename_system', handle, 'node2', token), /a system named node2 exists already/)
    assert.deepEqual(await server.call('get_item_names', 'system'), ['node1', 'node2'])
  })
})
