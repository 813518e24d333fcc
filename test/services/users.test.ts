/** Users, their logins and the tokens that they give away, over a real database. */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestHa1 } from '../../src/lib/secret.ts'
import { vaultOf } from '../../src/lib/vault.ts'
import { type Auth, openAuth } from '../../src/services/auth.ts'
import { type TestStore, testStore } from '../support/store.ts'

const vault = vaultOf(randomBytes(32))
let store: TestStore
let auth: Auth
const open = () =>
  openAuth({
    ...{ db: store.db, clock: store.clock, vault, tellPassword: () => {} },
    admin: { user: 'admin', password: 'first password' },
  })
beforeEach(async () => {
  store = await testStore()
  auth = await open()
  await auth.users.add({ name: 'vera', role: 'viewer', password: 'the password' })
})
afterEach(() => store.close())

const login = (user: string, password: string) => auth.login(user, password, '10.0.0.1')

describe('a user', () => {
  test('who was added can log in, after a restart too, and nothing of the password is stored', async () => {
    expect(auth.check(await login('vera', 'the password'))).toEqual({ user: 'vera', role: 'viewer' })
    auth = await open()
    expect(auth.check(await login('vera', 'the password'))).toEqual({ user: 'vera', role: 'viewer' })
    const rows = JSON.stringify(await store.db.selectFrom('user').selectAll().execute())
    expect(rows).not.toContain('the password')
    expect(rows).not.toContain(digestHa1('vera', 'Cobbler', 'the password'))
  })

  test('without a password gets one that is answered', async () => {
    const { password = '' } = await auth.users.add({ name: 'otto', role: 'operator' })
    expect(password).toMatch(/^[A-Za-z0-9]{20}$/)
    expect(auth.check(await login('otto', password))).toEqual({ user: 'otto', role: 'operator' })
  })

  test.each(['', 'a:b', '-x', 'a b', 'ä', 'x'.repeat(65), '../x'])('is not named %j', async (name) => {
    const added = auth.users.add({ name, role: 'viewer', password: 'the password' })
    await expect(added).rejects.toMatchObject({ code: 'item.invalid', field: 'name' })
  })

  test('of a name that is there is refused, and a short password too', async () => {
    const twice = auth.users.add({ name: 'vera', role: 'admin', password: 'the password' })
    await expect(twice).rejects.toMatchObject({ code: 'item.exists' })
    await expect(auth.users.change('vera', { password: 'short' })).rejects.toMatchObject({ field: 'password' })
  })

  test('with a new password is logged out everywhere, and Digest knows the new one', async () => {
    const token = await login('vera', 'the password')
    const other = await login('admin', 'first password')
    await auth.users.change('vera', { password: 'another password' })
    expect([auth.check(token), auth.check(other)?.user]).toEqual([undefined, 'admin'])
    expect(auth.digestHa1('vera')).toBe(digestHa1('vera', 'Cobbler', 'another password'))
    await expect(login('vera', 'the password')).rejects.toMatchObject({ code: 'auth.login' })
    auth = await open()
    expect(auth.check(token)).toBeUndefined()
    expect(auth.digestHa1('vera')).toBe(digestHa1('vera', 'Cobbler', 'another password'))
    expect(auth.check(await login('vera', 'another password'))).toBeDefined()
  })

  test('whose login was under way when the password changed is not in', async () => {
    const [late] = await Promise.allSettled([
      login('vera', 'the password'),
      auth.users.change('vera', { password: 'another password' }),
    ])
    if (late.status === 'fulfilled') expect(auth.check(late.value)).toBeUndefined()
    expect(await store.db.selectFrom('token').selectAll().where('user', '=', 'vera').execute()).toEqual([])
    expect(auth.digestHa1('vera')).toBe(digestHa1('vera', 'Cobbler', 'another password'))
  })

  test('with another role has it at once', async () => {
    const token = await login('vera', 'the password')
    await auth.users.change('vera', { role: 'operator' })
    expect(auth.check(token)).toEqual({ user: 'vera', role: 'operator' })
  })

  test('who is removed is out at once, with logins and tokens, and a namesake does not inherit them', async () => {
    const token = await login('vera', 'the password')
    const given = await auth.tokens.add({ user: 'vera', name: 'ci', scopes: ['read'] })
    await auth.users.remove('vera')
    await auth.users.add({ name: 'vera', role: 'admin', password: 'the password' })
    expect([auth.check(token), auth.check(given.token)]).toEqual([undefined, undefined])
    auth = await open()
    expect([auth.check(token), auth.check(given.token)]).toEqual([undefined, undefined])
    expect(auth.tokens.list()).toEqual([])
  })

  test('is changed at one revision by one of two', async () => {
    const both = await Promise.allSettled([
      auth.users.change('vera', { role: 'operator' }, 1),
      auth.users.change('vera', { role: 'admin' }, 1),
    ])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(both[1]).toMatchObject({ reason: { code: 'item.stale' } })
    await expect(auth.users.remove('vera', 1)).rejects.toMatchObject({ code: 'item.stale' })
    expect(auth.users.get('vera')).toEqual({ name: 'vera', role: 'operator', revision: 2 })
  })
})

test('the last admin stays one, whoever is faster', async () => {
  await expect(auth.users.remove('admin')).rejects.toMatchObject({ code: 'item.in-use' })
  await expect(auth.users.change('admin', { role: 'viewer' })).rejects.toMatchObject({ code: 'item.in-use' })
  await auth.users.change('vera', { role: 'admin' })
  const both = await Promise.allSettled([auth.users.remove('admin'), auth.users.remove('vera')])
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(auth.users.list()).toEqual([{ name: 'vera', role: 'admin', revision: 2 }])
})

describe('a token for a program', () => {
  test('is told once, kept as a hash, and lives through restarts', async () => {
    const { token, made } = await auth.tokens.add({ user: 'admin', name: 'ci', scopes: ['write'] })
    expect(token).toMatch(/^orchestra_[\w-]{43}$/)
    expect(JSON.stringify(await store.db.selectFrom('api_token').selectAll().execute())).not.toContain(token)
    expect(JSON.stringify(auth.tokens.list())).not.toContain(token)
    auth = await open()
    store.clock.advance(86_400_000)
    expect(auth.check(token)).toEqual({ user: 'admin', role: 'operator' })
    expect(auth.tokens.get(made.id)).toMatchObject({ used: store.clock.now(), expires: null })
    expect((await open()).tokens.get(made.id)).toMatchObject({ used: store.clock.now() })
  })

  test('ends when it expires, and when it is revoked', async () => {
    const expires = store.clock.now() + 1000
    const brief = await auth.tokens.add({ user: 'admin', name: 'brief', scopes: ['read'], expires })
    const long = await auth.tokens.add({ user: 'admin', name: 'long', scopes: ['read'] })
    expect(auth.check(brief.token)).toBeDefined()
    store.clock.advance(1000)
    expect([auth.check(brief.token), auth.isAlive(brief.token)]).toEqual([undefined, false])
    await auth.tokens.remove(long.made.id)
    expect([auth.check(long.token), (await open()).check(long.token)]).toEqual([undefined, undefined])
  })

  test('has a role by its scopes, and never more than its user has now', async () => {
    await auth.users.add({ name: 'anna', role: 'admin', password: 'the password' })
    const { token } = await auth.tokens.add({ user: 'anna', name: 'all', scopes: ['read', 'admin'] })
    expect(auth.check(token)?.role).toBe('admin')
    await auth.users.change('anna', { role: 'viewer' })
    expect(auth.check(token)?.role).toBe('viewer')
    const narrow = await auth.tokens.add({ user: 'admin', name: 'power', scopes: ['power'] })
    expect(auth.check(narrow.token)).toBeUndefined()
    expect(auth.identify(narrow.token)).toEqual({ user: 'admin', role: undefined, scopes: ['power'], owner: 'admin' })
  })

  test('is refused where it would be more than the user is, or of no use', async () => {
    const add = (more: object) => auth.tokens.add({ user: 'vera', name: 'x', scopes: ['read'], ...more })
    await expect(add({ scopes: ['write'] })).rejects.toMatchObject({ code: 'auth.denied', field: 'scopes' })
    await expect(add({ scopes: ['power'] })).rejects.toMatchObject({ code: 'auth.denied' })
    await expect(add({ expires: store.clock.now() })).rejects.toMatchObject({ field: 'expires' })
    await expect(add({ user: 'nobody' })).rejects.toMatchObject({ code: 'item.missing' })
    await add({})
    await expect(add({})).rejects.toMatchObject({ code: 'item.exists' })
  })
})

test('who listens hears of ends and of refused logins', async () => {
  const heard: string[] = []
  auth.onEnded(() => void heard.push('ended'))
  const stop = auth.onRefused((user, peer) => void heard.push(`${user} from ${peer}`))
  await login('vera', 'wrong').catch(() => {})
  await auth.logout(await login('vera', 'the password'))
  await auth.users.change('vera', { password: 'another password' })
  stop()
  await login('vera', 'wrong').catch(() => {})
  expect(heard).toEqual(['vera from 10.0.0.1', 'ended', 'ended'])
})
