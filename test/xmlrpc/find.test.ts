import assert from 'node:assert/strict'
import { beforeAll, describe, test } from 'vitest'
import { globMatcher } from '../../src/lib/glob.ts'
import type { Value } from '../../src/xmlrpc/value.ts'
import { aServer, furnish, type TestServer } from './support.ts'

let server: TestServer
let token: string

beforeAll(async () => {
  server = await aServer()
  token = await server.login()
  await furnish(server, token, 'node1', 'node2', 'other')
  const set = async (name: string, values: Record<string, Value>) => {
    for (const [field, value] of Object.entries(values)) {
      assert.equal(await server.call('modify_system', `system::${name}`, field, value, token), true, field)
    }
    await server.call('save_system', `system::${name}`, token)
  }
  await set('node1', {
    mgmt_classes: ['available', 'ssd'],
    ks_meta: { MACHINE_ID: '0', bare: null },
    comment: 'Rack [A]',
    modify_interface: { 'macaddress-eth0': '52:54:00:00:00:01', 'ipaddress-eth1': '10.77.0.5' },
  })
  await set('node2', { mgmt_classes: ['available'], netboot_enabled: false, virt_ram: 512 })
  await set('other', { mgmt_classes: ['acquired', 'ssd'], hostname: 'other.lab' })
})

const find = (criteria: Record<string, Value>) => server.call('find_system', criteria)

describe('find_system', () => {
  test.each<[Record<string, Value>, string[]]>([
    [{}, ['node1', 'node2', 'other']],
    [{ name: 'node1' }, ['node1']],
    [{ name: 'NODE?' }, ['node1', 'node2']],
    [{ name: 'node[!1]' }, ['node2']],
    [{ name: 'no*1' }, ['node1']],
    [{ name: '*' }, ['node1', 'node2', 'other']],
    [{ name: 'node' }, []],
    [{ hostname: '' }, ['node1', 'node2']],
    [{ hostname: '*.lab' }, ['other']],
    [{ mgmt_classes: 'available', netboot_enabled: 'true' }, ['node1']],
    [{ mgmt_classes: 'available ssd', netboot_enabled: 'true' }, ['node1']],
    [{ mgmt_classes: 'ssd available' }, ['node1']],
    [{ mgmt_classes: 'avail*' }, []],
    [{ mgmt_classes: '~available' }, ['other']],
    [{ mgmt_classes: ['ssd', 'acquired'] }, ['other']],
    [{ netboot_enabled: 'Yes' }, ['node1', 'other']],
    [{ netboot_enabled: 'nonsense' }, ['node2']],
    [{ netboot_enabled: false }, ['node2']],
    [{ 'netboot-enabled': '1' }, ['node1', 'other']],
    [{ ks_meta: 'MACHINE_ID=0' }, ['node1']],
    [{ ksmeta: 'bare MACHINE_ID=0' }, ['node1']],
    [{ autoinstall_meta: 'MACHINE_ID=1' }, []],
    [{ ks_meta: '' }, ['node2', 'other']],
    [{ mac_address: '52:54:00:00:00:01' }, ['node1']],
    [{ mac_address: '52:54:00:00:00:0*' }, ['node1']],
    [{ ip_address: '10.77.0.5' }, ['node1']],
    [{ virt_ram: '512' }, ['node2']],
    [{ virt_ram: '<<inherit>>' }, ['node1', 'other']],
    [{ profile: 'trixie', name: 'other' }, ['other']],
    [{ comment: 'rack [[]a]' }, ['node1']],
    [{ nonsense: '*' }, []],
    [{ constructor: '*' }, []],
  ])('%j finds %j', async (criteria, names) => {
    assert.deepEqual(await find(criteria), names)
  })

  test('answers whole objects when anything true stands second, a token too', async () => {
    for (const truth of [true, 1, token]) {
      const found = (await server.call('find_system', { name: 'node1' }, truth)) as Record<string, Value>[]
      assert.deepEqual(
        found.map(({ name, mgmt_classes }) => [name, mgmt_classes]),
        [['node1', ['available', 'ssd']]],
      )
    }
    assert.deepEqual(await server.call('find_system', { name: 'node1' }, false, token), ['node1'])
    assert.deepEqual(await server.call('find_system', { name: 'node1' }, ''), ['node1'])
  })

  test('knows every system by its uid', async () => {
    const { uid = null } = (await server.call('get_system', 'node2')) as Record<string, Value>
    assert.deepEqual(await find({ uid }), ['node2'])
  })
})

describe('find_items', () => {
  test('sorts by any field, forwards and backwards, and answers objects unless told', async () => {
    const names = (value: Value) => (value as Record<string, Value>[]).map(({ name }) => name)
    assert.deepEqual(names(await server.call('find_items', 'system', {})), ['node1', 'node2', 'other'])
    assert.deepEqual(names(await server.call('find_items', 'system', {}, '!name')), ['other', 'node2', 'node1'])
    assert.deepEqual(await server.call('find_items', 'system', {}, '!hostname', false), ['other', 'node2', 'node1'])
    assert.deepEqual(await server.call('find_items', 'profile', { name: 'tri*' }, 'name', false), ['trixie'])
  })
})

describe('a pattern', () => {
  test.each([
    ['', '', true],
    ['a]', 'a]', true],
    ['[', '[', true],
    ['[]]', ']', true],
    ['[a-c-]', '-', true],
    ['[!a-c]', 'b', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['*a*b', 'xxaxxbxx', false],
    ['?', '', false],
    ['a.c', 'abc', false],
    ['**', 'x', true],
  ])('%j on %j is %j', (pattern, text, expected) => {
    assert.equal(globMatcher(pattern)(text), expected)
  })

  test('of many stars is answered at once', () => {
    const began = performance.now()
    assert.equal(globMatcher(`${'*a'.repeat(100)}*b`)('a'.repeat(10_000)), false)
    assert.ok(performance.now() - began < 2_000)
  })
})
