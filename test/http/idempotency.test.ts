/** The same request sent twice with one key: done once, answered twice. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KEYED_CALLS } from '../../src/http/idempotency.ts'
import { type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
})
afterEach(() => it.close())

const post = async (url: string, payload: object, key = 'k1', role: 'operator' | 'admin' = 'operator') =>
  it.app.inject({
    ...{ method: 'POST', url, payload },
    headers: { authorization: `Bearer ${await it.tokenOf(role)}`, 'idempotency-key': key },
  })
const node = { name: 'node1', profile: 'debian-13', power: { type: 'test', pass: 'sesame' } }

test('an object is made once, and the answer is the same, headers too', async () => {
  const first = await post('/api/systems', node)
  await it.as('operator', 'PATCH', '/api/systems/node1', { comment: 'changed since' })
  const second = await post('/api/systems', node)
  expect([first.statusCode, second.statusCode]).toEqual([201, 201])
  expect(second.json()).toEqual(first.json())
  for (const header of ['etag', 'location', 'content-type']) expect(second.headers[header]).toBe(first.headers[header])
  expect(it.catalog.list('system')).toHaveLength(1)
})

test('requests that come at once are one', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => post('/api/systems', node)))
  expect(new Set(all.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1)
  expect(all[0]?.statusCode).toBe(201)
})

test('another request with the key is refused; one of another user or with another key is not', async () => {
  await post('/api/systems', node)
  for (const [url, body] of [
    ['/api/systems', { ...node, name: 'node2' }],
    ['/api/mgmtclasses', { name: 'a' }],
  ] as const) {
    const other = await post(url, body)
    expect([other.statusCode, other.json().code]).toEqual([422, 'request.reused'])
  }
  expect((await post('/api/systems', { ...node, name: 'node2' }, 'k1', 'admin')).statusCode).toBe(201)
  expect((await post('/api/systems', { ...node, name: 'node3' }, 'k2')).statusCode).toBe(201)
})

test('what was refused may be tried again with the key', async () => {
  expect((await post('/api/systems', { ...node, profile: 'nope' })).statusCode).toBe(422)
  expect((await post('/api/systems', node)).statusCode).toBe(201)
})

test('an order to a machine, a copy and an import are done once', async () => {
  await it.as('operator', 'POST', '/api/systems', node)
  const order = () => post('/api/systems/node1/power', { action: 'reboot' }, 'p')
  const first = await order()
  expect(first.statusCode).toBe(202)
  expect((await order()).json()).toEqual(first.json())
  const copy = () => post('/api/systems/node1/copy', { name: 'node2' }, 'c')
  expect([(await copy()).statusCode, (await copy()).statusCode]).toEqual([201, 201])
  const tree = () => post('/api/import', { path: '/srv/debian', name: 'debian' }, 'i', 'admin')
  expect([(await tree()).statusCode, (await tree()).statusCode]).toEqual([201, 201])
  expect(it.imports).toHaveLength(1)
})

test('a key that is none is refused', async () => {
  expect((await post('/api/systems', node, 'a b')).statusCode).toBe(422)
})

test('every call with a key is there', () => {
  for (const call of KEYED_CALLS) expect(it.routes).toContain(call)
})
