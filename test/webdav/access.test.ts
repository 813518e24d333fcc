/** Who may use the store, with users that are variables and credentials as real clients make them. */
import { beforeEach, describe, expect, test } from 'vitest'
import { digestHa1 } from '../../src/lib/secret.ts'
import { type AccessOptions, createAccess, type DavUsers } from '../../src/webdav/access.ts'
import { responseOf } from '../../src/webdav/digest.ts'
import { fixedClock } from '../support/store.ts'

let clock: ReturnType<typeof fixedClock>
let failures: string[]
let cleared: number
beforeEach(() => {
  clock = fixedClock()
  failures = []
  cleared = 0
})

const users: DavUsers = {
  ha1: (user) => (user === 'nobody' ? undefined : digestHa1(user, 'Cobbler', 'pw')),
  byToken: (token) => (token === 'good' ? 'ann' : undefined),
  byPassword: async (user, password) => user === 'ann' && password === 'p:w',
  mayWrite: (user) => user === 'ann',
  isLimited: (peer) => peer === 'bad',
  failed: (user) => void failures.push(user),
  succeeded: () => void cleared++,
}

const open = (more: Partial<AccessOptions> = {}) =>
  createAccess({
    ...{ realm: 'Cobbler', users, clock, anonymousRead: false, anonymousWrite: false, basic: false },
    ...more,
  })

interface Said {
  method?: string
  target?: string
  user?: string
  password?: string
  nc?: number
  uri?: string
  realm?: string
}

function says(nonce: string, said: Said = {}) {
  const { method = 'PUT', target = '/webdav/x', user = 'ann', password = 'pw', nc = 1, realm = 'Cobbler' } = said
  const credentials = {
    ...{ username: user, realm, nonce, uri: said.uri ?? target, qop: 'auth' },
    ...{ nc: nc.toString(16).padStart(8, '0'), cnonce: 'c' },
  }
  const response = responseOf(digestHa1(user, realm, password), method, credentials)
  const parameters = Object.entries({ ...credentials, response, algorithm: 'MD5' })
  return {
    ...{ method, target, peer: 'p' },
    authorization: `Digest ${parameters.map(([name, value]) => `${name}="${value}"`).join(', ')}`,
  }
}

async function nonceFrom(access: ReturnType<typeof open>): Promise<string> {
  const answer = await access({ method: 'PUT', target: '/webdav/x', authorization: undefined, peer: 'p' })
  return nonceOf(answer)
}

function nonceOf(answer: Awaited<ReturnType<ReturnType<typeof open>>>): string {
  if (answer.ok) throw new Error('let in')
  const header = answer.answer.headers?.['www-authenticate'] ?? ''
  return /^Digest realm="Cobbler", nonce="([^"]+)", algorithm=MD5, qop="auth"(, stale=true)?$/.exec(header)?.[1] ?? ''
}

describe('Digest', () => {
  test('lets in who knows the password, by path and by absolute URL', async () => {
    const access = open()
    const nonce = await nonceFrom(access)
    expect(await access(says(nonce))).toEqual({ ok: true, user: 'ann' })
    expect(await access(says(nonce, { uri: 'http://10.0.0.1/webdav/x', nc: 2 }))).toEqual({ ok: true, user: 'ann' })
    expect(await access(says(nonce, { target: 'http://10.0.0.1/webdav/x', uri: '/webdav/x', nc: 3 }))).toMatchObject({
      ok: true,
    })
    expect(await access(says(nonce, { target: '/webdav/%7Ex', uri: '/webdav/~x', nc: 4 }))).toMatchObject({ ok: true })
    expect(cleared).toBe(4)
  })

  test('may count on from one nonce to the next, but says nothing twice', async () => {
    const access = open()
    const nonce = await nonceFrom(access)
    expect(await access(says(nonce, { nc: 7 }))).toMatchObject({ ok: true })
    for (const nc of [7, 6, 1]) {
      const again = await access(says(nonce, { nc }))
      expect(again).toMatchObject({ ok: false, answer: { status: 401 } })
      expect(again.ok || again.answer.headers?.['www-authenticate']).toMatch(/stale=true/)
    }
    expect(failures).toEqual([])
    expect(await access(says(await nonceFrom(access), { nc: 8 }))).toMatchObject({ ok: true })
  })

  test('is told to take a new nonce when the old one is old, or of another process', async () => {
    const access = open()
    const nonce = await nonceFrom(access)
    clock.advance(600_001)
    const late = await access(says(nonce))
    expect(late.ok || late.answer.headers?.['www-authenticate']).toMatch(/stale=true/)
    expect(await access(says(nonceOf(late)))).toMatchObject({ ok: true })
    const other = await access(says(await nonceFrom(open())))
    expect(other.ok || other.answer.headers?.['www-authenticate']).toMatch(/stale=true/)
    expect(failures).toEqual([])
  })

  test.each([
    ['a wrong password', { password: 'no' }],
    ['nobody', { user: 'nobody' }],
  ])('refuses %s, and counts it', async (_, said) => {
    const access = open()
    const answer = await access(says(await nonceFrom(access), said))
    expect(answer).toMatchObject({ ok: false, answer: { status: 401 } })
    expect(answer.ok || answer.answer.headers?.['www-authenticate']).not.toMatch(/stale/)
    expect(failures).toHaveLength(1)
  })

  test('refuses credentials for another realm or another resource', async () => {
    const access = open()
    const nonce = await nonceFrom(access)
    expect(await access(says(nonce, { realm: 'Else' }))).toMatchObject({ answer: { status: 401 } })
    expect(await access(says(nonce, { uri: '/webdav/y' }))).toMatchObject({ answer: { status: 400 } })
    expect(await access(says(nonce, { uri: 'http://h/' }))).toMatchObject({ answer: { status: 400 } })
  })

  test('of a peer that failed too often has to wait, whoever it is', async () => {
    const access = open()
    const request = { ...says(await nonceFrom(access)), peer: 'bad' }
    expect(await access(request)).toMatchObject({ answer: { status: 429, headers: { 'retry-after': '60' } } })
  })
})

describe('other credentials', () => {
  const ask = (authorization: string, more: Partial<AccessOptions> = {}, method = 'PUT') =>
    open(more)({ method, target: '/webdav/x', authorization, peer: 'p' })
  const basic = `Basic ${Buffer.from('ann:p:w').toString('base64')}`

  test('a token of the API', async () => {
    expect(await ask('Bearer good')).toEqual({ ok: true, user: 'ann' })
    expect(nonceOf(await ask('bearer bad'))).not.toBe('')
  })

  test('Basic where a setting allows it; the challenge is Digest all the same', async () => {
    expect(await ask(basic, { basic: true })).toEqual({ ok: true, user: 'ann' })
    const known = `Basic ${Buffer.from('ann:pw').toString('base64')}`
    expect(await ask(known, { basic: true })).toEqual({ ok: true, user: 'ann' })
    expect(nonceOf(await ask(basic))).not.toBe('')
    expect(nonceOf(await ask(`Basic ${Buffer.from('ann').toString('base64')}`, { basic: true }))).not.toBe('')
  })

  test.each(['', 'Negotiate abc', 'Digest', 'Digest username="a"'])('%j are none', async (authorization) => {
    expect(nonceOf(await ask(authorization))).not.toBe('')
    expect(failures).toEqual([])
  })
})

describe('a role', () => {
  test('that reads does not write', async () => {
    const access = open()
    for (const [method, ok] of Object.entries({ GET: true, PROPFIND: true, PUT: false, LOCK: false, MOVE: false })) {
      const answer = await access(says(await nonceFrom(access), { user: 'bob', method }))
      expect(answer.ok).toBe(ok)
      if (!answer.ok) expect(answer.answer.status).toBe(403)
    }
  })

  test.each([
    [{ anonymousRead: true }, { GET: true, HEAD: true, OPTIONS: true, PROPFIND: true, PUT: false, DELETE: false }],
    [{ anonymousWrite: true }, { GET: true, PUT: true, DELETE: true, LOCK: true }],
    [{}, { GET: false, OPTIONS: false, PUT: false }],
  ])('is not asked for with %j where that opens the door', async (settings, doors) => {
    for (const [method, ok] of Object.entries(doors)) {
      const answer = await open(settings)({ method, target: '/webdav/', authorization: undefined, peer: 'bad' })
      expect([method, answer.ok]).toEqual([method, ok])
    }
  })
})
