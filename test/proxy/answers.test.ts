/** What is not for the cache: other answers of mirrors, what is for one client alone, and what the proxy refuses. */
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { ask, fileOf } from './mirror.ts'
import { DEB, INDEX, MB, proxyStage } from './stage.ts'

const stage = proxyStage()

describe('what a mirror says otherwise', () => {
  test('is passed on and not kept: not found, moved', async () => {
    expect(await stage.get('/nothing')).toMatchObject({ status: 404 })
    expect(await stage.get('/nothing')).toMatchObject({ status: 404 })
    stage.mirror.files.set(
      '/old',
      (_request, reply) => void reply.writeHead(302, { location: 'http://elsewhere/x' }).end(),
    )
    expect(await stage.get('/old')).toMatchObject({ status: 302, headers: { location: 'http://elsewhere/x' } })
    expect(stage.lines()).toEqual(['GET /nothing', 'GET /nothing', 'GET /old'])
  })

  test('in pieces without a length is kept when they have all come', async () => {
    stage.mirror.files.set(DEB, (_request, reply) => {
      reply.write('one ')
      reply.end('two')
    })
    expect((await stage.get(DEB)).body.toString()).toBe('one two')
    expect(await stage.get(DEB)).toMatchObject({ headers: { 'x-cache': 'HIT', 'content-length': '7' } })
  })

  test.each([
    [
      'no-store',
      (reply: ServerResponse) => reply.writeHead(200, { 'cache-control': 'no-store', 'content-length': 2 }).end('ab'),
    ],
    [
      'no length and an end by the connection',
      (reply: ServerResponse) => {
        reply.socket?.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nab')
      },
    ],
  ])('with %s is for one client alone', async (_, send) => {
    stage.mirror.files.set(DEB, (_request, reply) => void send(reply))
    expect((await stage.get(DEB)).body.toString()).toBe('ab')
    expect((await stage.get(DEB)).headers['x-cache']).toBe('PASS')
  })

  test('to a client with a password is for that client alone', async () => {
    stage.mirror.files.set(DEB, fileOf('for you'))
    expect(await stage.get(DEB, { authorization: 'Basic eDp5' })).toMatchObject({ headers: { 'x-cache': 'PASS' } })
    expect(stage.mirror.asked[0]?.headers.authorization).toBe('Basic eDp5')
    stage.mirror.files.set(DEB, fileOf('for all'))
    expect((await stage.get(DEB)).body.toString()).toBe('for all')
  })

  test('that is larger than the cache is passed on', async () => {
    await stage.restart({ cacheBytes: MB })
    const body = randomBytes(2 * MB)
    stage.mirror.files.set(DEB, fileOf(body))
    const { headers, body: got } = await stage.get(DEB)
    expect([headers['x-cache'], got.equals(body)]).toEqual(['PASS', true])
    expect(stage.drafts()).toEqual([])
  })
})

describe('HEAD', () => {
  const head = (path: string) => ask(stage.proxy, stage.mirror.url(path), { method: 'HEAD' })

  test('asks the stage.mirror, or the cache where that knows', async () => {
    stage.mirror.files.set(DEB, fileOf('12345'))
    stage.mirror.files.set(INDEX, fileOf('123'))
    expect(await head(DEB)).toMatchObject({ status: 200, headers: { 'content-length': '5' }, body: Buffer.alloc(0) })
    await stage.get(DEB)
    await stage.get(INDEX)
    await stage.allKept()
    expect(await head(DEB)).toMatchObject({ headers: { 'x-cache': 'HIT', 'content-length': '5' } })
    expect(await head(INDEX)).toMatchObject({ headers: { 'x-cache': 'PASS' } })
    expect(stage.lines()).toEqual([`HEAD ${DEB}`, `GET ${DEB}`, `GET ${INDEX}`, `HEAD ${INDEX}`])
    await stage.mirror.close()
    expect(await head(INDEX)).toMatchObject({ status: 200, headers: { 'x-cache': 'STALE', 'content-length': '3' } })
    expect(await head('/other')).toMatchObject({ status: 502 })
  })
})

describe('refused', () => {
  const refusal = async (target: string, method = 'GET') => {
    const { status, body } = await ask(stage.proxy, target, { method })
    return `${status} ${body.toString().trimEnd()}`
  }

  test('is what is not listed, what is no proxy request, and what is no reading', async () => {
    expect(await refusal('http://example.com/')).toBe('403 example.com:80 is not listed in proxy.mirrors')
    expect(await refusal(`http://127.0.0.2:${stage.mirror.port}/`)).toMatch(/^403 .* is not listed/)
    expect(await refusal('http://127.0.0.1/')).toMatch(/^403 .* is not listed/)
    expect(await refusal('/')).toMatch(/^400 this is a proxy for packages, not a site/)
    expect(await refusal('https://127.0.0.1/')).toMatch(/^400 /)
    expect(await refusal(stage.mirror.url(DEB), 'POST')).toMatch(/^405 /)
    expect(await refusal(stage.mirror.url(DEB), 'DELETE')).toMatch(/^405 /)
    expect(stage.lines()).toEqual([])
  })

  test('is a name that leads to this host, unless it was listed with its port', async () => {
    const at80 = await refusal('http://localhost/')
    expect(at80).toMatch(/^403 localhost is no mirror but a machine of this network/)
    stage.mirror.files.set('/a', fileOf('a'))
    expect((await ask(stage.proxy, `http://localhost:${stage.mirror.port}/a`)).body.toString()).toBe('a')
    await stage.restart({ mirrors: ['*.localhost'] })
    expect(await refusal('http://deb.localhost/')).toMatch(/^(403|502) /)
  })

  test('is the proxy itself, however it is called', async () => {
    const { port } = stage.proxy
    await stage.restart({ port, mirrors: [`127.0.0.1:${port}`, `localhost:${port}`] })
    expect(await refusal(`http://127.0.0.1:${port}/`)).toMatch(/^403 127\.0\.0\.1 is no mirror/)
    expect(await refusal(`http://localhost:${port}/`)).toMatch(/^403 localhost is no mirror/)
  })

  test('is a request that went in a circle', async () => {
    stage.mirror.files.set('/a', fileOf('a'))
    await stage.get('/a')
    const via = String(stage.mirror.asked[0]?.headers.via)
    expect(await ask(stage.proxy, stage.mirror.url('/b'), { headers: { via } })).toMatchObject({ status: 508 })
  })

  test('is a tunnel', async () => {
    const socket = connect(stage.proxy.port, '127.0.0.1')
    socket.end('CONNECT deb.debian.org:443 HTTP/1.1\r\nhost: deb.debian.org:443\r\n\r\n')
    let text = ''
    for await (const part of socket) text += String(part)
    expect(text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*this proxy makes no tunnels/)
  })
})

test('requests in a row on one connection are answered in their order', async () => {
  const bodies = Array.from({ length: 8 }, (_, i) => randomBytes(200_000 + i))
  const paths = bodies.map((body, i) => {
    stage.mirror.files.set(`/pool/${i}.deb`, fileOf(body))
    return `/pool/${i}.deb`
  })
  const socket = connect(stage.proxy.port, '127.0.0.1')
  const last = paths.at(-1)
  const requests = paths.map(
    (path) =>
      `GET ${stage.mirror.url(path)} HTTP/1.1\r\nhost: x\r\n${path === last ? 'connection: close\r\n' : ''}\r\n`,
  )
  socket.write(requests.join(''))
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  const all = Buffer.concat(parts)
  const places = bodies.map((body) => all.indexOf(body))
  expect(places.every((place) => place > 0)).toBe(true)
  expect(places).toEqual([...places].sort((a, b) => a - b))
})
