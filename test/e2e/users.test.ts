/** Users by their roles through every door of the real daemon: the command line, curl, Python's XML-RPC client. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { exec } from '../../src/lib/exec.ts'
import { type Daemon, startDaemon, temporaryFolder } from '../support/daemon.ts'
import { needPackages } from '../support/debian.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const PASSWORD = 'password-of-a-test'
let daemon: Daemon
let home: string
beforeAll(async () => {
  await needPackages('curl', 'python3')
  daemon = await startDaemon()
  home = temporaryFolder()
  for (const [name, role] of [
    ['vera', 'viewer'],
    ['otto', 'operator'],
  ] as const) {
    expect(await orchestra(['user', 'add', '--name', name, '--role', role], PASSWORD)).toBe('')
    const netrc = `machine 127.0.0.1\nlogin ${name}\npassword ${PASSWORD}\n`
    writeFileSync(join(home, name), netrc, { mode: 0o600 })
  }
})

/** On the daemon's machine, with something on standard input; answers standard output, rejects with the other. */
async function orchestra(args: readonly string[], stdin = '', env: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], ORCHESTRA_DATA: daemon.data, ...env },
  })
  child.stdin.end(stdin)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (part) => (stdout += part))
  child.stderr.setEncoding('utf8').on('data', (part) => (stderr += part))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(stderr)
  return stdout
}

const python = (user: string, body: string) => {
  const script = [
    'import sys, xmlrpc.client',
    `c = xmlrpc.client.ServerProxy(${JSON.stringify(`${daemon.url}/cobbler_api`)})`,
    `t = c.login(${JSON.stringify(user)}, sys.stdin.readline().strip())`,
    'def tried(f, *a):',
    '    try: return f(*a)',
    '    except xmlrpc.client.Fault as e: return e.faultString',
    body,
  ].join('\n')
  return exec('python3', ['-c', script], { stdin: `${PASSWORD}\n` })
}

/** The status of a request to the store, by Digest. */
const store = (user: string, args: readonly string[]) =>
  exec('curl', [
    ...['-sS', '-o', '/dev/null', '-w', '%{http_code}', '--digest', '--netrc-file', join(home, user)],
    ...[...args, `${daemon.url}/webdav/file`],
  ])

const status = async (path: string, token: string, method = 'GET', body?: object) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(daemon.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  await answer.text()
  return answer.status
}
const login = (user: string, password: string) =>
  orchestra(['login', '--user', user], password).then((out) => out.trim())

test('a viewer reads by XML-RPC and changes nothing; an operator does', async () => {
  const seen = await python(
    'vera',
    'print(c.get_systems(t)); print(tried(c.new_mgmtclass, t)); print(tried(c.sync, t))',
  )
  expect(seen.split('\n')).toEqual([
    '[]',
    expect.stringContaining('authorization failure'),
    expect.stringContaining('authorization failure'),
    '',
  ])
  const make = 'm = c.new_mgmtclass(t); c.modify_mgmtclass(m, "name", "by-otto", t); print(c.save_mgmtclass(m, t))'
  expect(await python('otto', make)).toBe('True\n')
  expect(await orchestra(['mgmtclass', 'list'])).toContain('by-otto')
})

test('a viewer reads the store by Digest and changes nothing; an operator does', async () => {
  expect(await store('vera', ['-X', 'PUT', '-d', 'x'])).toBe('403')
  expect(await store('otto', ['-X', 'PUT', '-d', 'x'])).toBe('201')
  expect(await store('vera', [])).toBe('200')
})

test('a token opens what its scope says, at every door, until it is revoked', async () => {
  const args = ['token', 'add', '--user', 'otto', '--name', 'ci', '--scope', 'power']
  const token = (await orchestra(args)).trim()
  expect(await status('/api/power', token)).toBe(200)
  expect(await status('/api/systems', token)).toBe(403)
  expect(await status('/webdav/', token)).toBe(401)
  const check = `print(c.token_check(${JSON.stringify(token)}))`
  expect(await python('vera', check)).toBe('False\n')
  await daemon.restart()
  expect(await status('/api/power', token)).toBe(200)
  await orchestra(['token', 'revoke', 'ci'])
  expect(await status('/api/power', token)).toBe(401)
})

test('a preseed is shown to a viewer without the passwords in it', async () => {
  const hash = '$6$salt$abcdefghijklmnop'
  const call = async (method: string, path: string, token: string, body?: object) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
    return await fetch(`${daemon.url}/api/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  }
  const login = async (user: string) => {
    const answer = await call('POST', 'login', '', { user, password: PASSWORD })
    return ((await answer.json()) as { token: string }).token
  }
  const admin = await daemon.token()
  const files = { kernel: '/srv/linux', initrd: '/srv/initrd.gz', breed: 'debian' }
  await call('POST', 'distros', admin, { name: 'd', ...files })
  await call('POST', 'profiles', admin, { name: 'p', distro: 'd', meta: { password_crypted: hash } })
  await call('POST', 'systems', admin, { name: 'secretive', profile: 'p' })
  for (const path of ['systems/secretive/autoinstall', 'profiles/p/autoinstall']) {
    expect(await (await call('GET', path, await login('otto'))).text()).toContain(hash)
    const seen = await (await call('GET', path, await login('vera'))).text()
    expect(seen).toContain('d-i ')
    expect(seen).not.toContain(hash)
  }
})

test('a changed password ends logins at once, and Digest takes the new one alone', async () => {
  const token = await login('otto', PASSWORD)
  expect(await status('/api/systems', token)).toBe(200)
  await orchestra(['user', 'edit', '--name', 'otto', '--password'], 'another-password')
  expect(await status('/api/systems', token)).toBe(401)
  expect(await store('otto', [])).toBe('401')
  writeFileSync(join(home, 'otto'), 'machine 127.0.0.1\nlogin otto\npassword another-password\n')
  expect(await store('otto', [])).toBe('200')
  await orchestra(['user', 'remove', 'otto'])
  expect(await store('otto', [])).toBe('401')
})

test('the last admin stays, and the audit has all of it without a secret', async () => {
  await expect(orchestra(['user', 'remove', 'admin'])).rejects.toThrow('last admin')
  await expect(login('vera', 'wrong-password')).rejects.toThrow('login failed')
  const audit = await orchestra(['audit'])
  for (const line of [
    /admin {2}127.0.0.1 {2}api {2}POST \/api\/users \(name, role, password\) {2}ok/,
    /vera {2}127.0.0.1 {2}xmlrpc {2}new_mgmtclass {2}denied/,
    /otto {2}127.0.0.1 {2}xmlrpc {2}save_mgmtclass \S+ {2}ok/,
    /otto {2}127.0.0.1 {2}webdav {2}PUT \/webdav\/file {2}ok/,
    /vera {2}127.0.0.1 {2}login {2}login {2}denied/,
  ]) {
    expect(audit).toMatch(line)
  }
  for (const secret of [PASSWORD, 'another-password', 'wrong-password']) {
    expect(audit + daemon.log()).not.toContain(secret)
  }
})
