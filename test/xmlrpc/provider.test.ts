import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'vitest'
import type { Value } from '../../src/xmlrpc/value.ts'
import { aServer, furnish, PASSWORD, type TestServer, USER } from './support.ts'

const AVAILABLE = 'orchestra-juju-available'
const ACQUIRED = 'orchestra-juju-acquired'
type Shown = Record<string, Value>
let server: TestServer

beforeEach(async () => {
  server = await aServer()
  const token = await server.login()
  await furnish(server, token, 'node1', 'node2')
  for (const name of ['node1', 'node2']) {
    await server.call('modify_system', `system::${name}`, 'mgmt_classes', ['rack1', AVAILABLE], token)
    await server.call('modify_system', `system::${name}`, 'power_type', 'fake', token)
    await server.call('save_system', `system::${name}`, token)
  }
})

/** The provider of 2011 as a client: starts without a token, and logs in only when a fault says "invalid token". */
function aProvider(token = '') {
  const calls: string[] = []

  async function call(method: string, ...args: Value[]): Promise<Value> {
    calls.push(method)
    return server.call(method, ...args)
  }

  async function withToken(method: string, ...args: Value[]): Promise<Value> {
    try {
      return await call(method, ...args, token)
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('invalid token'))) throw error
      token = String(await call('login', USER, PASSWORD))
      return await call(method, ...args, token)
    }
  }

  async function change(uid: Value, values: Shown): Promise<string> {
    const [name = ''] = (await call('find_system', { uid })) as string[]
    const handle = await withToken('get_system_handle', name)
    for (const key of Object.keys(values).sort()) {
      assert.equal(await withToken('modify_system', handle, key, values[key] ?? null), true)
    }
    assert.equal(await withToken('save_system', handle), true)
    return name
  }

  return {
    calls,
    find: async () => {
      const names = await call('find_system', { mgmt_classes: AVAILABLE, netboot_enabled: 'true' })
      for (const name of names as string[]) {
        const system = await call('get_system', name)
        if (system !== '~' && !classesOf(system).includes(ACQUIRED)) return system as Shown
      }
      throw new Error('no machine is free')
    },
    acquire: (system: Shown) => {
      const mgmt_classes = classesOf(system).map((one) => (one === AVAILABLE ? ACQUIRED : one))
      return change(system['uid'] ?? null, { mgmt_classes })
    },
    launch: async (uid: Value, machine: string) => {
      const system = await systemOf(uid)
      const ks_meta = { ...(system['ks_meta'] as Shown), MACHINE_ID: machine, USER_DATA_BASE64: 'I2Nsb3VkLWNvbmZpZw==' }
      const name = await change(uid, { ks_meta, netboot_enabled: true, profile: 'trixie' })
      await withToken('background_power_system', { power: 'on', systems: [name] })
    },
    release: async (uid: Value) => {
      const system = await systemOf(uid)
      const { MACHINE_ID: _, USER_DATA_BASE64: __, ...ks_meta } = system['ks_meta'] as Shown
      const mgmt_classes = classesOf(system).map((one) => (one === ACQUIRED ? AVAILABLE : one))
      const name = await change(uid, { ks_meta, mgmt_classes, netboot_enabled: true })
      await withToken('background_power_system', { power: 'off', systems: [name] })
    },
  }

  async function systemOf(uid: Value): Promise<Shown> {
    const all = (await call('get_systems')) as Shown[]
    for (const system of all) assert.ok(Array.isArray(system['mgmt_classes']), 'every system must have its classes')
    const system = all.find((one) => one['uid'] === uid)
    assert.ok(system)
    return system
  }
}

function classesOf(system: Value): string[] {
  return ((system as Shown)['mgmt_classes'] as string[] | undefined) ?? []
}

describe('a client of 2011', () => {
  test('acquires, launches and releases a machine', async () => {
    const provider = aProvider()
    const free = await provider.find()
    assert.equal(await provider.acquire(free), 'node1')
    // The handle came before the login, and still works after it.
    assert.deepEqual(provider.calls.slice(-6), [
      'find_system',
      'get_system_handle',
      'modify_system',
      'login',
      'modify_system',
      'save_system',
    ])
    assert.deepEqual(server.catalog.get('system', 'node1')?.mgmtClasses, ['rack1', ACQUIRED])

    await provider.launch(free['uid'] ?? null, '0')
    const launched = server.catalog.get('system', 'node1')
    assert.deepEqual(launched?.meta, { MACHINE_ID: '0', USER_DATA_BASE64: 'I2Nsb3VkLWNvbmZpZw==' })
    assert.equal(launched?.netbootEnabled, true)

    await provider.release(free['uid'] ?? null)
    const released = server.catalog.get('system', 'node1')
    assert.deepEqual([released?.meta, released?.mgmtClasses], [{}, ['rack1', AVAILABLE]])
  })

  test('is told when another saved since its own change, and finds the next one', async () => {
    const [first, second] = [aProvider(await server.login()), aProvider(await server.login())]
    const [seen, seenToo] = [await first.find(), await second.find()]
    assert.equal(seen['name'], seenToo['name'])
    const results = await Promise.allSettled([first.acquire(seen), second.acquire(seenToo)])
    assert.deepEqual(
      results.map(({ status }) => status).toSorted(),
      ['fulfilled', 'rejected'],
      'one machine was given to two, or to nobody',
    )
    assert.equal((await second.find())['name'], 'node2')
  })

  test('is told "unknown system name" for a machine that is gone, and ~ for one that it looks at', async () => {
    await assert.rejects(server.call('get_system_handle', 'gone', ''), /unknown system name/)
    assert.equal(await server.call('get_system', 'gone'), '~')
    assert.deepEqual(await server.call('find_system', { uid: 'gone' }), [])
  })

  test('is told "login failed" for a wrong password', async () => {
    await assert.rejects(server.call('login', USER, 'wrong'), /login failed/)
  })

  test('may log in again between a change and its save, and loses nothing', async () => {
    const [old, fresh] = [await server.login(), await server.login()]
    await server.call('modify_system', 'system::node1', 'comment', 'kept', old)
    await server.call('logout', old)
    assert.equal(await server.call('save_system', 'system::node1', fresh), true)
    assert.equal(server.catalog.get('system', 'node1')?.comment, 'kept')
  })
})
