/** Tasks, the calls of machines that install, and the advice of check; each with its faults. */
import assert from 'node:assert/strict'
import { beforeAll, describe, test } from 'vitest'
import { isStruct, type Struct, type Value } from '../../src/xmlrpc/value.ts'
import { aServer, furnish, PASSWORD, type TestServer } from './support.ts'

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
  await change('profile', 'trixie', {
    kernel_options: 'quiet nomodeset',
    repos: ['extras', 'apt', 'nope'],
    virt_ram: 2048,
  })
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

describe('background tasks', () => {
  async function outcome(method: string, options: Struct): Promise<[string, string]> {
    const id = String(await server.call(method, options, token))
    assert.match(id, /^\d{4}-\d\d-\d\d_\d{6}_\w+_[0-9a-f]{32}$/)
    for (;;) {
      const status = (await server.call('get_task_status', id)) as Value[]
      if (status[2] !== 'running') return [String(status[2]), String(await server.call('get_event_log', id))]
      await new Promise(setImmediate)
    }
  }

  test.each(['background_sync', 'background_syncsystems'])('%s is done at once', async (method) => {
    const [state, log] = await outcome(method, { systems: ['node1'] })
    assert.equal(state, 'complete')
    assert.match(log, /### TASK COMPLETE ###\n$/)
  })

  test.each(['reposync', 'buildiso', 'replicate', 'hardlink', 'aclsetup', 'signature_update'])(
    'background_%s fails, and says what there is instead',
    async (method) => {
      const [state, log] = await outcome(`background_${method}`, {})
      assert.equal(state, 'failed')
      assert.match(log, /^.{20,}\n### TASK FAILED ###\n$/)
    },
  )

  test('background_import tells what was wrong with the path', async () => {
    assert.match(
      (await outcome('background_import', { path: '/nowhere', name: 'x' }))[1],
      /nothing to import at \/nowhere/,
    )
    assert.match((await outcome('background_import', { path: 'relative', name: 'x' }))[1], /absolute path/)
    assert.match((await outcome('background_import', { path: '/nowhere' }))[1], /no name specified/)
  })

  test('background_validate_autoinstall_files names what cannot be rendered', async () => {
    assert.deepEqual((await outcome('background_validate_autoinstall_files', {}))[0], 'complete')
    await server.call('xapi_object_edit', 'profile', 'broken', 'add', { distro: 'trixie-x86_64' }, token)
    const [state, log] = await outcome('background_validateks', {})
    assert.equal(state, 'failed')
    assert.match(log, /profile broken: default.seed line 3/)
    await server.call('remove_profile', 'broken', token)
  })

  test('are events, which each user reads once', async () => {
    assert.ok(Object.keys(await struct('get_events', 'me')).length > 5)
    assert.deepEqual(Object.keys(await struct('get_events', 'me')), [])
    assert.equal(await server.fault('get_task_status', 'nope'), `${CX}'no event with that id'`)
    assert.equal(await server.call('get_event_log', 'nope'), '?')
  })

  test('sync, sync_dhcp succeed; auto_add_repos does not pretend', async () => {
    assert.equal(await server.call('sync', token), true)
    assert.equal(await server.call('sync_dhcp', token), true)
    assert.match(await server.fault('auto_add_repos', token), /takes no repositories/)
  })
})

describe('machines that install', () => {
  test('are given their scripts without a token', async () => {
    assert.match(String(await server.call('generate_ipxe', '', '', 'node1')), /^#!ipxe/)
    assert.match(String(await server.call('generate_gpxe', '', 'node1')), /^#!ipxe/)
    assert.match(String(await server.call('generate_gpxe', 'trixie', '')), /^#!ipxe/)
    assert.equal(await server.call('generate_gpxe', 'nope', ''), '# profile not found')
    assert.equal(await server.call('generate_ipxe', '', '', 'nope'), '# system not found')
    assert.equal(await server.call('generate_ipxe', '', 'nope', ''), '# image not found')
    assert.equal(await server.call('generate_bootcfg', '', 'nope'), '# system not found')
    assert.match(String(await server.call('generate_bootcfg', '', 'node1')), /# \*\*\* ERROR \*\*\*/)
    assert.equal(await server.call('generate_script', '', 'node1', 'nope'), '# script template "nope" not found')
    assert.equal(
      await server.call('get_template_file_for_system', 'node1', '/etc/motd'),
      '# template path not found for specified system',
    )
  })

  test('are told their repositories', async () => {
    await server.call('xapi_object_edit', 'repo', 'extras', 'add', { mirror: 'http://deb.example/extras' }, token)
    await server.call('xapi_object_edit', 'repo', 'apt', 'add', { mirror: 'http://deb.example', breed: 'apt' }, token)
    const text = String(await server.call('get_repo_config_for_system', 'node1'))
    assert.match(text, /^\[extras\]\nname=extras\nbaseurl=http:\/\/deb.example\/extras\nenabled=1\npriority=99\n/)
    assert.equal(await server.call('get_repo_config_for_profile', 'nope'), '# profile not found')
  })

  test('report, and turn netboot off', async () => {
    assert.equal(await server.call('run_install_triggers', 'pre', 'system', 'node1', '10.77.0.5'), true)
    assert.equal(await server.call('run_install_triggers', 'never', 'system', 'node1', '10.77.0.5'), false)
    const during = (await struct('get_status', 'normal', token))['10.77.0.5'] as Value[]
    assert.deepEqual([during[1], during[2]], [-1, 'system:node1'])
    assert.match(String(during[5]), /^installing \(\d+m \d+s\)$/)
    assert.equal(await server.call('disable_netboot', 'node1'), true)
    assert.equal(server.catalog.get('system', 'node1')?.netbootEnabled, false)
    assert.equal(await server.call('disable_netboot', 'nope'), false)
    assert.equal(((await struct('get_status', 'normal', token))['10.77.0.5'] as Value[])[5], 'finished')
    assert.match(String(await server.call('get_status', 'text', token)), /system:node1 +\|.*\|finished/)
    await server.call('modify_setting', 'pxe_just_once', 0, token)
    assert.equal(await server.call('disable_netboot', 'node2'), false)
    await server.call('modify_setting', 'pxe_just_once', 1, token)
  })

  test('register themselves when that is allowed', async () => {
    const nic = { eth0: { mac_address: '52:54:00:00:00:77', ip_address: '10.77.0.77', netmask: '255.255.255.0' } }
    const info = { name: 'new1', profile: 'trixie', hostname: 'new1.lab', interfaces: nic }
    const fault = (more: Struct) => server.fault('register_new_system', { ...info, ...more })
    assert.equal(await fault({}), `${CX}'registration is disabled in cobbler settings'`)
    await server.call('modify_setting', 'register_new_installs', 1, token)
    assert.equal(await fault({ name: '' }), `${CX}'no system name submitted'`)
    assert.equal(await fault({ profile: '' }), `${CX}'profile not submitted'`)
    assert.equal(await fault({ interfaces: {} }), `${CX}'no interfaces submitted'`)
    assert.equal(await fault({ name: 'node1' }), `${CX}'system name conflicts'`)
    assert.equal(await fault({ hostname: 'node1.lab' }), `${CX}'hostname conflicts'`)
    const eth0 = (more: Struct) => fault({ interfaces: { eth0: { ...nic.eth0, ...more } } })
    assert.equal(await eth0({ mac_address: '' }), `${CX}'missing MAC address for interface eth0'`)
    assert.equal(await eth0({ mac_address: '52:54:00:00:00:01' }), `${CX}'mac conflict: 52:54:00:00:00:01'`)
    assert.equal(await eth0({ ip_address: '10.77.0.5' }), `${CX}'ip conflict: 10.77.0.5'`)
    assert.equal(await server.call('register_new_system', info), 0)
    assert.equal(server.catalog.get('system', 'new1')?.netbootEnabled, false)
    await server.call('modify_setting', 'register_new_installs', 0, token)
  })

  test('send logs when that is allowed, in parts and within bounds', async () => {
    const send = (name: string, file: string, offset: number, data: Value) =>
      server.call('upload_log_data', name, file, 5, offset, data)
    assert.equal(await send('node1', 'syslog', 0, Buffer.from('one')), false)
    await server.call('modify_setting', 'anamon_enabled', 1, token)
    assert.equal(await send('node1', 'syslog', 0, Buffer.from('one')), true)
    assert.equal(await send('node1', 'syslog', 3, Buffer.from(' two')), true)
    assert.equal(await send('node1', 'syslog', 100, Buffer.from('gap')), false)
    assert.equal(await send('nope', 'syslog', 0, Buffer.from('x')), false)
    for (const file of ['../x', 'a/b', '/etc/passwd', '..', '']) {
      assert.equal(await send('node1', file, 0, Buffer.from('x')), false, file)
    }
    assert.equal(await send('node1', 'big', 0, Buffer.alloc(5 * 1024 * 1024)), false)
    assert.equal(await server.call('clear_system_logs', 'system::node1', token), true)
    await server.call('modify_setting', 'anamon_enabled', 0, token)
  })
})

describe('check', () => {
  test('says what would keep machines from booting, and how to mend it', async () => {
    const advice = (await server.call('check', token)) as string[]
    const has = (pattern: RegExp) =>
      assert.ok(
        advice.some((one) => pattern.test(one)),
        `${pattern}: ${advice.join('\n')}`,
      )
    has(/distro trixie-x86_64: \/srv\/trixie\/linux is not on this server; import it again/)
    has(/system node2 has no MAC address/)
    has(/anonymous_reads is on/)
    has(/system new1 was never installed from here/)
    await change('system', 'node2', { power_pass: 'calvin', kickstart: 'gone.seed' })
    const more = (await server.call('check', token)) as string[]
    assert.ok(more.some((one) => /node2 has a power password that everybody knows/.test(one)))
    assert.ok(more.some((one) => /system node2: there is no preseed "gone.seed"/.test(one)))
    assert.ok(!more.join('').includes('calvin'))
  })

  test('is not for who has no token', async () => {
    assert.equal(await server.fault('check', ''), `${CX}'invalid token: '`)
    const viewer = String(await server.call('login', 'looker', PASSWORD))
    assert.ok(Array.isArray(await server.call('check', viewer)))
  })
})
