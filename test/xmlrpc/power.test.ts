import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'vitest'
import { Double, type Value } from '../../src/xmlrpc/value.ts'
import { aServer, furnish, type TestServer } from './support.ts'

const CX = "<class 'cobbler.cexceptions.CX'>:"
let server: TestServer
let token: string

beforeEach(async () => {
  server = await aServer()
  token = await server.login()
  await furnish(server, token, 'node1', 'node2', 'dead')
  for (const name of ['node1', 'node2', 'dead']) {
    await server.call('modify_system', `system::${name}`, 'power_type', 'fake', token)
    await server.call('modify_system', `system::${name}`, 'power_address', name, token)
    await server.call('save_system', `system::${name}`, token)
  }
})

const start = async (power: Value, systems: Value) =>
  String(await server.call('background_power_system', { power, systems }, token))

/** Power tasks of the fake driver end within a few turns of the event loop; failing ones after their tries. */
async function ended(id: string): Promise<readonly Value[]> {
  for (;;) {
    const status = (await server.call('get_task_status', id)) as readonly Value[]
    if (status[2] !== 'running') return status
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('background_power_system', () => {
  test('answers an id at once, and tells later how it went', async () => {
    const id = await start('on', ['node1', 'node2'])
    assert.match(id, /^2026-11-22_215653_power_[0-9a-f]{32}$/)
    const [at, title, state, readers] = await ended(id)
    assert.deepEqual([title, state, readers], ['Power management (on)', 'complete', []])
    assert.deepEqual(at, ((await server.call('get_task_status', id)) as Value[])[0])
    assert.deepEqual(server.powered.toSorted(), ['node1 on', 'node2 on'])
    assert.match(String(await server.call('get_event_log', id)), /node1 is on.*### TASK COMPLETE ###\n$/s)
  })

  test('gives two in one second two ids', async () => {
    assert.notEqual(await start('on', ['node1']), await start('on', ['node2']))
  })

  test('completes when a name is not there, and fails when a machine does not answer', async () => {
    const unknown = await start('on', ['gone', 'node1'])
    assert.equal((await ended(unknown))[2], 'complete')
    assert.match(String(await server.call('get_event_log', unknown)), /gone: there is no system "gone"/)
    const failed = await start('off', ['dead'])
    assert.equal((await ended(failed))[2], 'failed')
    assert.match(String(await server.call('get_event_log', failed)), /no answer from dead.*### TASK FAILED ###/s)
    const nonsense = await start('explode', ['node1'])
    assert.equal((await ended(nonsense))[2], 'failed')
  })

  test('lets an order wait for the one before it: a release and a launch may follow at once', async () => {
    const [off, on] = [await start('off', ['node1']), await start('on', ['node1'])]
    assert.equal((await ended(off))[2], 'complete')
    assert.equal((await ended(on))[2], 'complete')
    assert.deepEqual(server.powered, ['node1 off', 'node1 on'])
  })

  test('needs a token before anything happens', async () => {
    assert.equal(
      await server.fault('background_power_system', { power: 'on', systems: ['node1'] }, ''),
      `${CX}'invalid token: '`,
    )
    assert.deepEqual(server.powered, [])
  })

  test('shows its tasks as events, unread ones to a user once', async () => {
    const id = await start('on', ['node1'])
    await ended(id)
    assert.deepEqual(Object.keys((await server.call('get_events')) as object), [id])
    assert.deepEqual(Object.keys((await server.call('get_events', 'me')) as object), [id])
    assert.deepEqual(Object.keys((await server.call('get_events', 'me')) as object), [])
    assert.deepEqual(Object.keys((await server.call('get_events', token)) as object), [id])
    assert.equal(await server.fault('get_task_status', 'x'), `${CX}'no event with that id'`)
    assert.equal(await server.call('get_event_log', 'x'), '?')
  })
})

describe('power_system', () => {
  const power = (word: string) => server.call('power_system', 'system::node1', word, token)

  test('acts and answers when it is done', async () => {
    assert.equal(await power('status'), false)
    assert.equal(await power('on'), true)
    assert.equal(await power('status'), true)
    assert.equal(await power('reboot'), true)
    assert.equal(await power('off'), true)
    assert.equal(await power('status'), false)
    assert.deepEqual(server.powered, ['node1 on', 'node1 reboot', 'node1 off'])
  })

  test('faults with what is wrong', async () => {
    assert.equal(
      await server.fault('power_system', 'system::node1', 'explode', token),
      `${CX}"invalid power operation 'explode', expected on/off/status/reboot"`,
    )
    assert.match(await server.fault('power_system', 'system::dead', 'off', token), /no answer from dead/)
    assert.match(await server.fault('power_system', 'system::gone', 'off', token), /unknown system name gone/)
    assert.equal(await server.fault('power_system', 'system::node1', 'off', ''), `${CX}'invalid token: '`)
  })
})

describe('the rest', () => {
  test('sync has nothing left to do', async () => {
    assert.equal(await server.call('sync', token), true)
    assert.equal(await server.call('sync_dhcp', token), true)
    assert.equal(await server.fault('sync', ''), `${CX}'invalid token: '`)
  })

  test('says which Cobbler it is like', async () => {
    assert.equal(await server.call('ping'), true)
    const { version_tuple } = (await server.call('extended_version')) as Record<string, Value>
    assert.deepEqual(version_tuple, [3, 3, 7])
    assert.deepEqual(await server.call('version'), new Double(3.307))
    const { server: host, http_port } = (await server.call('get_settings', token)) as Record<string, Value>
    assert.deepEqual([host, http_port], ['10.77.0.1', 8080])
  })

  test('renders what an installer will be given', async () => {
    for (const name of ['generate_autoinstall', 'generate_kickstart']) {
      assert.equal(await server.call(name, '', 'node1'), 'd-i system/name string node1\n')
      assert.equal(await server.call(name, 'trixie', ''), 'd-i profile/name string trixie\n')
      assert.equal(await server.call(name, null, 'gone'), '# system not found')
      assert.equal(await server.call(name, 'gone'), '# profile not found')
    }
    assert.equal(await server.call('generate_system_autoinstall', 'node1'), 'd-i system/name string node1\n')
    assert.match(String(await server.call('generate_profile_autoinstall', 'broken')), /^# .*\n# default.seed line 3/)
  })
})
