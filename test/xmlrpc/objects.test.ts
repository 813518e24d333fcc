import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'vitest'
import { Double, type Value } from '../../src/xmlrpc/value.ts'
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
const save = () => server.call('save_system', handle, token)
const read = async (name = 'node1') => (await server.call('get_system', name)) as Shown
/** Structs come back without a prototype. */
function plain(value: Value | undefined): Value | undefined {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as Value)
}

describe('reading', () => {
  test('answers ~ for what is not there', async () => {
    assert.equal(await server.call('get_system', 'nobody'), '~')
    assert.equal(await server.call('get_item', 'profile', 'nobody', false, false), '~')
    assert.equal(await server.call('has_item', 'system', 'nobody'), false)
    assert.equal(await server.call('has_item', 'system', 'node1'), true)
  })

  test('lists all, or their names, by type', async () => {
    const all = (await server.call('get_systems')) as Shown[]
    assert.deepEqual(
      all.map(({ name }) => name),
      ['node1', 'node2'],
    )
    assert.deepEqual(plain(await server.call('get_items', 'system')), plain(all))
    assert.deepEqual(await server.call('get_item_names', 'profile'), ['trixie'])
    const [group] = (await server.call('get_mgmtclasses')) as Shown[]
    assert.deepEqual([group?.['name'], group?.['is_definition'], group?.['packages']], ['available', false, []])
    assert.equal(await server.fault('get_items', 'nonsense'), `${CX}'internal error, collection name is "nonsense"'`)
  })

  test('gives a system all fields of both dialects', async () => {
    const system = await read()
    const both = [
      ['ks_meta', 'autoinstall_meta'],
      ['kickstart', 'autoinstall'],
      ['enable_gpxe', 'enable_ipxe'],
    ] as const
    for (const [old, recent] of both) assert.deepEqual(plain(system[old]), plain(system[recent]))
    assert.deepEqual(plain(system['ks_meta']), {})
    assert.deepEqual(system['mgmt_classes'], [])
    assert.equal(system['netboot_enabled'], true)
    assert.equal(system['profile'], 'trixie')
    assert.equal(system['image'], '~')
    assert.equal(system['depth'], 2)
    const known = (
      'name uid owners profile image status kernel_options kernel_options_post ks_meta enable_gpxe proxy netboot_enabled ' +
      'kickstart comment depth server virt_path virt_type virt_cpus virt_file_size virt_disk_driver virt_ram ' +
      'virt_auto_boot virt_pxe_boot ctime mtime power_type power_address power_user power_pass power_id hostname gateway ' +
      'name_servers name_servers_search ipv6_default_device ipv6_autoconfiguration mgmt_classes mgmt_parameters boot_files ' +
      'fetchable_files template_files redhat_management_key redhat_management_server template_remote_kickstarts ' +
      'repos_enabled ldap_enabled ldap_type monit_enabled autoinstall autoinstall_meta boot_loaders enable_ipxe ' +
      'next_server_v4 next_server_v6 filename power_options power_identity_file serial_device serial_baud_rate interfaces ' +
      'is_subobject parent'
    ).split(' ')
    assert.deepEqual(Object.keys(system).sort(), known.sort())
  })

  test('gives times as seconds with a fraction', async () => {
    server.clock.at += 1500
    await modify('comment', 'x')
    await save()
    const { ctime, mtime } = await read()
    const seconds = Date.UTC(2026, 10, 22, 21, 56, 53) / 1000
    assert.deepEqual([ctime, mtime], [new Double(seconds), new Double(seconds + 1.5)])
    assert.deepEqual(await server.call('last_modified_time'), mtime)
  })

  test('flattens options to text when anything true stands second', async () => {
    await modify('ks_meta', { a: '1', b: null, c: ['x', 'y'] })
    await modify('mgmt_classes', ['a', 'b'])
    await save()
    for (const truth of [true, 1, token]) {
      const { ks_meta, mgmt_classes, kernel_options } = (await server.call('get_system', 'node1', truth)) as Shown
      assert.equal(ks_meta, 'a=1 b c=x c=y ')
      assert.equal(kernel_options, '')
      assert.deepEqual(mgmt_classes, ['a', 'b'])
    }
  })

  test('resolves inheritance when asked', async () => {
    const profile = String(await server.call('get_profile_handle', 'trixie', token))
    await server.call('modify_profile', profile, 'ks_meta', 'a=1 b=2', token)
    await server.call('save_profile', profile, token)
    await modify('ks_meta', 'b=3')
    await save()
    const resolved = (await server.call('get_system', 'node1', false, true, token)) as Shown
    assert.deepEqual(plain(resolved['ks_meta']), { a: '1', b: '3' })
    assert.equal(resolved['autoinstall'], 'default.seed')
    // The form before 3.3.3: the token stands where `resolved` stands now, and asks for nothing.
    const old = (await server.call('get_system', 'node1', false, token)) as Shown
    assert.deepEqual(plain(old['ks_meta']), { b: '3' })
  })

  test('gives profiles and distros what 2.x and 3.x clients expect', async () => {
    const profile = (await server.call('get_profile', 'trixie')) as Shown
    assert.equal(profile['distro'], 'trixie-x86_64')
    assert.deepEqual(plain(profile['ks_meta']), {})
    assert.equal(profile['is_subobject'], false)
    const distro = (await server.call('get_distro', 'trixie-x86_64')) as Shown
    assert.equal(distro['kernel'], '/srv/trixie/linux')
    assert.equal(distro['remote_boot_kernel'], '~')
    const child = String(await server.call('new_subprofile', token))
    await server.call('modify_profile', child, 'name', 'child', token)
    await server.call('modify_profile', child, 'parent', 'trixie', token)
    assert.equal(await server.call('save_profile', child, token), true)
    const shown = (await server.call('get_profile', 'child')) as Shown
    assert.equal(shown['ks_meta'], '<<inherit>>')
    assert.equal(shown['depth'], 2)
    assert.equal(shown['is_subobject'], true)
  })
})

describe('copying and removing', () => {
  test('a copy has no address of the original', async () => {
    await modify('modify_interface', { 'macaddress-eth0': '52:54:00:00:00:01', 'ipaddress-eth0': '10.77.0.5' })
    await modify('modify_interface', { 'dnsname-eth0': 'node1.lab', 'mtu-eth0': '9000' })
    await save()
    assert.equal(await server.call('copy_system', handle, 'node9', token), true)
    const [one, nine] = [await read('node1'), await read('node9')]
    assert.notEqual(one['uid'], nine['uid'])
    const nic = (nine['interfaces'] as Shown)['eth0'] as Shown
    assert.deepEqual([nic['mac_address'], nic['ip_address'], nic['dns_name'], nic['mtu']], ['', '', '', '9000'])
  })

  test('removing takes what depends on it, unless told not to', async () => {
    assert.equal(
      await server.fault('remove_distro', 'trixie-x86_64', token, false),
      `${CX}'removal would orphan profile: trixie'`,
    )
    assert.equal(await server.call('remove_distro', 'trixie-x86_64', token), true)
    assert.deepEqual(await server.call('get_systems'), [])
    assert.equal(await server.call('remove_item', 'system', 'node1', token), true)
  })
})

describe('xapi_object_edit', () => {
  const edit = (name: string, verb: string, attributes: Record<string, Value>) =>
    server.call('xapi_object_edit', 'system', name, verb, attributes, token)
  const editFault = (name: string, verb: string, attributes: Record<string, Value>) =>
    server.fault('xapi_object_edit', 'system', name, verb, attributes, token)

  test('adds with interface fields, and does not overwrite', async () => {
    const given = { profile: 'trixie', interface: 'eth1', mac_address: '52:54:00:00:00:09', ip_address: '10.77.0.9' }
    assert.equal(await edit('node3', 'add', given), true)
    const { interfaces } = await read('node3')
    assert.equal(((interfaces as Shown)['eth1'] as Shown)['mac_address'], '52:54:00:00:00:09')
    assert.equal(
      await editFault('node3', 'add', given),
      `${CX}"It seems unwise to overwrite the object node3, try 'edit'"`,
    )
    const { uid } = await read('node3')
    assert.equal(await edit('node3', 'add', { profile: 'trixie', comment: 'anew', clobber: true }), true)
    const anew = await read('node3')
    assert.deepEqual([anew['uid'], anew['comment'], plain(anew['interfaces'])], [uid, 'anew', {}])
    assert.equal(await editFault('x', 'add', {}), `${CX}"You must specify a 'profile' or 'image' for new systems"`)
    assert.equal(await editFault(' ', 'add', {}), `${CX}'xapi_object_edit() called without an object name'`)
    assert.equal(await editFault('x', 'edit', {}), `${CX}'internal error, unknown system name x'`)
  })

  test('edits in place, deletes and renames interfaces, copies, renames, removes', async () => {
    await edit('node1', 'edit', { ks_meta: 'a=1 b=2', interface: 'eth0', mac_address: '52:54:00:00:00:01' })
    await edit('node1', 'edit', { ks_meta: 'b=3 ~a c', in_place: true })
    assert.deepEqual(plain((await read())['ks_meta']), { b: '3', c: '~' })
    await edit('node1', 'edit', { interface: 'eth0', rename_interface: 'eno1' })
    assert.deepEqual(Object.keys((await read())['interfaces'] as Shown), ['eno1'])
    await edit('node1', 'edit', { interface: 'eno1', delete_interface: true })
    assert.deepEqual(Object.keys((await read())['interfaces'] as Shown), [])
    await edit('node1', 'copy', { newname: 'node4' })
    await edit('node4', 'rename', { newname: 'node5' })
    await edit('node1', 'remove', {})
    assert.deepEqual(await server.call('get_item_names', 'system'), ['node2', 'node5'])
  })
})
