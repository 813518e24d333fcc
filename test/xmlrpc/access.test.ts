import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'vitest'
import { METHODS } from '../../src/xmlrpc/methods/index.ts'
import type { Value } from '../../src/xmlrpc/value.ts'
import { aServer, furnish, PASSWORD, type TestServer, USER } from './support.ts'

const CX = "<class 'cobbler.cexceptions.CX'>:"
let server: TestServer
let token: string

beforeEach(async () => {
  server = await aServer()
  token = await server.login()
})

describe('the list of remote methods', () => {
  test('has every name once, no private one, and a place for the token of each that writes', () => {
    const names = METHODS.map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const { name, auth, params, required } of METHODS) {
      assert.doesNotMatch(name, /^_|\./)
      assert.ok(required <= params.length, name)
      if (!['none', 'read'].includes(auth)) assert.ok(params.includes('token'), name)
    }
  })

  test('has nobody write without a token', async () => {
    await furnish(server, token, 'node1')
    for (const type of ['image', 'repo', 'package', 'file', 'menu'] as const) {
      await server.catalog.save(type, { ...server.catalog.draft(type), name: 'one', mirror: 'http://deb.example' })
    }
    const before = server.catalog.lastModified()
    for (const { name, auth, params } of METHODS) {
      if (auth === 'none' || auth === 'read') continue
      for (const bad of ['', 'x'.repeat(36), `${token.slice(0, -1)}~`]) {
        const args = params.map((param): Value => {
          if (param === 'token') return bad
          if (param === 'what' || param === 'object_type') return 'system'
          if (param === 'handle' || param === 'object_id') return handleFor(name)
          return 'x'
        })
        assert.equal(await server.fault(name, ...args), `${CX}'invalid token: ${bad}'`, name)
      }
    }
    assert.equal(server.catalog.lastModified(), before)
  })

  test('has nobody read without a token, unless anonymous reads are on', async () => {
    const closed = await aServer({ anonymousReads: false })
    const good = await closed.login()
    for (const { name, auth, params, required } of METHODS) {
      if (auth !== 'read') continue
      const args = params.slice(0, required).map((param) => (param === 'what' ? 'system' : 'x'))
      assert.match(await closed.fault(name, ...args), /invalid token: /, name)
    }
    assert.deepEqual(await closed.call('get_systems', '', '', good), [])
    assert.deepEqual(await closed.call('find_system', {}, good), [])
    assert.equal(await closed.call('get_system', 'x', good), '~')
    assert.deepEqual(await server.call('get_systems'), [])
  })

  test('has viewers read and nothing else', async () => {
    const viewer = String(await server.call('login', 'looker', PASSWORD))
    assert.deepEqual(await server.call('get_systems', 0, 0, viewer), [])
    assert.equal(await server.fault('new_system', viewer), `${CX}'authorization failure for user looker'`)
    assert.equal(await server.call('check_access_no_fail', viewer, 'new_system', 0, 0), false)
    assert.equal(await server.fault('check_access', viewer, 'sync'), `${CX}'authorization failure for user looker'`)
    assert.equal(await server.call('check_access', token, 'new_system', 'a', 'b'), true)
  })

  test('lets nobody do what is above his role', async () => {
    await furnish(server, token, 'node1')
    const tokens = {
      viewer: String(await server.call('login', 'looker', PASSWORD)),
      operator: String(await server.call('login', 'worker', PASSWORD)),
    }
    const refused = async (name: string, params: readonly string[], by: string) => {
      const args = params.map((param): Value => {
        if (param === 'token') return by
        if (param === 'what' || param === 'object_type') return 'system'
        if (param === 'handle' || param === 'object_id') return 'system::node1'
        return 'x'
      })
      return (await server.fault(name, ...args)).startsWith(`${CX}'authorization failure for user `)
    }
    for (const { name, auth, params } of METHODS) {
      if (/_(image|repo|package|file|menu|mgmtclass|distro|profile)$/.test(name)) continue
      if (auth === 'write' || auth === 'admin') assert.ok(await refused(name, params, tokens.viewer), name)
      if (auth === 'admin') assert.ok(await refused(name, params, tokens.operator), name)
    }
    const admins = METHODS.filter(({ auth }) => auth === 'admin').map(({ name }) => name)
    for (const name of [
      'modify_setting',
      'background_import',
      'write_autoinstall_template',
      'remove_autoinstall_snippet',
    ])
      assert.ok(admins.includes(name), name)
  })

  test('is all there is', async () => {
    assert.equal(await server.fault('system.listMethods'), `${CX}"unknown remote method 'system.listMethods'"`)
    assert.equal(await server.fault('constructor'), `${CX}"unknown remote method 'constructor'"`)
    assert.equal(await server.fault('_new_event'), `${CX}'forbidden method'`)
    assert.equal(await server.fault('__init__'), `${CX}'forbidden method'`)
  })

  test('takes no argument too few and none too many', async () => {
    assert.match(await server.fault('login', 'x'), /^<class 'TypeError'>:login\(\) missing 1 .*'login_password'/)
    assert.match(await server.fault('ping', 'x'), /^<class 'TypeError'>:ping\(\) takes at most 0 arguments \(1 given\)/)
    assert.match(await server.fault('get_system', {}), /^<class 'TypeError'>:name must be a string/)
  })

  test('answers bytes that are no call with a fault', async () => {
    const xml = [...(await server.answer(Buffer.from('<x'), '127.0.0.1'))].join('')
    assert.match(xml, /<fault>.*malformed XML-RPC call/s)
    assert.doesNotMatch(xml, /invalid token/)
  })
})

describe('a session', () => {
  test('begins with a login and ends with a logout', async () => {
    assert.equal(await server.call('token_check', token), true)
    assert.equal(await server.call('get_user_from_token', token), USER)
    assert.equal(await server.call('logout', token), true)
    assert.equal(await server.call('logout', token), false)
    assert.equal(await server.call('token_check', token), false)
    assert.equal(await server.fault('get_user_from_token', token), `${CX}'invalid token: ${token}'`)
    assert.equal(await server.fault('new_system', token), `${CX}'invalid token: ${token}'`)
  })

  test('does not begin with a wrong password, a wrong user or none', async () => {
    assert.equal(await server.fault('login', USER, 'x'), `${CX}'login failed (${USER})'`)
    assert.equal(await server.fault('login', 'nobody', PASSWORD), `${CX}'login failed (nobody)'`)
    assert.equal(await server.fault('login', '', -1), `${CX}'login failed'`)
    assert.equal(await server.fault('login', "o'neill", 'x'), `${CX}"login failed (o'neill)"`)
  })

  test('token_check never faults', async () => {
    for (const odd of ['', 1, null, [], {}] as Value[]) assert.equal(await server.call('token_check', odd), false)
  })
})

describe('a reader without a token', () => {
  beforeEach(async () => {
    await furnish(server, token, 'node1')
    const handle = String(await server.call('get_system_handle', 'node1', token))
    await server.call('modify_system', handle, 'power_pass', 'hunter2', token)
    await server.call('modify_system', handle, 'redhat_management_key', 'k3y', token)
    await server.call('save_system', handle, token)
  })

  const passOf = (value: Value) => (value as Record<string, Value>)['power_pass']

  test('does not see secrets; one who may write does', async () => {
    assert.equal(passOf(await server.call('get_system', 'node1')), '********')
    assert.equal(passOf(await server.call('get_item', 'system', 'node1')), '********')
    assert.equal(passOf(await server.call('get_system', 'node1', false, false, token)), 'hunter2')
    const [anonymous] = (await server.call('find_system', {}, true)) as Value[]
    assert.equal(passOf(anonymous ?? null), '********')
    const [known] = (await server.call('find_system', {}, token)) as Value[]
    assert.equal(passOf(known ?? null), 'hunter2')
    const viewer = String(await server.call('login', 'looker', PASSWORD))
    assert.equal(passOf(await server.call('get_system', 'node1', false, viewer)), '********')
    assert.doesNotMatch(JSON.stringify(await server.call('get_systems')), /hunter2|k3y/)
  })

  test('cannot guess secrets by asking which systems have them', async () => {
    assert.deepEqual(await server.call('find_system', { power_pass: 'h*' }), [])
    assert.deepEqual(await server.call('find_system', { power_pass: '~x' }), [])
    assert.deepEqual(await server.call('find_system', { power_pass: 'h*' }, false, token), ['node1'])
  })

  test('writes the mask back without harm, once it has a token', async () => {
    const handle = String(await server.call('get_system_handle', 'node1', token))
    await server.call('modify_system', handle, 'power_pass', '********', token)
    await server.call('save_system', handle, token)
    assert.equal(server.catalog.get('system', 'node1')?.power.pass, 'hunter2')
  })
})

/** The object is looked up before the token is, so there must be one. */
function handleFor(method: string): string {
  const type = method.split('_').at(-1) ?? ''
  const names: Record<string, string> = { distro: 'trixie-x86_64', profile: 'trixie', mgmtclass: 'available' }
  if (type in names) return `${type}::${names[type]}`
  return ['image', 'repo', 'package', 'file', 'menu'].includes(type) ? `${type}::one` : 'system::node1'
}
