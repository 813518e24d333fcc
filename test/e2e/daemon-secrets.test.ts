/** What the daemon keeps to itself: the password that it makes up, the modes of its files, and what never enters its log. */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startDaemon, temporaryFolder } from '../support/daemon.ts'
import { encodeCall, readAnswer } from '../xmlrpc/support.ts'

describe('what is secret', () => {
  test('a password is made up and told once, at the first start, and it opens the door', async () => {
    const daemon = await startDaemon({ env: { ORCHESTRA_ADMIN__PASSWORD: undefined } })
    const told = () => [...daemon.log().matchAll(/as admin with the password (\S+)/g)].map(([, password]) => password)
    const [password] = told()
    const login = () =>
      fetch(`${daemon.url}/api/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ user: 'admin', password }),
      })
    expect((await login()).status).toBe(200)
    await daemon.restart()
    expect(told()).toHaveLength(1)
    expect((await login()).status).toBe(200)
    expect(daemon.log().split(String(password))).toHaveLength(2)
    expect(filesWith(daemon.data, String(password))).toEqual([])
  })

  test('a data directory is entered by nobody else', async () => {
    const { data } = await startDaemon()
    expect((statSync(data).mode & 0o777).toString(8)).toBe('700')
    expect(openToOthers(data)).toEqual([])
  })

  test('of a data directory that was there before, and keeps its mode, the content is read by nobody else', async () => {
    // Not tightened: a setting that names /tmp by mistake must not close it for everybody.
    const data = join(temporaryFolder(), 'data')
    mkdirSync(data)
    chmodSync(data, 0o755)
    await startDaemon({ data })
    expect((statSync(data).mode & 0o777).toString(8)).toBe('755')
    expect(openToOthers(data)).toEqual([])
  })

  test('the password of a power controller is in no file, is used after a restart, and needs its key', async () => {
    const daemon = await startDaemon()
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await daemon.token()}` }
    const post = (path: string, body: object) =>
      fetch(daemon.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    await post('/api/distros', { name: 'd', kernel: '/srv/d/linux', initrd: '/srv/d/initrd.gz' })
    await post('/api/profiles', { name: 'p', distro: 'd' })
    const power = { type: 'fence_dummy', pass: 'power-Password1', options: 'type=fail' }
    expect((await post('/api/systems', { name: 'node1', profile: 'p', power })).status).toBe(201)
    expect(filesWith(daemon.data, 'power-Password1')).toEqual([])
    await daemon.restart()
    const answer = await fetch(`${daemon.url}/cobbler_api`, {
      method: 'POST',
      body: new Uint8Array(encodeCall('get_system', ['node1', false, false, await daemon.token()])),
    })
    expect(readAnswer(await answer.text())).toMatchObject({ power_pass: 'power-Password1' })
    await daemon.stop()
    writeFileSync(join(daemon.data, 'key'), randomBytes(32).toString('base64url'))
    await expect(startDaemon({ data: daemon.data })).rejects.toThrow(
      /the power password of node1 was sealed with another key; put back the file "key"/,
    )
  })

  test('stays out of the log, however much is logged', async () => {
    const daemon = await startDaemon({ config: { log: { level: 'debug' } } })
    const token = await daemon.token()
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const post = (path: string, body: object) =>
      fetch(daemon.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    await post('/api/login', { user: 'admin', password: 'wrong-Password1' })
    await post('/api/distros', { name: 'd', kernel: '/srv/d/linux', initrd: '/srv/d/initrd.gz' })
    await post('/api/profiles', { name: 'p', distro: 'd' })
    const made = await post('/api/systems', {
      name: 'node1',
      profile: 'p',
      meta: { USER_DATA_BASE64: Buffer.from('user-data-secret').toString('base64') },
      power: { type: 'ipmi', address: '127.0.0.1', user: 'root', pass: 'power-Password1' },
    })
    expect(made.status).toBe(201)
    await post('/api/systems', { name: 'node2', power: { pass: 'power-Password1', nonsense: true } })
    await post('/api/systems/node1/power', { action: 'off' })
    await fetch(`${daemon.url}/cblr/svc/op/autoinstall/system/node1`)
    await daemon.stop()
    const secrets = [
      token,
      daemon.password,
      'wrong-Password1',
      'power-Password1',
      Buffer.from('user-data-secret').toString('base64'),
    ]
    expect(secrets.filter((secret) => daemon.log().includes(secret))).toEqual([])
  })
})

/** What others than the owner may read or write below a data directory, which must hold the store. */
function openToOthers(data: string): string[] {
  const names = readdirSync(data, { recursive: true }) as string[]
  expect(names).toContain('orchestra.db')
  return names.filter((name) => (statSync(join(data, name)).mode & 0o077) !== 0)
}

function filesWith(folder: string, secret: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(secret))
    .map(({ name }) => name)
}
