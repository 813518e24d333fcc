/** Who may do what, and what a stranger learns. */
import type { Socket } from 'node:net'
import { type FastifyInstance, fastify } from 'fastify'
import { Client, request } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { requireAccess } from '../../src/http/auth.ts'
import { PLURALS } from '../../src/model/items.ts'
import type { Role } from '../../src/services/auth.ts'
import { listen, PASSWORD, type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
})
afterEach(() => it.close())

type Call = readonly [role: Role, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string]

/** The least role for each call of the API; the last test of this file fails when one is missing here. */
const CALLS: readonly Call[] = [
  ...Object.values(PLURALS).flatMap((plural): Call[] => [
    ['viewer', 'GET', `/api/${plural}`],
    ['viewer', 'GET', `/api/${plural}/:name`],
    ['operator', 'POST', `/api/${plural}`],
    ['operator', 'PATCH', `/api/${plural}/:name`],
    ['operator', 'POST', `/api/${plural}/:name/copy`],
    ['operator', 'DELETE', `/api/${plural}/:name`],
  ]),
  ['viewer', 'GET', '/api/systems/:name/log'],
  ['viewer', 'GET', '/api/systems/:name/boots'],
  ['viewer', 'GET', '/api/systems/:name/consoles'],
  ['viewer', 'GET', '/api/systems/:name/console/log'],
  // Who may type is asked when they are open, so that a browser can show the refusal.
  ['viewer', 'GET', '/api/systems/:name/console/serial'],
  ['viewer', 'GET', '/api/systems/:name/console/vnc'],
  ['viewer', 'GET', '/api/machines/:mac/boots'],
  ['viewer', 'GET', '/api/boots'],
  ['viewer', 'GET', '/api/boots/stream'],
  ['viewer', 'GET', '/api/boots/:id'],
  ['viewer', 'GET', '/api/explain/:machine'],
  ['viewer', 'GET', '/api/boots/:id/pcap'],
  ['viewer', 'GET', '/api/unknown-machines'],
  ['operator', 'POST', '/api/unknown-machines/:mac/enroll'],
  ['viewer', 'GET', '/api/systems/:name/power'],
  ['operator', 'POST', '/api/systems/:name/power'],
  ['operator', 'DELETE', '/api/systems/:name/power'],
  ['operator', 'POST', '/api/acquire'],
  ['operator', 'POST', '/api/systems/:name/release'],
  ['viewer', 'GET', '/api/power'],
  ['operator', 'POST', '/api/power'],
  ['operator', 'POST', '/api/systems/:name/power/test'],
  ['operator', 'POST', '/api/systems/:name/power/identify'],
  ['operator', 'POST', '/api/systems/:name/power/confirm'],
  ['viewer', 'GET', '/metrics'],
  ['viewer', 'GET', '/api/tasks/:id'],
  ['operator', 'DELETE', '/api/tasks/:id'],
  ['admin', 'POST', '/api/import'],
  ['viewer', 'GET', '/api/machines'],
  ['viewer', 'GET', '/api/summary'],
  ['operator', 'POST', '/api/bulk'],
  ['viewer', 'GET', '/api/jobs'],
  ['viewer', 'GET', '/api/jobs/:id'],
  ['operator', 'DELETE', '/api/jobs/:id'],
  ['viewer', 'GET', '/api/jobs/:id/output'],
  ['viewer', 'GET', '/api/store/*'],
  ['operator', 'PUT', '/api/store/*'],
  ['operator', 'POST', '/api/store/*'],
  ['operator', 'DELETE', '/api/store/*'],
  ['viewer', 'GET', '/api/leases'],
  ['viewer', 'GET', '/api/events'],
  ['viewer', 'GET', '/api/events.json'],
  ['viewer', 'GET', '/api/version'],
  ['viewer', 'GET', '/api/names'],
  ['viewer', 'GET', '/api/check'],
  ['viewer', 'GET', '/api/status'],
  ['viewer', 'GET', '/api/standings'],
  ['viewer', 'GET', '/api/systems/:name/standing'],
  ['operator', 'POST', '/api/systems/:name/repair'],
  ['viewer', 'GET', '/api/systems/:name/autoinstall'],
  ['viewer', 'GET', '/api/systems/:name/autoinstall/last'],
  ['viewer', 'GET', '/api/systems/:name/variables'],
  ['viewer', 'GET', '/api/profiles/:name/autoinstall'],
  ['viewer', 'GET', '/api/profiles/:name/variables'],
  ['viewer', 'GET', '/api/templates'],
  ['viewer', 'GET', '/api/templates/*'],
  ['admin', 'PUT', '/api/templates/*'],
  ['admin', 'DELETE', '/api/templates/*'],
  ['viewer', 'GET', '/api/template-versions/*'],
  ['viewer', 'POST', '/api/template-lint'],
  ['viewer', 'POST', '/api/template-preview'],
  ['viewer', 'POST', '/api/logout'],
  ['viewer', 'GET', '/api/openapi.json'],
  ['admin', 'GET', '/api/users'],
  ['admin', 'GET', '/api/users/:name'],
  ['admin', 'POST', '/api/users'],
  ['admin', 'PATCH', '/api/users/:name'],
  ['admin', 'DELETE', '/api/users/:name'],
  ['viewer', 'GET', '/api/account'],
  ['viewer', 'POST', '/api/account/password'],
  ['viewer', 'GET', '/api/tokens'],
  ['viewer', 'POST', '/api/tokens'],
  ['viewer', 'DELETE', '/api/tokens/:id'],
  ['admin', 'GET', '/api/audit'],
  ['viewer', 'GET', '/api/networks'],
  ['viewer', 'GET', '/api/networks/external/:server'],
  ['admin', 'POST', '/api/networks/probe'],
  ['admin', 'GET', '/api/settings'],
  ['admin', 'POST', '/api/settings/check'],
  ['admin', 'PATCH', '/api/settings'],
  ['admin', 'POST', '/api/restart'],
  ['viewer', 'GET', '/api/setup'],
]

describe('without a token', () => {
  test.each(CALLS)('nothing is told (%s %s %s)', async (_role, method, url) => {
    const answer = await it.app.inject({ method, url, ...(method !== 'GET' && { payload: {} }) })
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expect(answer.json()).toMatchObject({ code: 'auth.token' })
  })

  test.each(['nonsense', 'Bearer', 'Bearer x', `Bearer ${'a'.repeat(43)}`, 'Basic YWRtaW46YWRtaW4='])(
    'nor with %j',
    async (authorization) => {
      const answer = await it.app.inject({ url: '/api/systems', headers: { authorization } })
      expect(answer.statusCode).toBe(401)
    },
  )

  test('health is for everybody, and says little', async () => {
    const health = await it.app.inject('/healthz')
    expect([health.statusCode, health.json()]).toEqual([200, { status: 'ok' }])
  })

  test('the front page leads to the console, whose page runs the scripts of this server and no others', async () => {
    const front = await it.app.inject('/')
    expect([front.statusCode, front.headers.location]).toEqual([302, '/ui/'])
    const [page, other] = [await it.app.inject('/ui/'), await it.app.inject('/ui/machines/node1')]
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("script-src 'self';")
    const nonce = /'nonce-([A-Za-z0-9+/=]{20,})'/.exec(policy)?.[1] ?? ''
    expect(page.body).toContain(`nonce="${nonce}"`)
    expect(other.statusCode).toBe(200)
    expect(other.headers['content-security-policy']).not.toContain(nonce)
  })
})

describe('with a token', () => {
  const below = CALLS.filter(([role]) => role !== 'viewer')

  test.each(below)('of a viewer, %s is needed for %s %s', async (_role, method, url) => {
    const answer = await it.as('viewer', method, url, method === 'DELETE' ? undefined : {})
    expect(answer.statusCode).toBe(403)
    expect(answer.json()).toMatchObject({ code: 'auth.denied' })
  })

  test('an operator does not import, an admin does', async () => {
    const payload = { path: '/srv/debian', name: 'debian' }
    expect((await it.as('operator', 'POST', '/api/import', payload)).statusCode).toBe(403)
    expect((await it.as('admin', 'POST', '/api/import', payload)).statusCode).toBe(201)
    expect((await it.as('admin', 'POST', '/api/import', payload)).statusCode).toBe(200)
    expect(it.imports).toEqual([payload, payload])
    const relative = await it.as('admin', 'POST', '/api/import', { path: 'debian', name: 'debian' })
    expect([relative.statusCode, relative.json().field]).toEqual([400, 'path'])
  })

  test('that was ended nothing can be done', async () => {
    const login = await it.app.inject({
      method: 'POST',
      url: '/api/login',
      payload: { user: 'operator', password: PASSWORD },
    })
    const { token, ...identity } = login.json()
    expect(identity).toEqual({ user: 'operator', role: 'operator' })
    const headers = { authorization: `bearer ${token}` }
    expect((await it.app.inject({ url: '/api/systems', headers })).statusCode).toBe(200)
    expect((await it.app.inject({ method: 'POST', url: '/api/logout', headers })).statusCode).toBe(204)
    expect((await it.app.inject({ url: '/api/systems', headers })).statusCode).toBe(401)
  })
})

describe('login', () => {
  const login = (password: string, headers = {}) =>
    it.app.inject({ method: 'POST', url: '/api/login', headers, payload: { user: 'admin', password } })

  test('with a wrong password is refused, without saying whether the user exists', async () => {
    const wrong = await login('wrong')
    expect([wrong.statusCode, wrong.json().code]).toEqual([401, 'auth.login'])
    const payload = { user: 'nobody', password: 'wrong' }
    const nobody = await it.app.inject({ method: 'POST', url: '/api/login', payload })
    expect(nobody.json().detail.replace('nobody', 'admin')).toBe(wrong.json().detail)
  })

  test('is slowed down by the address of the socket, whatever X-Forwarded-For says', async () => {
    for (let i = 0; i < 10; i++) await login('wrong', { 'x-forwarded-for': `10.0.0.${i}` })
    const answer = await login(PASSWORD, { 'x-forwarded-for': '10.9.9.9' })
    expect([answer.statusCode, answer.json().code]).toEqual([429, 'auth.limited'])
  })
})

describe('every answer', () => {
  test.each(['/', '/healthz', '/api/systems', '/nowhere'])(
    'of %s forbids to be sniffed, framed or run',
    async (url) => {
      const { headers } = await it.app.inject(url)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      })
    },
  )

  test('of the API is kept by no cache', async () => {
    expect((await it.as('viewer', 'GET', '/api/systems')).headers['cache-control']).toBe('no-store')
  })

  test('for an unknown path is a problem, whatever was sent there', async () => {
    for (const url of ['/nowhere', '/api/nowhere', '/api/systems/a/b/c']) {
      const answer = await it.app.inject({ method: 'PUT', url, payload: 'x', headers: { 'content-type': 'a/b' } })
      expect(answer.json()).toMatchObject({
        status: 404,
        code: 'request.unknown',
        detail: expect.stringContaining(url),
      })
    }
  })

  test('for what is no path is a problem too', async () => {
    const answer = await it.app.inject('/api/systems/%zz')
    expect(answer.json()).toMatchObject({ status: 404, code: 'request.unknown' })
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
  })

  test('to a client that always says JSON is the same as to one that does not', async () => {
    await it.as('operator', 'POST', '/api/mgmtclasses', { name: 'a' })
    const headers = { authorization: `Bearer ${await it.tokenOf('operator')}`, 'content-type': 'application/json' }
    const answer = await it.app.inject({ method: 'DELETE', url: '/api/mgmtclasses/a', headers, payload: '' })
    expect(answer.statusCode).toBe(204)
    const empty = await it.app.inject({ method: 'POST', url: '/api/mgmtclasses', headers, payload: '' })
    expect(empty.json()).toMatchObject({ status: 400, code: 'request.invalid' })
  })

  test('for a bug says nothing of its inside, and the log says it all', async () => {
    it.catalog.list = () => {
      throw new Error('secret inside')
    }
    const answer = await it.as('viewer', 'GET', '/api/systems')
    expect(answer.statusCode).toBe(500)
    expect(answer.body).not.toContain('secret inside')
    expect(it.logged).toMatchObject([[{ err: { message: 'secret inside' }, path: '/api/systems' }, expect.any(String)]])
  })
})

describe('a route of the API', () => {
  test('that does not say who may call it stops the start', async () => {
    const app: FastifyInstance = fastify()
    app.addHook('onRoute', requireAccess)
    expect(() => app.get('/api/open', async () => 'oops')).toThrow('does not declare its access')
  })

  test('is in the table of this file', () => {
    for (const [, method, url] of CALLS) expect(it.app.hasRoute({ method, url })).toBe(true)
    const declared = new Set(CALLS.map(([, method, url]) => `${method} ${url}`))
    const served = [...it.routes].filter((route) => route.includes(' /api/') && !route.startsWith('HEAD'))
    expect(served.filter((route) => !declared.has(route))).toEqual(['POST /api/login'])
  })
})

test('a connection that is kept remembers nothing of the requests that it has served', async () => {
  const connections: Socket[] = []
  it.app.server.on('connection', (socket: Socket) => connections.push(socket))
  const url = await listen(it.app)
  const headers = { authorization: `Bearer ${await it.tokenOf('viewer')}` }
  const dispatcher = new Client(url)
  const ask = async () => (await request(`${url}/api/systems`, { headers, dispatcher })).body.dump()
  await ask()
  const before = connections[0]?.listenerCount('close')
  for (let times = 0; times < 20; times++) await ask()
  expect([connections.length, connections[0]?.listenerCount('close')]).toEqual([1, before])
  await dispatcher.close()
})
