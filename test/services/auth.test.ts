/** Logins and tokens over a real database. */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestHa1 } from '../../src/lib/secret.ts'
import { vaultOf } from '../../src/lib/vault.ts'
import { type Auth, openAuth } from '../../src/services/auth.ts'
import { type TestStore, testStore } from '../support/store.ts'

let store: TestStore
const vault = vaultOf(randomBytes(32))
const told: [string, string][] = []
const open = (password: string | undefined): Promise<Auth> =>
  openAuth({
    db: store.db,
    clock: store.clock,
    vault,
    admin: { user: 'admin', password },
    tellPassword: (user, made) => void told.push([user, made]),
  })
beforeEach(async () => {
  store = await testStore()
  told.length = 0
})
afterEach(() => store.close())

test('a right password gives a token that tells who it is', async () => {
  const auth = await open('correct horse')
  const token = await auth.login('admin', 'correct horse', '10.0.0.1')
  expect(auth.check(token)).toEqual({ user: 'admin', role: 'admin' })
  expect(told).toEqual([])
})

test.each([
  ['admin', 'wrong'],
  ['', 'correct horse'],
  ['nobody', 'correct horse'],
  ['admin', ''],
])('login %j with %j fails', async (user, password) => {
  const auth = await open('correct horse')
  await expect(auth.login(user, password, '10.0.0.1')).rejects.toMatchObject({ code: 'auth.login' })
})

test('a password is made up at the first start only, told once, and never stored as it is', async () => {
  const auth = await open(undefined)
  const [[user, password] = ['', '']] = told
  expect(user).toBe('admin')
  expect(password).toMatch(/^[A-Za-z0-9]{20}$/)
  expect(auth.check(await auth.login('admin', password, 'x'))).toBeDefined()
  await open('another')
  expect(told).toHaveLength(1)
  const rows = await store.db.selectFrom('user').selectAll().execute()
  expect(JSON.stringify(rows)).not.toContain(password)
  await expect((await open('another')).login('admin', 'another', 'x')).rejects.toThrow('login failed (admin)')
})

test('tokens live through a restart as hashes, and die an hour after their last use', async () => {
  const auth = await open('pw')
  const token = await auth.login('admin', 'pw', 'x')
  expect(JSON.stringify(await store.db.selectFrom('token').selectAll().execute())).not.toContain(token)
  store.clock.advance(3_000_000)
  expect(auth.check(token)).toBeDefined()
  store.clock.advance(3_000_000)
  const again = await open('pw')
  expect(again.check(token)).toBeDefined()
  store.clock.advance(3_600_001)
  expect(again.check(token)).toBeUndefined()
})

test('a logged-out token is nobody', async () => {
  const auth = await open('pw')
  const token = await auth.login('admin', 'pw', 'x')
  expect(await auth.logout(token)).toBe(true)
  expect(await auth.logout(token)).toBe(false)
  expect(auth.check(token)).toBeUndefined()
  expect((await open('pw')).check(token)).toBeUndefined()
})

test.each(['', 'x', '-1', 'a'.repeat(43), '~'])('%j is no token', async (token) => {
  expect((await open('pw')).check(token)).toBeUndefined()
})

test('many right logins of one peer in one moment are all let in, and of many wrong ones only ten are looked at', async () => {
  const auth = await open('correct horse')
  const many = (password: string) =>
    Promise.all(
      Array.from({ length: 40 }, () =>
        auth.login('admin', password, '10.0.0.8').then(
          () => 'in',
          (error: { code: string }) => error.code,
        ),
      ),
    )
  const count = (ends: string[]) => Object.groupBy(ends, (end) => end)
  expect(count(await many('correct horse'))['in']).toHaveLength(40)
  const wrong = count(await many('wrong'))
  expect([wrong['auth.login']?.length, wrong['auth.limited']?.length]).toEqual([10, 30])
})

test('ten wrong passwords from one peer within a minute make it wait, others not', async () => {
  const auth = await open('pw')
  const tries = await Promise.allSettled(Array.from({ length: 12 }, () => auth.login('admin', 'no', 'bad')))
  expect(tries.filter((one) => one.status === 'rejected' && one.reason.code === 'auth.limited')).toHaveLength(2)
  await expect(auth.login('admin', 'pw', 'bad')).rejects.toMatchObject({ code: 'auth.limited' })
  expect(await auth.login('admin', 'pw', 'good')).toBeTruthy()
  store.clock.advance(60_001)
  expect(await auth.login('admin', 'pw', 'bad')).toBeTruthy()
})

describe('Digest', () => {
  const ha1 = digestHa1('admin', 'Cobbler', 'pw')

  test('knows the first user from the start, sealed', async () => {
    const auth = await open('pw')
    expect(auth.digestHa1('admin')).toBe(ha1)
    expect(auth.digestHa1('nobody')).toBeUndefined()
    const [row] = await store.db.selectFrom('user').selectAll().execute()
    expect(row?.digest).toMatch(/^v1\./)
    expect(row?.digest).not.toContain(ha1)
    expect((await open('pw')).digestHa1('admin')).toBe(ha1)
  })

  test.each(['', 'v1.sealed-by-another'])('knows a user with %j since the next login by password', async (digest) => {
    await open('pw')
    await store.db.updateTable('user').set({ digest }).execute()
    const auth = await open('pw')
    expect(auth.digestHa1('admin')).toBeUndefined()
    await expect(auth.login('admin', 'wrong', 'x')).rejects.toThrow()
    expect(auth.digestHa1('admin')).toBeUndefined()
    await auth.login('admin', 'pw', 'x')
    expect(auth.digestHa1('admin')).toBe(ha1)
    expect((await open('pw')).digestHa1('admin')).toBe(ha1)
  })

  test('shares its failures with logins', async () => {
    const auth = await open('pw')
    for (let count = 0; count < 10; count++) auth.failures.add('bad')
    expect([auth.failures.isLimited('bad'), auth.failures.isLimited('good')]).toEqual([true, false])
    await expect(auth.login('admin', 'pw', 'bad')).rejects.toMatchObject({ code: 'auth.limited' })
    auth.failures.clear('bad')
    expect(await auth.verify('admin', 'pw', 'bad')).toEqual({ user: 'admin', role: 'admin' })
    expect([auth.roleOf('admin'), auth.roleOf('nobody')]).toEqual(['admin', undefined])
  })
})
