/** The webhook driver against a hook that checks what it gets as its document says. */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { createServer as createTls } from 'node:https'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PowerError, type PowerTarget, type PowerTools } from '../../src/power/driver.ts'
import { createWebhook, signatureOf } from '../../src/power/drivers/webhook.ts'
import { makeCertificate } from '../support/redfish/certificate.ts'

const PASS = 'a-shared-secret'
const NOW = 1_767_225_600

interface Asked {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let asked: Asked[] = []
let answer: { status: number; body?: string; headers?: Record<string, string> } | 'silence'
const servers: Server[] = []
beforeEach(() => {
  asked = []
  answer = { status: 200, body: '{}' }
})
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function hook(tls?: { key: string; cert: string }): Promise<string> {
  const serve: Parameters<typeof createServer>[1] = async (request, response) => {
    asked.push({ method: request.method, url: request.url, headers: request.headers, body: await text(request) })
    if (answer === 'silence') return
    response.writeHead(answer.status, answer.headers).end(answer.body)
  }
  const server = tls ? createTls(tls, serve) : createServer({}, serve)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return `${tls ? 'https' : 'http'}://127.0.0.1:${port}/power?rack=7`
}

const driver = createWebhook({ clock: { now: () => NOW * 1000 } })
const tools = (more: Partial<PowerTools> = {}): PowerTools => ({
  ...{ exec: async () => '', signal: new AbortController().signal },
  ...more,
})
const target = (address: string, power: Partial<PowerTarget['power']> = {}): PowerTarget => ({
  name: 'node01',
  macs: [],
  power: { type: 'webhook', address, user: '', pass: PASS, id: 'outlet 7', options: '', ...power },
})

describe('an order', () => {
  test('is a signed POST with the system, the action, the id and the time', async () => {
    await driver.act(target(await hook()), 'reboot', tools())
    expect(asked).toHaveLength(1)
    const [{ method, url, headers, body }] = asked as [Asked]
    expect([method, url, headers['content-type']]).toEqual(['POST', '/power?rack=7', 'application/json'])
    expect(JSON.parse(body)).toEqual({ system: 'node01', action: 'reboot', id: 'outlet 7', timestamp: NOW })
    expect(headers['x-orchestra-timestamp']).toBe(String(NOW))
    const mac = createHmac('sha256', PASS).update(body).digest('hex')
    expect(headers['x-orchestra-signature']).toBe(`sha256=${mac}`)
    expect(JSON.stringify([headers, body])).not.toContain(PASS)
  })

  test('without a power_pass is not signed', async () => {
    await driver.act(target(await hook(), { pass: '' }), 'on', tools())
    expect(asked[0]?.headers['x-orchestra-signature']).toBeUndefined()
  })

  test.each([200, 202, 204])('is taken with %i', async (status) => {
    answer = { status }
    await driver.act(target(await hook()), 'on', tools())
  })

  test.each([
    [401, undefined, 'wrong-password', /does not accept our signature; check power_pass/],
    [403, undefined, 'privilege-too-low', /does not let us do "off"/],
    [404, undefined, 'wrong-address', /answers 404; check the path/],
    [404, { because: 'no such outlet' }, 'wrong-id', /check power_id\. It says: no such outlet/],
    [409, { because: 'outlet 7\nis \u0007locked' }, 'refused', /refuses "off" \(409\)\. It says: outlet 7 is locked$/],
    [500, undefined, 'refused', /refuses "off" \(500\)$/],
    [400, { because: `no: ${PASS}` }, 'refused', /It says: no: \[redacted\]$/],
  ] as const)('that is answered %i %j fails as %s', async (status, body, fault, message) => {
    answer = { status, ...(body && { body: JSON.stringify(body) }) }
    await expect(driver.act(target(await hook()), 'off', tools())).rejects.toMatchObject({
      ...{ code: 'power.failed', fault, message: expect.stringMatching(message) },
    })
  })

  test('is not sent on', async () => {
    const elsewhere = await hook()
    answer = { status: 307, headers: { location: elsewhere } }
    await expect(driver.act(target(await hook()), 'on', tools())).rejects.toMatchObject({
      ...{
        fault: 'wrong-address',
        message: expect.stringMatching(/sends us on to http:.* redirects are not followed/),
      },
    })
    expect(asked).toHaveLength(1)
  })
})

describe('the state', () => {
  test.each([
    ['{"state":"on"}', 'on'],
    ['{"state":"off","since":1}', 'off'],
    ['{"state":"asleep"}', 'unknown'],
    ['"on"', 'unknown'],
    ['', 'unknown'],
    ['<html>', 'unknown'],
  ] as const)('%s is %s', async (body, state) => {
    answer = { status: 200, body }
    expect(await driver.state(target(await hook()), tools())).toBe(state)
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ action: 'status' })
  })

  test.each([404, 405, 501])('cannot be seen by a hook that answers %i', async (status) => {
    answer = { status }
    expect(await driver.state(target(await hook()), tools())).toBe('unknown')
  })

  test('fails with the hook', async () => {
    answer = { status: 503 }
    await expect(driver.state(target(await hook()), tools())).rejects.toMatchObject({ fault: 'refused' })
  })

  test('of any answer whatever is one of three, or a PowerError', async () => {
    const address = await hook()
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), fc.integer({ min: 200, max: 599 }), async (body, status) => {
        answer = { status, ...(status !== 204 && status !== 304 && { body }) }
        try {
          expect(['on', 'off', 'unknown']).toContain(await driver.state(target(address), tools()))
        } catch (error) {
          expect(error).toBeInstanceOf(PowerError)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('a hook', () => {
  test('that is silent is given up with the call', async () => {
    answer = 'silence'
    const limit = new AbortController()
    const acting = driver.act(target(await hook()), 'on', tools({ signal: limit.signal }))
    while (asked.length === 0) await new Promise(setImmediate)
    limit.abort(new PowerError('no-answer', 'no answer within 20 s'))
    await expect(acting).rejects.toMatchObject({ fault: 'no-answer', message: 'no answer within 20 s' })
  })

  test('that says too much is not listened to', async () => {
    answer = { status: 200, body: 'x'.repeat(2 * 1024 * 1024) }
    await expect(driver.state(target(await hook()), tools())).rejects.toMatchObject({ fault: 'wrong-address' })
  })

  test('with a certificate of its own is pinned', async () => {
    const own = await makeCertificate()
    const address = await hook(own)
    await expect(driver.act(target(address), 'on', tools())).rejects.toMatchObject({ fault: 'tls-not-trusted' })
    expect(asked).toEqual([])
    await driver.act(target(address, { options: `fingerprint=sha256:${own.sha256}` }), 'on', tools())
    expect(asked).toHaveLength(1)
  })
})

test.each([
  ['', /is a URL/],
  ['hooks.example/power', /is a URL/],
  ['ftp://hooks.example/', /is a URL/],
  ['https://me:hunter2@hooks.example/', /signed with power_pass/],
])('power_address "%s" is refused with a sentence', (address, words) => {
  const fault = driver.fault?.(target(address).power)
  expect(fault).toEqual(expect.stringMatching(words))
  expect(fault).not.toContain('hunter2')
})

test('an option that is not known is refused with a sentence', () => {
  expect(driver.fault?.(target('https://hooks.example/', { options: 'soft=yes' }).power)).toMatch(/"soft" is no option/)
  expect(driver.fault?.(target('https://hooks.example/', { options: 'insecure=yes' }).power)).toBeUndefined()
})

// RFC 4231, test case 2.
test('the signature is HMAC-SHA-256', () => {
  expect(signatureOf('what do ya want for nothing?', 'Jefe')).toBe(
    'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})
