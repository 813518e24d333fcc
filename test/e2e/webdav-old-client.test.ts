/**
 * The store as an orchestrator of 2011 uses it: HTTP/1.0 on a connection for each request, no Content-Type, GET without
 * credentials, PUT first without them and with the whole body, and Digest in a dialect of its own.
 */
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { ask, type RawAnswer } from '../support/raw-http.ts'

let daemon: Daemon
beforeAll(async () => {
  daemon = await startDaemon({ config: { webdav: { anonymous_read: true } } })
})

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
/** One process counts its uses on and on, whichever nonce they are of. */
let uses = 0

interface Sent {
  /** As the request line has it; a proxy gets the absolute URL. */
  readonly target?: string
  readonly authorization?: string
}

async function put(name: string, body: string, { target, authorization }: Sent = {}): Promise<RawAnswer> {
  const lines = [
    `PUT ${target ?? `/webdav/${name}`} HTTP/1.0`,
    ...['Host: 127.0.0.1', 'Connection: close', 'User-Agent: Twisted PageGetter', `Content-Length: ${body.length}`],
    ...(authorization ? [`Authorization: ${authorization}`] : []),
  ]
  return await ask(daemon.url, `${lines.join('\r\n')}\r\n\r\n${body}`)
}

const get = (name: string) => ask(daemon.url, `GET /webdav/${name} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n`)

function credentials(challenge: RawAnswer, name: string, password = daemon.password): string {
  const headers = challenge.headers.filter(([one]) => one === 'www-authenticate')
  expect(headers).toHaveLength(1)
  const [, header = ''] = headers[0] ?? []
  expect(header).toMatch(/^Digest /)
  const [realm, nonce, qop] = ['realm', 'nonce', 'qop'].map((key) => new RegExp(`${key}="([^"]*)"`).exec(header)?.[1])
  expect(qop?.split(',')).toContain('auth')
  expect(header).toMatch(/algorithm=MD5\b/)
  const uri = `${daemon.url}/webdav/${name}`
  const [nc, cnonce] = [(++uses).toString(16).padStart(8, '0'), 'f00d']
  const response = md5([md5(`admin:${realm}:${password}`), nonce, nc, cnonce, 'auth', md5(`PUT:${uri}`)].join(':'))
  const given = { username: 'admin', realm, nonce, uri, algorithm: 'MD5', qop: 'auth', nc, cnonce, response }
  return `Digest ${Object.entries(given)
    .map(([key, value]) => `${key}="${value}"`)
    .join(', ')}`
}

function expectOldAnswer(answer: RawAnswer): void {
  expect(answer.header('transfer-encoding')).toBeUndefined()
  if (answer.status !== 204) expect(Number(answer.header('content-length'))).toBe(Buffer.byteLength(answer.body))
}

describe('a client of 2011', () => {
  test('finds nothing, writes, and reads it back', async () => {
    expect((await get('provider-state')).status).toBe(404)
    for (const [name, body] of [
      ['bootstrap-verify', 'storage is writable'],
      ['provider-state', 'zookeeper-instances: [abc]\n'],
      ['provider-state', '{}\n'],
      ['local_3a_oneiric_2f_mysql-11_3a_0123456789abcdef', 'x'.repeat(3_000_000)],
      ['formulas/mysql', 'a formula'],
    ] as const) {
      const first = await put(name, body)
      expect(first.status).toBe(401)
      expectOldAnswer(first)
      const second = await put(name, body, { authorization: credentials(first, name) })
      expect([201, 204]).toContain(second.status)
      expectOldAnswer(second)
      const read = await get(name)
      expect([read.status, read.body === body]).toEqual([200, true])
      expectOldAnswer(read)
    }
    expect(uses).toBeGreaterThan(4)
  })

  test('may name the absolute URL in its request line', async () => {
    const target = `${daemon.url}/webdav/absolute`
    const first = await put('absolute', 'x', { target })
    expect((await put('absolute', 'x', { target, authorization: credentials(first, 'absolute') })).status).toBe(201)
    expect((await get('absolute')).body).toBe('x')
  })

  test('may leave out the Host', async () => {
    expect((await ask(daemon.url, 'GET /webdav/formulas/ HTTP/1.0\r\n\r\n')).status).toBe(200)
  })

  test('is refused with a wrong password, and when its words are said again', async () => {
    const first = await put('x', 'x')
    expect((await put('x', 'x', { authorization: credentials(first, 'x', 'wrong') })).status).toBe(401)
    const authorization = credentials(first, 'x')
    expect((await put('x', 'x', { authorization })).status).toBe(201)
    const again = await put('x', 'other', { authorization })
    expect(again.status).toBe(401)
    expect((await get('x')).body).toBe('x')
    expect((await put('x', 'y', { authorization: credentials(again, 'x') })).status).toBe(204)
  })

  test('has to say how long its body is', async () => {
    const authorization = credentials(await put('short', ''), 'short')
    const lines = ['PUT /webdav/short HTTP/1.0', `Authorization: ${authorization}`]
    expect((await ask(daemon.url, `${lines.join('\r\n')}\r\n\r\n`)).status).toBe(411)
  })
})

test('too many wrong passwords make a peer wait', async () => {
  const strict = await startDaemon()
  const url = `${strict.url}/webdav/x`
  const answers: number[] = []
  for (let count = 0; count < 12; count++) {
    const given = `username="admin", realm="Cobbler", nonce="n", uri="/webdav/x", qop=auth, nc=00000001, cnonce="c"`
    const authorization = `Authorization: Digest ${given}, response="${md5(String(count))}"`
    answers.push((await ask(url, `GET /webdav/x HTTP/1.0\r\n${authorization}\r\n\r\n`)).status)
  }
  expect(answers).toEqual([...Array(10).fill(401), 429, 429])
  expect((await ask(url, 'GET /webdav/x HTTP/1.0\r\n\r\n')).status).toBe(401)
})
