/** Users, tokens and the audit on the command line, against the real application. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PASSWORD, type TestApp, testApp } from '../http/test-app.ts'
import { testCli } from './run.ts'

let it: TestApp
let orchestra: Awaited<ReturnType<typeof testCli>>['orchestra']
beforeEach(async () => {
  it = await testApp()
  orchestra = (await testCli(it)).orchestra
})
afterEach(() => it.close())

const silent = { code: 0, out: '', err: '' }
const canLogIn = async (user: string, password: string) => {
  const answer = await it.app.inject({ method: 'POST', url: '/api/login', payload: { user, password } })
  return answer.statusCode === 200
}

describe('user', () => {
  test('add takes the password from standard input, and list shows the roles', async () => {
    expect(await orchestra('user add --name anna --role operator', { secret: 'the password' })).toEqual(silent)
    expect(await orchestra('user add otto --role=viewer', { secret: 'another password' })).toEqual(silent)
    expect(await canLogIn('anna', 'the password')).toBe(true)
    const { out } = await orchestra('user list')
    expect(out).toBe('admin     admin\nanna      operator\noperator  operator\notto      viewer\nviewer    viewer\n')
  })

  test('add --generate prints the password once', async () => {
    const { code, out } = await orchestra('user add anna --role viewer --generate')
    expect([code, out]).toEqual([0, expect.stringMatching(/^[A-Za-z0-9]{20}\n$/)])
    expect(await canLogIn('anna', out.trim())).toBe(true)
  })

  test('add without a password, with a short one or with no such role says so', async () => {
    for (const [line, secret, said] of [
      ['user add anna --role viewer', '', 'no password was given'],
      ['user add anna --role viewer', 'short', '8 characters'],
      ['user add anna --role king', 'the password', 'role'],
      ['user add --role viewer', 'the password', 'name one user'],
    ] as const) {
      const ran = await orchestra(line, { secret })
      expect([ran.code, ran.err]).toEqual([1, expect.stringContaining(said)])
    }
  })

  test('takes no password as an argument', async () => {
    const ran = await orchestra('user add anna --role viewer --password=sesame-open')
    expect([ran.code, await canLogIn('anna', 'sesame-open')]).toEqual([1, false])
  })

  test('edit changes role and password, remove removes, and the last admin stays', async () => {
    expect(await orchestra('user edit viewer --role operator')).toEqual(silent)
    expect(await orchestra('user edit --name viewer --password', { secret: 'another password' })).toEqual(silent)
    expect([await canLogIn('viewer', PASSWORD), await canLogIn('viewer', 'another password')]).toEqual([false, true])
    expect(JSON.parse((await orchestra('user list --json')).out)).toContainEqual({
      name: 'viewer',
      role: 'operator',
      revision: 3,
    })
    expect(await orchestra('user remove viewer')).toEqual(silent)
    expect(await canLogIn('viewer', 'another password')).toBe(false)
    expect(await orchestra('user remove admin')).toMatchObject({ code: 1, err: expect.stringContaining('last admin') })
    expect(await orchestra('user edit otto')).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing to change'),
    })
  })

  test('passwd changes the own one', async () => {
    expect(await orchestra('user passwd', { role: 'viewer', secret: `${PASSWORD}\nanother password` })).toEqual(silent)
    expect(await canLogIn('viewer', 'another password')).toBe(true)
  })

  test('is nothing for an operator', async () => {
    const ran = await orchestra('user list', { role: 'operator' })
    expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringContaining('this needs admin') })
  })
})

describe('token', () => {
  test('add prints it once, it works by its scope, list shows its use, revoke ends it', async () => {
    const added = await orchestra('token add --name ci --scope read,power --expires 90d', { role: 'operator' })
    expect(added).toMatchObject({ code: 0, out: expect.stringMatching(/^orchestra_[\w-]{43}\n$/) })
    const env = { token: added.out.trim() }
    expect((await orchestra('list', { env })).code).toBe(0)
    expect(await orchestra('mgmtclass add --name=a', { env })).toMatchObject({
      code: 1,
      err: expect.stringContaining('the scope read, power'),
    })
    const list = await orchestra('token list')
    expect(list.out).toMatch(
      /^\w{12} {2}operator {2}ci {2}read,power {2}until 2024-02-12 22:13 {2}used 2023-11-14 22:13\n$/,
    )
    expect(await orchestra('token revoke ci')).toEqual(silent)
    expect((await orchestra('list', { env })).code).toBe(1)
    expect((await orchestra('token revoke ci')).err).toContain('there is no token ci')
  })

  test('add for another is for admins, and when it expires is a time', async () => {
    expect((await orchestra('token add --name x --scope read --user viewer')).code).toBe(0)
    const denied = await orchestra('token add --name y --scope read --user admin', { role: 'viewer' })
    expect(denied.err).toContain('needs admin')
    const odd = await orchestra('token add --name z --scope read --expires soon')
    expect(odd.err).toContain('not "soon"')
    expect((await orchestra('token add --name z --scope read --expires 2027-01-31')).code).toBe(0)
  })
})

test('audit tells who changed what, the newest last, and refused logins', async () => {
  await orchestra('mgmtclass add --name=a', { role: 'operator' })
  await canLogIn('admin', 'wrong')
  await orchestra('user edit viewer --role operator')
  const { out } = await orchestra('audit')
  expect(out.split('\n').map((line) => line.slice(21))).toEqual([
    'operator  127.0.0.1  api  POST /api/mgmtclasses (name)  ok',
    'admin  127.0.0.1  login  login  denied',
    'admin  127.0.0.1  api  PATCH /api/users/viewer (role)  ok',
    '',
  ])
  expect((await orchestra('audit --outcome denied -n 1 --json')).out).toContain('"denied"')
  expect((await orchestra('audit', { role: 'operator' })).code).toBe(1)
})
