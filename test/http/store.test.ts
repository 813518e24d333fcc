/** The store in a browser: the tree of WebDAV through another door, and nothing in it that runs. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testDav } from '../webdav/store.ts'
import { listen, type TestApp, testApp } from './test-app.ts'

type Dav = Awaited<ReturnType<typeof testDav>>
let dav: Dav
let it: TestApp
let url: string
beforeEach(async () => {
  dav = await testDav({ quotaBytes: 2_000_000 })
  it = await testApp({ webdav: dav.dav })
  url = await listen(it.app)
})
afterEach(async () => {
  await it.close()
  await dav.close()
})

type Role = 'viewer' | 'operator' | 'admin'
async function ask(
  role: Role,
  method: string,
  path: string,
  body?: string | Uint8Array<ArrayBuffer> | object,
  headers = {},
) {
  const isBytes = typeof body === 'string' || body instanceof Uint8Array
  return await fetch(`${url}/api/store/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await it.tokenOf(role)}`,
      ...(body && { 'content-type': isBytes ? 'text/html' : 'application/json' }),
      ...headers,
    },
    ...(body && { body: isBytes ? (body as string) : JSON.stringify(body) }),
  })
}

test('a file is put, listed, read as an attachment, moved and removed', async () => {
  expect((await ask('operator', 'PUT', 'isos/a%20b.html', '<script>1</script>')).status).toBe(201)
  expect((await ask('operator', 'PUT', 'isos/a%20b.html', '<script>2</script>')).status).toBe(204)
  expect((await ask('operator', 'POST', 'isos/sub', { action: 'folder' })).status).toBe(201)
  const mtime = expect.any(Number)
  expect(await (await ask('viewer', 'GET', 'isos/')).json()).toEqual({
    path: 'isos',
    entries: [
      { name: 'a b.html', kind: 'file', bytes: 18, mtime },
      { name: 'sub', kind: 'folder', bytes: 0, mtime },
    ],
  })
  expect(await (await ask('viewer', 'GET', '')).json()).toMatchObject({
    path: '',
    entries: [{ name: 'formulas' }, { name: 'isos' }],
  })
  const file = await ask('viewer', 'GET', 'isos/a%20b.html')
  expect(await file.text()).toBe('<script>2</script>')
  expect(Object.fromEntries(file.headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': "attachment; filename*=UTF-8''a%20b.html",
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'content-length': '18',
  })
  const moved = await ask('operator', 'POST', 'isos/a%20b.html', { action: 'move', to: 'isos/sub/c #1.html' })
  expect(moved.status).toBe(201)
  expect(readFileSync(join(dav.root, 'isos/sub/c #1.html'), 'utf8')).toBe('<script>2</script>')
  expect((await ask('operator', 'DELETE', 'isos')).status).toBe(204)
  expect((await ask('viewer', 'GET', 'isos/')).status).toBe(404)
})

test('bytes of any size and type come through as they are, and a part can be read', async () => {
  const bytes = new Uint8Array(1_500_000).map((_, index) => index % 251)
  expect((await ask('operator', 'PUT', 'big.json', bytes, { 'content-type': 'application/json' })).status).toBe(201)
  expect(new Uint8Array(await (await ask('viewer', 'GET', 'big.json')).arrayBuffer())).toEqual(bytes)
  const part = await ask('viewer', 'GET', 'big.json', undefined, { range: 'bytes=0-3' })
  expect([part.status, new Uint8Array(await part.arrayBuffer())]).toEqual([206, new Uint8Array([0, 1, 2, 3])])
  const head = await ask('viewer', 'HEAD', 'big.json')
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '1500000'])
  const tag = head.headers.get('etag') ?? ''
  expect((await ask('viewer', 'GET', 'big.json', undefined, { 'if-none-match': tag })).status).toBe(304)
  expect((await ask('operator', 'PUT', 'big.json', 'x', { 'if-match': '"other"' })).status).toBe(412)
})

test('an upload that breaks off leaves nothing, and is no fault of ours', async () => {
  const authorization = `Bearer ${await it.tokenOf('operator')}`
  const headers = { authorization, 'content-length': 1_000_000 }
  const upload = request(`${url}/api/store/half`, { method: 'PUT', headers })
  upload.on('error', () => {})
  upload.write('x'.repeat(100_000))
  await expect.poll(() => readdirSync(dav.drafts)).toHaveLength(1)
  upload.destroy()
  await expect.poll(() => readdirSync(dav.drafts)).toEqual([])
  expect([it.logged, (await ask('viewer', 'GET', 'half')).status]).toEqual([[], 404])
})

describe('it is refused, in the words of the API', () => {
  const refusal = async (answer: Response) => {
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    return [answer.status, ((await answer.json()) as { detail: string }).detail]
  }

  test('to write as a viewer', async () => {
    for (const [method, body] of [
      ['PUT', 'x'],
      ['POST', { action: 'folder' }],
      ['DELETE', undefined],
    ] as const) {
      expect((await ask('viewer', method, 'a', body)).status).toBe(403)
    }
  })

  test.each(['keep-alive', 'close'])('to put more than the quota, on a connection to %s', async (connection) => {
    const answer = await ask('operator', 'PUT', 'big', new Uint8Array(2_000_001), { connection })
    expect(await refusal(answer)).toEqual([507, expect.stringContaining('may hold 2000000')])
    expect((await ask('viewer', 'GET', 'big')).status).toBe(404)
  })

  test('to change what somebody has locked over WebDAV', async () => {
    await ask('operator', 'PUT', 'a', 'x')
    const lock = '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>'
    expect((await dav.ask('LOCK', '/a', { body: lock })).status).toBe(200)
    expect(await refusal(await ask('operator', 'PUT', 'a', 'y'))).toEqual([423, 'it is locked'])
    expect((await ask('operator', 'DELETE', 'a')).status).toBe(423)
    expect((await ask('operator', 'POST', 'a', { action: 'move', to: 'b' })).status).toBe(423)
  })

  test('to move over what is there, or to nowhere', async () => {
    for (const name of ['a', 'b']) await ask('operator', 'PUT', name, name)
    expect((await ask('operator', 'POST', 'a', { action: 'move', to: 'b' })).status).toBe(412)
    expect((await ask('operator', 'POST', 'a', { action: 'move', to: 'no/such/folder' })).status).toBe(409)
    expect((await ask('operator', 'POST', 'a', { action: 'move', to: '../a' })).status).toBe(400)
    expect((await ask('operator', 'POST', 'a', { action: 'folder' })).status).toBe(405)
    expect((await ask('operator', 'POST', 'a', { action: 'eat' })).status).toBe(400)
  })

  test('to leave the store: by dots, by a link', async () => {
    mkdirSync(join(dav.data, 'secret'))
    writeFileSync(join(dav.data, 'secret/key'), 'x')
    symlinkSync(join(dav.data, 'secret'), join(dav.root, 'link'))
    for (const path of ['..%2fsecret/key', '%2e%2e%2fsecret%2fkey', 'link/key', 'link', 'a%00b']) {
      const answer = await ask('admin', 'GET', path)
      expect([path, answer.status >= 400 && answer.status < 500]).toEqual([path, true])
    }
    expect((await ask('operator', 'PUT', 'link/key', 'y')).status).toBeGreaterThanOrEqual(400)
    expect(readFileSync(join(dav.data, 'secret/key'), 'utf8')).toBe('x')
  })

  test('without a login, before a byte is read', async () => {
    expect((await fetch(`${url}/api/store/a`, { method: 'PUT', body: 'x' })).status).toBe(401)
  })
})

test('an import reads from it, and from nothing else', async () => {
  await ask('operator', 'PUT', 'debian-13/linux', 'kernel')
  const start = async (path: string) => (await it.as('admin', 'POST', '/api/import', { path, name: 'x' })).statusCode
  expect(await start('store:debian-13/')).toBe(201)
  expect(it.imports).toMatchObject([{ path: join(dav.root, 'debian-13') }])
  expect(await start('store:nope')).toBe(422)
  expect(await start('store:../webdav/debian-13')).toBe(422)
  expect(it.imports).toHaveLength(1)
})

test('where it is off, that is said', async () => {
  const off = await testApp()
  const answer = await off.as('viewer', 'GET', '/api/store/')
  expect([answer.statusCode, answer.json().detail]).toEqual([404, 'the store is off: set webdav.enabled'])
  await off.close()
})
