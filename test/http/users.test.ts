/** Users, accounts and tokens over HTTP, and what a token with scopes opens. */
import { once } from 'node:events'
import { get } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listen, PASSWORD, type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
})
afterEach(() => it.close())

const login = async (user: string, password: string) => {
  const answer = await it.app.inject({ method: 'POST', url: '/api/login', payload: { user, password } })
  return { status: answer.statusCode, token: String(answer.json().token) }
}
const call = (
  token: string,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
  headers = {},
) =>
  it.app.inject({ method, url, headers: { authorization: `Bearer ${token}`, ...headers }, ...(payload && { payload }) })

describe('a user', () => {
  const anna = { name: 'anna', role: 'operator', password: 'the password' }

  test('is made, read, changed and removed by an admin, with the revision as ETag', async () => {
    const made = await it.as('admin', 'POST', '/api/users', anna)
    expect([made.statusCode, made.json(), made.headers['etag'], made.headers['location']]).toEqual([
      201,
      { name: 'anna', role: 'operator', revision: 1 },
      '"1"',
      '/api/users/anna',
    ])
    expect((await it.as('admin', 'GET', '/api/users')).json()).toContainEqual(made.json())
    const admin = await it.tokenOf('admin')
    const changed = await call(admin, 'PATCH', '/api/users/anna', { role: 'viewer' }, { 'if-match': '"1"' })
    expect([changed.json().role, changed.headers['etag']]).toEqual(['viewer', '"2"'])
    const known = await call(admin, 'GET', '/api/users/anna', undefined, { 'if-none-match': '"2"' })
    expect([known.statusCode, known.body]).toEqual([304, ''])
    for (const method of ['PATCH', 'DELETE'] as const) {
      const stale = await call(admin, method, '/api/users/anna', method === 'PATCH' ? {} : undefined, {
        'if-match': '"1"',
      })
      expect([stale.statusCode, stale.json().code]).toEqual([412, 'item.stale'])
      expect(stale.json().detail).toContain('revision 2')
    }
    expect((await call(admin, 'DELETE', '/api/users/anna', undefined, { 'if-match': '"2"' })).statusCode).toBe(204)
    expect((await it.as('admin', 'GET', '/api/users/anna')).statusCode).toBe(404)
  })

  test('who is changed or removed is out in the same moment, streams included', async () => {
    await it.as('admin', 'POST', '/api/users', anna)
    const { token } = await login('anna', anna.password)
    const url = await listen(it.app)
    const request = get(`${url}/api/events`, { headers: { authorization: `Bearer ${token}` } })
    const [stream] = await once(request, 'response')
    stream.resume().on('error', () => {})
    const closed = new Promise((done) => stream.once('close', done))
    await it.as('admin', 'PATCH', '/api/users/anna', { password: 'another password' })
    await closed
    expect((await call(token, 'GET', '/api/systems')).statusCode).toBe(401)
    const next = await login('anna', 'another password')
    expect((await call(next.token, 'GET', '/api/systems')).statusCode).toBe(200)
    await it.as('admin', 'DELETE', '/api/users/anna')
    expect((await call(next.token, 'GET', '/api/systems')).statusCode).toBe(401)
    expect((await login('anna', 'another password')).status).toBe(401)
  })

  test('changes the own password with the old one, and is logged out', async () => {
    const { token } = await login('viewer', PASSWORD)
    const wrong = await call(token, 'POST', '/api/account/password', { current: 'no', password: 'new password' })
    expect([wrong.statusCode, wrong.json().code]).toEqual([401, 'auth.login'])
    const right = { current: PASSWORD, password: 'new password' }
    expect((await call(token, 'POST', '/api/account/password', right)).statusCode).toBe(204)
    expect((await call(token, 'GET', '/api/account')).statusCode).toBe(401)
    const next = await login('viewer', 'new password')
    expect((await call(next.token, 'GET', '/api/account')).json()).toEqual({
      user: 'viewer',
      role: 'viewer',
      scopes: null,
    })
  })

  test('who is the last admin stays', async () => {
    const answer = await it.as('admin', 'DELETE', '/api/users/admin')
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'item.in-use'])
  })
})

describe('a token for a program', () => {
  const give = async (role: 'viewer' | 'operator' | 'admin', body: object) => it.as(role, 'POST', '/api/tokens', body)

  test('opens what its scope says and nothing else', async () => {
    await it.as('operator', 'POST', '/api/systems', { name: 'node1', profile: 'debian-13', power: { type: 'test' } })
    const { token } = (await give('operator', { name: 'ci', scopes: ['power'] })).json()
    const power = await call(token, 'POST', '/api/systems/node1/power', { action: 'on' })
    expect(power.statusCode).toBe(202)
    expect((await call(token, 'GET', `/api/tasks/${power.json().task.id}`)).statusCode).toBe(200)
    for (const [method, url] of [
      ['GET', '/api/systems'],
      ['PATCH', '/api/systems/node1'],
      ['POST', '/api/acquire'],
      ['GET', '/api/account'],
      ['GET', '/api/users'],
    ] as const) {
      const answer = await call(token, method, url, method === 'GET' ? undefined : {})
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, 403, 'auth.denied'])
    }
    const reader = (await give('operator', { name: 'reader', scopes: ['read'] })).json()
    expect((await call(reader.token, 'GET', '/api/systems')).statusCode).toBe(200)
    expect((await call(reader.token, 'GET', '/api/account')).json()).toEqual({
      user: 'operator',
      role: 'viewer',
      scopes: ['read'],
    })
    expect((await call(reader.token, 'POST', '/api/systems/node1/power', { action: 'on' })).statusCode).toBe(403)
  })

  test('makes no tokens, changes no password, and is not ended by logout', async () => {
    const { token, id } = (await give('admin', { name: 'all', scopes: ['admin'] })).json()
    for (const [method, url, body] of [
      ['POST', '/api/tokens', { name: 'more', scopes: ['admin'] }],
      ['GET', '/api/tokens', undefined],
      ['DELETE', `/api/tokens/${id}`, undefined],
      ['POST', '/api/account/password', { current: PASSWORD, password: 'another password' }],
    ] as const) {
      expect((await call(token, method, url, body)).statusCode).toBe(403)
    }
    await call(token, 'POST', '/api/logout')
    expect((await call(token, 'GET', '/api/users')).statusCode).toBe(200)
  })

  test('is given by people to themselves, by admins to others, and is never above its user', async () => {
    expect((await give('viewer', { name: 'x', scopes: ['write'] })).json()).toMatchObject({
      status: 403,
      field: 'scopes',
    })
    expect((await give('viewer', { name: 'x', scopes: ['read'], user: 'admin' })).statusCode).toBe(403)
    expect((await give('admin', { name: 'x', scopes: ['read'], user: 'viewer' })).json()).toMatchObject({
      user: 'viewer',
    })
    expect((await give('viewer', { name: 'y', scopes: ['sudo'] })).statusCode).toBe(400)
  })

  test('is listed without itself, to its owner and to admins, and revoked by them', async () => {
    const { token, id } = (await give('viewer', { name: 'mine', scopes: ['read'] })).json()
    expect((await call(token, 'GET', '/api/systems')).statusCode).toBe(200)
    const list = await it.as('viewer', 'GET', '/api/tokens')
    expect(list.body).not.toContain(token)
    expect(list.json()).toMatchObject([{ id, name: 'mine', used: it.clock.now(), expires: null }])
    expect((await it.as('operator', 'GET', '/api/tokens')).json()).toEqual([])
    expect((await it.as('operator', 'DELETE', `/api/tokens/${id}`)).statusCode).toBe(404)
    expect((await it.as('admin', 'GET', '/api/tokens')).json()).toHaveLength(1)
    expect((await it.as('admin', 'DELETE', `/api/tokens/${id}`)).statusCode).toBe(204)
    expect((await call(token, 'GET', '/api/systems')).statusCode).toBe(401)
  })
})

describe('the audit', () => {
  const audit = async (query = '') => (await it.as('admin', 'GET', `/api/audit${query}`)).json()

  test('has who changed what from where by name of field, and no secret', async () => {
    await it.as('operator', 'POST', '/api/systems', {
      name: 'node1',
      profile: 'debian-13',
      meta: { secret_word: 'sesame' },
      power: { type: 'test', pass: 'sesame' },
    })
    await it.as('admin', 'POST', '/api/users', { name: 'anna', role: 'viewer', password: 'sesame open' })
    const entries = await audit()
    expect(entries[0]).toMatchObject({
      ...{ user: 'admin', peer: '127.0.0.1', door: 'api', action: 'POST /api/users', outcome: 'ok' },
      fields: ['name', 'role', 'password'],
    })
    expect(await audit('?user=operator&action=systems')).toMatchObject([
      { at: it.clock.now(), fields: ['name', 'profile', 'meta', 'power.type', 'power.pass'] },
    ])
    expect(JSON.stringify(entries)).not.toMatch(/sesame|secret_word/)
  })

  test('has refused logins and refused deeds, in pages', async () => {
    await login('admin', 'wrong')
    await it.as('viewer', 'DELETE', '/api/systems/node1')
    const denied = await audit('?outcome=denied')
    expect(denied).toMatchObject([
      { user: 'viewer', action: 'DELETE /api/systems/node1' },
      { user: 'admin', door: 'login', peer: '127.0.0.1' },
    ])
    expect(await audit(`?limit=1&before=${denied[0].id}`)).toMatchObject([{ id: denied[0].id - 1 }])
  })

  test('tells nothing of what changed nothing', async () => {
    await it.as('admin', 'GET', '/api/audit')
    await it.as('operator', 'POST', '/api/systems', { name: 'bad name' })
    expect(await audit('?door=api')).toEqual([])
  })
})
