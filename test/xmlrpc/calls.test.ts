/** Calls that read beside those that read an object: settings, choices, what inheritance makes of it, pages. */
import assert from 'node:assert/strict'
import { beforeAll, describe, expect, test } from 'vitest'
import { isStruct, type Struct, type Value } from '../../src/xmlrpc/value.ts'
import { aServer, furnish, type TestServer } from './support.ts'

const CX = "<class 'cobbler.cexceptions.CX'>:"
let server: TestServer
let token: string

beforeAll(async () => {
  server = await aServer()
  token = await server.login()
  await furnish(server, token, 'node1', 'node2')
  await change('system', 'node1', {
    modify_interface: {
      'macaddress-eth0': '52:54:00:00:00:01',
      'ipaddress-eth0': '10.77.0.5',
      'dnsname-eth0': 'node1.lab',
    },
    mgmt_classes: ['available'],
    ks_meta: { a: '1', bare: null },
    power_pass: 'hunter2',
    power_user: 'root',
    redhat_management_key: 'k3y',
    hostname: 'node1.lab',
  })
  await change('profile', 'trixie', { kernel_options: 'quiet nomodeset', repos: ['extras'], virt_ram: 2048 })
  await change('distro', 'trixie-x86_64', { kernel_options: { quiet: null, ipv6: 'off' } })
})

async function change(type: string, name: string, values: Record<string, Value>): Promise<void> {
  const handle = String(await server.call(`get_${type}_handle`, name, token))
  for (const [key, value] of Object.entries(values)) {
    assert.equal(await server.call(`modify_${type}`, handle, key, value, token), true, key)
  }
  assert.equal(await server.call(`save_${type}`, handle, token), true)
}

async function struct(method: string, ...args: Value[]): Promise<Struct> {
  const answer = await server.call(method, ...args)
  assert.ok(isStruct(answer), method)
  return answer
}

describe('settings', () => {
  test('have what clients read, and no secret', async () => {
    const settings = await struct('get_settings')
    assert.ok(Object.keys(settings).length > 100)
    expect(settings).toMatchObject({
      server: '10.77.0.1',
      http_port: 8080,
      manage_dhcp: true,
      default_password_crypted: '',
    })
  })

  test('are changed by an admin: 0 is done, 1 is not', async () => {
    assert.equal(await server.call('modify_setting', 'register_new_installs', true, token), 0)
    assert.equal((await struct('get_settings'))['register_new_installs'], true)
    assert.equal(await server.call('modify_setting', 'register_new_installs', 'false', token), 0)
    assert.equal((await struct('get_settings'))['register_new_installs'], false)
    for (const [name, value] of [
      ['no_such', 1],
      ['__proto__', 1],
      ['server', '1.2.3.4'],
      ['default_virt_ram', 'much'],
      ['enable_menu', 'maybe'],
    ] as const) {
      assert.equal(await server.call('modify_setting', name, value, token), 1, name)
    }
  })
})

describe('choices', () => {
  test('are lists of words', async () => {
    for (const method of ['get_valid_breeds', 'get_valid_os_versions', 'get_valid_archs']) {
      const list = await server.call(method, token)
      assert.ok(Array.isArray(list) && list.length > 5 && list.every((word) => typeof word === 'string'), method)
    }
    assert.ok(((await server.call('get_valid_os_versions_for_breed', 'debian')) as Value[]).includes('trixie'))
    assert.deepEqual(await server.call('get_valid_os_versions_for_breed', 'constructor'), [])
    const { breeds } = await struct('get_signatures')
    assert.ok(isStruct(breeds ?? null) && isStruct((breeds as Struct)['ubuntu'] ?? null))
    assert.deepEqual(await server.call('get_valid_system_boot_loaders', 'node1', token), ['grub', 'pxe', 'ipxe'])
  })

  test('of a MAC address are free and of the prefix of their kind', async () => {
    assert.match(String(await server.call('get_random_mac')), /^00:16:3e(:[0-9a-f]{2}){3}$/)
    assert.match(String(await server.call('get_random_mac', 'vmware')), /^00:50:56(:[0-9a-f]{2}){3}$/)
    assert.match(String(await server.call('get_random_mac', 'kvm', token)), /^00:16:3e/)
    assert.match(await server.fault('get_random_mac', 'nonsense'), /virt mac assignment not yet supported/)
  })

  test('of repositories are those that fit the architecture', async () => {
    for (const [name, arch] of [
      ['extras', 'x86_64'],
      ['arm', 'aarch64'],
      ['all', 'noarch'],
    ] as const) {
      const repo = { ...server.catalog.draft('repo'), name, arch, mirror: `http://deb.example/${name}` }
      await server.catalog.save('repo', repo)
    }
    const names = async (profile: string) =>
      ((await server.call('get_repos_compatible_with_profile', profile, token)) as Struct[]).map(({ name }) => name)
    assert.deepEqual(await names('trixie'), ['all', 'extras'])
    assert.deepEqual(await names('nope'), [])
  })
})

describe('what inheritance makes of an object', () => {
  test('is one flat struct with options as text and interfaces by name', async () => {
    const whole = await struct('get_system_as_rendered', 'node1', token)
    expect(whole).toMatchObject({
      name: 'node1',
      kernel_options: 'quiet ipv6=off nomodeset ',
      ks_meta: 'a=1 bare ',
      mac_address_eth0: '52:54:00:00:00:01',
      virt_ram: 2048,
      distro: 'trixie-x86_64',
      http_port: 8080,
      power_pass: 'hunter2',
    })
    assert.match(String(whole['pxelinux.cfg']), /linux/)
    assert.deepEqual(Object.keys(whole['mgmt_classes'] as Struct), ['available'])
    expect(await struct('get_system_for_koan', 'node1', token)).toEqual(whole)
    expect(await struct('find_system_by_dns_name', 'NODE1.lab', token)).toEqual(whole)
    expect(await struct('get_blended_data', '', 'node1')).toMatchObject({ name: 'node1', ks_meta: 'a=1 bare ' })
    expect(await struct('get_blended_data', 'trixie')).toMatchObject({ name: 'trixie', arch: 'x86_64' })
  })

  test('is nothing for what is not there, and a fault for blended data', async () => {
    expect(await struct('get_system_as_rendered', 'nope')).toEqual({})
    expect(await struct('find_system_by_dns_name', 'nope')).toEqual({})
    assert.equal(await server.fault('get_blended_data', '', 'nope'), `${CX}'system not found: nope'`)
    assert.equal(await server.fault('get_blended_data', 'nope', ''), `${CX}'profile not found: nope'`)
    assert.equal(await server.fault('get_blended_data'), `${CX}'internal error, no system or profile specified'`)
  })

  test('has no secret for who has no token', async () => {
    for (const [method, ...args] of [
      ['get_system_as_rendered', 'node1'],
      ['get_system_for_koan', 'node1'],
      ['get_blended_data', '', 'node1'],
      ['find_system_by_dns_name', 'node1.lab'],
      ['get_system', 'node1', false, true],
      ['get_config_data', 'node1'],
      ['get_systems_since', 0],
      ['find_items_paged', 'system', {}],
    ] as const) {
      assert.doesNotMatch(JSON.stringify(await server.call(method, ...args)), /hunter2|k3y/, method)
    }
  })

  test('is there for one value', async () => {
    const { uid = '' } = await struct('get_system', 'node1')
    assert.equal(await server.call('get_item_resolved_value', uid, 'virt_ram', token), 2048)
    assert.deepEqual(await server.call('get_item_resolved_value', uid, 'mgmt_classes', token), ['available'])
    expect(await server.call('get_item_resolved_value', uid, 'kernel_options', token)).toEqual({
      quiet: '~',
      ipv6: 'off',
      nomodeset: '~',
    })
    assert.match(await server.fault('get_item_resolved_value', uid, 'nope', token), /^<class 'AttributeError'>:/)
    assert.match(await server.fault('get_item_resolved_value', 'nope', 'name', token), /^<class 'ValueError'>:/)
    assert.match(String(await server.call('dump_vars', uid, true)), /^arch : "x86_64"$/m)
  })

  test.each(['image', 'repo', 'menu', 'package', 'file', 'mgmtclass', 'distro', 'profile'])(
    'is there for a %s',
    async (type) => {
      await server.call('xapi_object_edit', type, 'r1', 'add', NEEDS[type] ?? {}, token)
      expect(await struct(`get_${type}_as_rendered`, 'r1')).toMatchObject({ name: 'r1', http_port: 8080 })
      const resolved = await struct(`get_${type}`, 'r1', false, true)
      assert.ok(!Object.values(resolved).includes('<<inherit>>'), JSON.stringify(resolved))
      await server.call('xapi_object_edit', type, 'r1', 'remove', {}, token)
    },
  )

  test('is JSON for koan', async () => {
    const data = JSON.parse(String(await server.call('get_config_data', 'node1.lab')))
    expect(data).toMatchObject({ packages: {}, files: {} })
  })
})

const NEEDS: Readonly<Record<string, Struct>> = {
  distro: { kernel: '/srv/linux' },
  profile: { distro: 'trixie-x86_64' },
  repo: { mirror: 'http://deb.example' },
}

describe('lists', () => {
  test('have what was changed since', async () => {
    const before = server.clock.at / 1000
    server.clock.at += 5_000
    await change('system', 'node2', { comment: 'new' })
    const names = (await server.call('get_systems_since', before)) as Struct[]
    assert.deepEqual(
      names.map(({ name }) => name),
      ['node2'],
    )
    assert.deepEqual(await server.call('get_distros_since', before + 100), [])
  })

  test('come in pages, by a name too', async () => {
    for (let i = 0; i < 12; i++) {
      await server.catalog.save('mgmtclass', { ...server.catalog.draft('mgmtclass'), name: `page${i + 10}` })
    }
    const page = await struct('find_items_paged', 'mgmtclass', { name: 'page*' }, '!name', 2, 5)
    assert.deepEqual(
      (page['items'] as Struct[]).map(({ name }) => name),
      ['page16', 'page15', 'page14', 'page13', 'page12'],
    )
    expect(page['pageinfo']).toEqual({
      page: 2,
      prev_page: 1,
      next_page: 3,
      pages: [1, 2, 3],
      num_pages: 3,
      num_items: 12,
      start_item: 5,
      end_item: 10,
      items_per_page: 5,
      items_per_page_list: [10, 20, 50, 100, 200, 500],
    })
    const { pageinfo } = await struct('find_items_paged', 'mgmtclass', {}, '', 'x', -1)
    expect(pageinfo).toMatchObject({ page: 1, prev_page: '~', items_per_page: 25 })
  })
})
