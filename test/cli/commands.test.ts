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

describe('power', () => {
  beforeEach(() => orchestra('system add --name=node01 --profile=debian-13 --power-type=test'))

  test('on waits until that is seen, and status tells by its exit code', async () => {
    expect(await orchestra('system powerstatus --name=node01')).toMatchObject({
      code: 2,
      out: expect.stringMatching(/^node01: off/),
    })
    expect(await orchestra('system poweron --name=node01')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^node01: .*\bon\b/),
    })
    expect(it.machine.state).toBe('on')
    expect(await orchestra('system powerstatus --name=node01')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^node01: on/),
    })
    expect(await orchestra('system reboot --name=node01')).toMatchObject({ code: 0 })
    expect(await orchestra('system poweroff --name=node01')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/off/),
    })
    expect(it.machine.state).toBe('off')
  })

  test('that fails says why, exit code 1', async () => {
    it.machine.fails = true
    expect(await orchestra('system poweron --name=node01')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/on fire/),
    })
    expect(await orchestra('system poweron --name=nope')).toMatchObject({ code: 1, err: expect.stringMatching(/nope/) })
  })
})

test('import says what it does while it does it, and what came of it', async () => {
  const ran = await orchestra('import --path=/srv/debian --name=debian --arch=x86_64 --os-version=trixie')
  expect(ran).toEqual({ code: 0, out: 'imported debian\n', err: 'importing /srv/debian …\n' })
  expect(it.imports).toEqual([{ path: '/srv/debian', name: 'debian', arch: 'x86_64', osVersion: 'trixie' }])
  expect(await orchestra('import --path=/srv/debian --name=debian', { role: 'operator' })).toMatchObject({
    code: 1,
    err: expect.stringMatching(/needs admin/),
  })
})

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

test('sync says that nothing needs it, and needs no daemon', async () => {
  const ran = await orchestra('sync', { findLocal: async () => undefined })
  expect(ran).toMatchObject({ code: 0, out: expect.stringMatching(/Nothing to sync/), err: '' })
})

test('version is of both, and of one when there is no other', async () => {
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
    ]) {
      expect(out).toMatch(new RegExp(`^ {2}${word}\\b`, 'm'))
    }
  })
})
