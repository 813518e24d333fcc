import { fastify } from 'fastify'
import { beforeEach, describe, expect, test } from 'vitest'
import { xmlRpcRoutes } from '../../src/http/routes/xmlrpc.ts'
import { aServer, encodeCall, readAnswer, type TestServer } from './support.ts'

let server: TestServer
const app = async () => {
  const one = fastify()
  one.register(xmlRpcRoutes, { answerXmlRpc: server.answer })
  return one
}

beforeEach(async () => {
  server = await aServer()
})

describe('the door of XML-RPC', () => {
  test.each(['/cobbler_api', '/cobbler_api/', '/RPC2'])('is at %s, whatever the body is said to be', async (url) => {
    for (const headers of [{ 'content-type': 'text/xml' }, { 'content-type': 'application/json' }, {}]) {
      const payload = Buffer.from(encodeCall('ping', []))
      const { statusCode, headers: got, body } = await (await app()).inject({ method: 'POST', url, headers, payload })
      expect([statusCode, got['content-type'], readAnswer(body)]).toEqual([200, 'text/xml', true])
      expect(got['content-length']).toBe(String(Buffer.byteLength(body)))
      expect(got['transfer-encoding']).toBeUndefined()
    }
  })

  test('answers a fault with 200: clients read nothing else', async () => {
    const { statusCode, body } = await (await app()).inject({ method: 'POST', url: '/cobbler_api', payload: 'no XML' })
    expect(statusCode).toBe(200)
    expect(body).toContain('malformed XML-RPC call')
  })

  test('says what it is to a browser', async () => {
    const { statusCode, headers, body } = await (await app()).inject('/cobbler_api')
    expect([statusCode, headers.allow]).toEqual([405, 'POST'])
    expect(body).toContain('use POST')
  })

  test('takes 16 MiB and no more', async () => {
    const inject = async (size: number) => {
      const payload = Buffer.alloc(size, ' ')
      payload.set(encodeCall('ping', []))
      return (await app()).inject({ method: 'POST', url: '/cobbler_api', payload })
    }
    expect((await inject(16 * 1024 * 1024)).statusCode).toBe(200)
    expect((await inject(16 * 1024 * 1024 + 1)).statusCode).toBe(413)
  })

  test('lets others run while a large answer is written', async () => {
    const token = await server.login()
    const profile = server.catalog.draft('mgmtclass')
    const comment = 'x'.repeat(10_000)
    for (let i = 0; i < 50; i++) {
      await server.catalog.save('mgmtclass', { ...profile, uid: `uid${i}`, name: `class${i}`, comment })
    }
    let turns = 0
    const count = () => {
      turns++
      pending = setImmediate(count)
    }
    let pending = setImmediate(count)
    const one = await app()
    const before = turns
    const { body } = await one.inject({
      method: 'POST',
      url: '/cobbler_api',
      payload: Buffer.from(encodeCall('get_mgmtclasses', [0, 0, token])),
    })
    clearImmediate(pending)
    expect(body.length).toBeGreaterThan(500_000)
    expect(turns - before).toBeGreaterThan(5)
  })
})
