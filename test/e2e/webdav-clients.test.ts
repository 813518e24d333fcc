/** The store through the clients that people have: curl, cadaver, and davfs2, which mounts it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'

let daemon: Daemon
let home: string
beforeAll(async () => {
  await needPackages('curl', 'cadaver')
  daemon = await startDaemon()
  home = temporaryFolder()
  const netrc = `machine 127.0.0.1\nlogin admin\npassword ${daemon.password}\n`
  writeFileSync(join(home, '.netrc'), netrc, { mode: 0o600 })
})

/** @param auth as arguments; unset: Digest */
const curl = (url: string, args: readonly string[], auth = ['--digest', '--netrc-file', join(home, '.netrc')]) =>
  exec('curl', ['-sS', '--path-as-is', ...auth, ...args, url.startsWith('http') ? url : `${daemon.url}/webdav${url}`])
const code = async (url: string, args: readonly string[] = [], auth?: string[]) =>
  Number(await curl(url, ['-o', '/dev/null', '-w', '%{http_code}', ...args], auth))

describe('curl', () => {
  test('puts, gets, copies, moves and deletes, with Digest', async () => {
    const file = join(home, 'upload')
    writeFileSync(file, 'twelve bytes')
    expect(await code('/formulas/100%25%20%C3%A9.txt', ['-T', file])).toBe(201)
    expect(await curl('/formulas/100%25%20%C3%A9.txt', [])).toBe('twelve bytes')
    expect(await curl('/formulas/100%25%20%C3%A9.txt', ['-r', '7-'])).toBe('bytes')
    expect(readdirSync(join(daemon.data, 'webdav/formulas'))).toEqual(['100% é.txt'])
    const destination = ['-H', `Destination: ${daemon.url}/webdav/moved`]
    expect(await code('/formulas/100%25%20%C3%A9.txt', ['-X', 'MOVE', ...destination])).toBe(201)
    expect(await code('/moved', ['-X', 'COPY', '-H', 'Destination: /webdav/copy'])).toBe(201)
    expect(await code('/moved', ['-X', 'DELETE'])).toBe(204)
    expect(await curl('/copy', [])).toBe('twelve bytes')
  })

  test('asks with conditions', async () => {
    expect(await code('/cond', ['-X', 'PUT', '-d', 'x', '-H', 'If-None-Match: *'])).toBe(201)
    expect(await code('/cond', ['-X', 'PUT', '-d', 'y', '-H', 'If-None-Match: *'])).toBe(412)
    const head = await curl('/cond', ['-I'])
    const [, etag] = /^etag: (.+?)\r$/im.exec(head) ?? []
    expect(head).toMatch(/^content-length: 1\r$/im)
    expect(await code('/cond', ['-H', `If-None-Match: ${etag}`])).toBe(304)
  })

  test('is told who may come in, and how', async () => {
    const token = await daemon.token()
    expect(await code('/', ['-H', `Authorization: Bearer ${token}`], [])).toBe(200)
    expect(await code('/', [], [])).toBe(401)
    const basic = ['--basic', '--netrc-file', join(home, '.netrc')]
    expect(await code('/', [], basic)).toBe(401)
    const head = await curl('/', ['-I'], [])
    expect(head.match(/^www-authenticate:.*$/gim)).toEqual([expect.stringMatching(/^www-authenticate: Digest /i)])
  })

  test.each([
    ['/../orchestra.db', 400],
    ['/%2e%2e/orchestra.db', 400],
    ['/..%2forchestra.db', 400],
    ['/..%5c..%5corchestra.db', 400],
    ['/x%00', 400],
    [`/${'x'.repeat(300)}`, 414],
    ['/%zz', 404],
  ])('does not get out by %s', async (path, wanted) => {
    expect(await code(path)).toBe(wanted)
    expect(await code(path, ['-X', 'PUT', '-d', 'x'])).toBe(wanted)
    const move = ['-X', 'MOVE', '-H', `Destination: ${daemon.url}/webdav${path}`]
    expect(await code('/formulas', move)).toBeGreaterThanOrEqual(400)
    expect(readdirSync(join(daemon.data, 'webdav'))).toContain('formulas')
  })

  test('gets the same answers from settings that open the doors', async () => {
    const open = await startDaemon({ config: { webdav: { anonymous_read: true, basic: 'on' } } })
    const at = (path: string) => `${open.url}/webdav${path}`
    expect(await code(at('/formulas/'), [], [])).toBe(200)
    expect(await code(at('/x'), ['-X', 'PUT', '-d', 'x'], [])).toBe(401)
    const basic = join(home, 'basic')
    writeFileSync(basic, `machine 127.0.0.1 login admin password ${open.password}\n`, { mode: 0o600 })
    for (const wanted of [201, 204]) {
      expect(await code(at('/x'), ['-X', 'PUT', '-d', 'x'], ['--basic', '--netrc-file', basic])).toBe(wanted)
    }
    await open.stop()
    const wide = await startDaemon({ config: { webdav: { anonymous_write: true } } })
    expect(await code(`${wide.url}/webdav/a/b`, ['-X', 'PUT', '-d', 'x'], [])).toBe(201)
    await wide.stop()
    const off = await startDaemon({ config: { webdav: { enabled: false } } })
    expect(await code(`${off.url}/webdav/`, [], [])).toBe(404)
    expect(existsSync(join(off.data, 'webdav'))).toBe(false)
    await off.stop()
  })
})

test('cadaver works as people work with it', async () => {
  const [local, back] = [join(home, 'local.txt'), join(home, 'back.txt')]
  writeFileSync(local, 'from cadaver')
  const script = [
    ...['mkcol "a folder"', 'cd "a folder"', `put ${local} one.txt`, 'lock one.txt', 'discover one.txt'],
    ...['propset one.txt color blue', 'propget one.txt color', 'unlock one.txt', 'copy one.txt two.txt'],
    ...['move two.txt "drei und mehr.txt"', `get "drei und mehr.txt" ${back}`, 'delete one.txt', 'ls', 'quit'],
  ]
  const output = await exec('cadaver', [`${daemon.url}/webdav/`], {
    ...{ stdin: `${script.join('\n')}\n`, env: { HOME: home }, cwd: home },
  })
  expect(output).not.toMatch(/failed|error/i)
  expect(output).toMatch(/Lock token <urn:uuid:/)
  expect(output).toMatch(/Value of color is: blue/)
  expect(readFileSync(back, 'utf8')).toBe('from cadaver')
  expect(readdirSync(join(daemon.data, 'webdav/a folder'))).toEqual(['drei und mehr.txt'])
})

test('davfs2 mounts it, and a mounted store is a folder like others', async ({ skip }) => {
  if (!existsSync('/dev/fuse')) skip('this machine has no /dev/fuse')
  await needPackages('davfs2')
  const [mount, secrets, settings] = ['mnt', 'secrets', 'davfs2.conf'].map((name) => join(home, name)) as [
    ...[string, string, string],
  ]
  mkdirSync(mount)
  writeFileSync(secrets, `${mount} admin ${daemon.password}\n`, { mode: 0o600 })
  // Newer kernels read folders in larger pieces than davfs2 has room for unless told.
  writeFileSync(settings, `secrets ${secrets}\nask_auth 0\nuse_locks 1\ndelay_upload 0\nbuf_size 256\n`)
  await exec('mount.davfs', ['-o', `conf=${settings}`, `${daemon.url}/webdav/`, mount])
  try {
    mkdirSync(join(mount, 'from davfs'))
    writeFileSync(join(mount, 'from davfs/é 1.txt'), 'hello')
    await exec('mv', [join(mount, 'from davfs/é 1.txt'), join(mount, 'from davfs/two.txt')])
    expect(readFileSync(join(mount, 'from davfs/two.txt'), 'utf8')).toBe('hello')
    expect(readdirSync(mount)).toContain('formulas')
  } finally {
    // Answers when all is uploaded.
    await exec('umount', [mount], { timeout: 60_000 })
  }
  expect(readFileSync(join(daemon.data, 'webdav/from davfs/two.txt'), 'utf8')).toBe('hello')
})
