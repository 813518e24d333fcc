/** Commands beside the nouns, and what is said when there is nobody to speak to. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PASSWORD, type TestApp, testApp } from '../http/test-app.ts'
import { testCli } from './run.ts'

let it: TestApp
let url: string
let orchestra: Awaited<ReturnType<typeof testCli>>['orchestra']
beforeEach(async () => {
  it = await testApp()
  ;({ url, orchestra } = await testCli(it))
})
afterEach(() => it.close())

describe('events', () => {
  test('are printed one a line, and cannot steer a terminal', async () => {
    it.journal.record('boot.step', {
      mac: undefined,
      system: 'node01',
      step: 'loader',
      because: 'asked for \u001b[2Jpxe\r\nlinux.0\u009b',
    })
    it.journal.record('boot.step', { mac: undefined, system: 'node02', step: 'ready', because: 'called back' })
    const { code, out } = await orchestra('events --since=2')
    expect(code).toBe(0)
    expect(out).toBe(
      '2023-11-14 22:13:20  node01  loader: asked for ?[2Jpxe??linux.0?\n2023-11-14 22:13:20  node02  ready: called back\n',
    )
    expect((await orchestra('events --system=node02')).out).toMatch(/^[^\n]* {2}node02 {2}ready: called back\n$/)
    const asJson: unknown = JSON.parse((await orchestra('events --since=2 --json')).out)
    expect(asJson).toMatchObject([
      { name: 'boot.step', payload: { because: 'asked for \u001b[2Jpxe\r\nlinux.0\u009b' } },
      { payload: { system: 'node02' } },
    ])
    expect((await orchestra('events --since=2 --json')).out).not.toMatch(/[\x1b\x9b]/)
    expect(await orchestra('events --since=yesterday')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/--since is a number/),
    })
  })
})

describe('the daemon', () => {
  test('that does not run is told of, and how to start it', async () => {
    const nobody = await orchestra('system list', { findLocal: async () => undefined })
    expect(nobody).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/start it with "orchestra serve"/) })
    await it.app.close()
    const gone = await orchestra('system list')
    expect(gone).toEqual({
      code: 1,
      out: '',
      err: `orchestra: no Orchestra answers at ${url}; start it with "orchestra serve"\n`,
    })
  })

  test('gets the token of a file, which no list of processes shows', async () => {
    const files = { '/run/token': `${await it.tokenOf('viewer')}\n` }
    const away = { findLocal: async () => undefined, files }
    expect(await orchestra(`--server ${url} --token-file /run/token profile list`, away)).toMatchObject({ code: 0 })
    expect(await orchestra(`--server ${url} profile list --token-file=/nope`, away)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^orchestra: \/nope cannot be read/),
    })
  })

  test('is named by --server or ORCHESTRA_SERVER, and gets the token of ORCHESTRA_TOKEN', async () => {
    const away = { findLocal: async () => undefined }
    const token = await it.tokenOf('viewer')
    for (const server of [url, url.replace('http://', ''), `${url}/`]) {
      expect(await orchestra(`--server ${server} profile list`, { ...away, env: { token } })).toMatchObject({ code: 0 })
    }
    expect(await orchestra('profile list', { ...away, env: { server: url, token } })).toMatchObject({ code: 0 })
    expect(await orchestra('profile list --server :', away)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no address/),
    })
    const anonymous = await orchestra(`--server ${url} profile list`, away)
    expect(anonymous).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/set ORCHESTRA_TOKEN to what "orchestra login" prints/),
    })
  })

  test('of this machine lends its token to no other address', async () => {
    const seen: (string | undefined)[] = []
    const other = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.end('<html>hello</html>')
    })
    await new Promise<void>((ready) => other.listen(0, '127.0.0.1', ready))
    const { port } = other.address() as AddressInfo
    const ran = await orchestra(`--server 127.0.0.1:${port} system list`)
    expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(/is not Orchestra; is the address right/) })
    expect(seen).toEqual([undefined])
    expect(await orchestra(`--server ${url} system list`)).toMatchObject({ code: 0 })
    await new Promise((closed) => other.close(closed))
  })

  test('gives a token for a password', async () => {
    const away = { findLocal: async () => undefined }
    const login = await orchestra(`--server ${url} login --user operator`, { ...away, secret: PASSWORD })
    expect(login).toMatchObject({ code: 0, err: '' })
    const env = { server: url, token: login.out.trim() }
    expect(await orchestra('mgmtclass add --name=a', { ...away, env })).toMatchObject({ code: 0 })
    expect(await orchestra('logout', { ...away, env })).toMatchObject({ code: 0 })
    expect(await orchestra('mgmtclass add --name=b', { ...away, env })).toMatchObject({ code: 1 })
    const wrong = await orchestra(`--server ${url} login --user operator`, { ...away, secret: 'wrong' })
    expect(wrong).toEqual({ code: 1, out: '', err: 'orchestra: login failed (operator)\n' })
  })
})

describe('check', () => {
  test('numbers the advice as Cobbler does', async () => {
    expect(await orchestra('check')).toEqual({
      code: 0,
      out: 'No configuration problems found.  All systems go.\n',
      err: '',
    })
    it.advice.push('DHCP is off', 'no loader')
    const { code, out } = await orchestra('check')
    expect(code).toBe(0)
    expect(out).toMatch(
      /^The following are potential configuration items that you may want to fix:\n\n1 : DHCP is off\n\n2 : no loader\n\n/,
    )
    expect(JSON.parse((await orchestra('check --json')).out)).toEqual(['DHCP is off', 'no loader'])
  })
})

describe('status', () => {
  test('is a table of installs', async () => {
    await orchestra('system add --name=node01 --profile=debian-13 --ip=10.0.0.1')
    const at = it.clock.now()
    it.statuses.push(
      { system: 'node01', started: at - 184_000, ended: undefined, seen: at, state: 'installing' },
      { system: 'gone', started: undefined, ended: at, seen: at, state: 'finished' },
    )
    const lines = (await orchestra('status')).out.split('\n')
    expect(lines[0]).toBe('ip             |target              |start                    |state')
    expect(lines[1]).toMatch(/^10\.0\.0\.1 {7}\|system:node01 {7}\|Tue Nov 14 \d\d:10:16 2023 \|installing \(3m 4s\)$/)
    expect(lines[2]).toMatch(/^ {15}\|system:gone {9}\| {25}\|finished$/)
    expect(JSON.parse((await orchestra('status --json')).out)).toMatchObject([
      { system: 'node01', ip: '10.0.0.1', ended: null },
      { system: 'gone', started: null },
    ])
  })
})

test('version is of both, and of one when there is no other', async () => {
  expect(JSON.parse((await orchestra('version --json')).out)).toEqual({
    orchestra: '1.2.3',
    daemon: { version: '1.2.3', url },
  })
  expect((await orchestra('version')).out).toBe(`orchestra 1.2.3\ndaemon 1.2.3 at ${url}\n`)
  const alone = await orchestra('version', { findLocal: async () => undefined })
  expect(alone).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^orchestra 1\.2\.3\ndaemon: no Orchestra runs here/),
  })
})

describe('help', () => {
  test.each(['--help', 'system --help', 'system add --help', 'help system'])(
    'of "%s" fits a terminal',
    async (line) => {
      const { code, out, err } = await orchestra(line)
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toMatch(/^Usage: orchestra/)
    },
  )

  test('names every command', async () => {
    const { out } = await orchestra('--help')
    for (const word of [
      'distro',
      'profile',
      'system',
      'mgmtclass',
      'import',
      'list',
      'report',
      'events',
      'sync',
      'version',
      'check',
      'status',
      'completion',
      'repo',
      'menu',
    ]) {
      expect(out).toMatch(new RegExp(`^ {2}${word}\\b`, 'm'))
    }
  })
})
