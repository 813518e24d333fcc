/** A browser's session: a cookie that no script reads, good for reading from anywhere here and for changing from our page only. */
import { beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD, testApp } from './test-app.ts'

const OURS = { host: 'orchestra.test', origin: 'http://orchestra.test' }
const login = { user: 'operator', password: PASSWORD, session: true }
let it: Awaited<ReturnType<typeof testApp>>
beforeAll(async () => {
  it = await testApp()
})

const start = async (headers: Record<string, string> = OURS) =>
  it.app.inject({ method: 'POST', url: '/api/login', payload: login, headers })

async function session(): Promise<string> {
  return String((await start()).headers['set-cookie']).split(';')[0] ?? ''
}

const change = (headers: Record<string, string>) =>
  it.app.inject({ method: 'POST', url: '/api/mgmtclasses', payload: { name: `c${++count}` }, headers })
let count = 0

describe('a login of a browser', () => {
  test('is answered without its token, which comes as a cookie that no script reads and no other site sends', async () => {
    const answer = await start()
    expect(answer.json()).toEqual({ token: '', user: 'operator', role: 'operator' })
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^orchestra_session=[\w.-]{20,}; Path=\/; HttpOnly; SameSite=Strict$/,
    )
  })

  test('on a page that came by TLS is sent back by TLS only', async () => {
    const { headers } = await start({ host: 'orchestra.test', origin: 'https://orchestra.test' })
    expect(String(headers['set-cookie'])).toContain('; Secure')
  })

  test.each([
    ['of another site', { host: 'orchestra.test', origin: 'http://evil.test' }],
    ['that names no page', { host: 'orchestra.test' }],
    ['of a page without an origin', { host: 'orchestra.test', origin: 'null' }],
  ])('%s is refused', async (_what, headers) => {
    const answer = await start(headers)
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([403, undefined])
  })
})

describe('a session', () => {
  test('reads, and changes from our page', async () => {
    const cookie = await session()
    const read = await it.app.inject({ url: '/api/account', headers: { cookie } })
    expect(read.json()).toMatchObject({ user: 'operator', role: 'operator' })
    expect((await change({ cookie, ...OURS })).statusCode).toBe(201)
  })

  test.each([
    ['another site', { host: 'orchestra.test', origin: 'http://evil.test' }],
    ['another port of this host', { host: 'orchestra.test', origin: 'http://orchestra.test:8081' }],
    ['nowhere', { host: 'orchestra.test' }],
  ])('changes nothing from %s', async (_from, headers: Record<string, string>) => {
    const answer = await change({ cookie: await session(), ...headers })
    expect(answer.statusCode).toBe(401)
  })

  test('opens no WebSocket from another site', async () => {
    const headers = { cookie: await session(), host: 'orchestra.test', upgrade: 'websocket', connection: 'upgrade' }
    const from = (origin: string) => it.app.inject({ url: '/api/account', headers: { ...headers, origin } })
    expect((await from('http://evil.test')).statusCode).toBe(401)
    expect((await from('http://orchestra.test')).statusCode).toBe(200)
  })

  test('ends with the logout, and the cookie with it', async () => {
    const cookie = await session()
    const answer = await it.app.inject({ method: 'POST', url: '/api/logout', headers: { cookie, ...OURS } })
    expect([answer.statusCode, String(answer.headers['set-cookie'])]).toEqual([
      204,
      expect.stringContaining('orchestra_session=;'),
    ])
    expect((await it.app.inject({ url: '/api/account', headers: { cookie } })).statusCode).toBe(401)
  })
})
