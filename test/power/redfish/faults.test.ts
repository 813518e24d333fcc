/** Each way to fail has its own fault and its own sentence; those of TLS are in tls.test.ts. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { PowerError, type PowerTarget } from '../../../src/power/driver.ts'
import { createRedfish } from '../../../src/power/drivers/redfish.ts'
import { aMachine } from '../../support/redfish/documents.ts'
import { type Behavior, documentAt } from '../../support/redfish/machines.ts'
import { type RedfishService, startRedfishService, VIEWER } from '../../support/redfish/service.ts'
import { noWait, targetOf, toolsOf } from '../../support/redfish/target.ts'

const running: RedfishService[] = []
const sockets: Server[] = []
const driver = createRedfish({ wait: noWait })
afterEach(async () => {
  await driver.close()
  for (const service of running.splice(0)) await service.stop()
  for (const server of sockets.splice(0)) server.close()
})

async function serve(behavior: Partial<Behavior> = {}, ids = ['1']): Promise<RedfishService> {
  const machines = ids.map((id, at) =>
    aMachine(id, { name: `Blade ${id}`, uuid: `0000000${at}-0000-0000-0000-00000000000a` }),
  )
  const service = await startRedfishService({ machines, behavior })
  running.push(service)
  return service
}

/** The fault of asking for the state, as `[fault, sentence]`. */
async function faultOf(target: PowerTarget, signal?: AbortSignal): Promise<[string, string]> {
  try {
    await driver.state(target, toolsOf(signal && { signal }))
  } catch (error) {
    if (!(error instanceof PowerError)) throw error
    expect(error.message).not.toContain(target.power.pass)
    return [error.fault, error.message]
  }
  return ['none', '']
}

const saying = (fault: string, words: RegExp) => [fault, expect.stringMatching(words)]

/** A server that speaks something else, or nothing. */
async function speak(hello: string): Promise<{ origin: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.end(hello))
  })
  sockets.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` }
}

describe('who asks', () => {
  test.each(['session', 'basic'])('a wrong password is said (%s)', async (auth) => {
    const service = await serve()
    const target = targetOf(service, { pass: 'not-the-one', options: `auth=${auth}` })
    expect(await faultOf(target)).toEqual(
      saying('wrong-password', /does not accept the password of user "root"; check/),
    )
    // Controllers lock out who tries too often.
    expect(service.asked.filter(({ headers, method }) => headers['authorization'] || method === 'POST')).toHaveLength(1)
  })

  test('a missing user is said', async () => {
    const service = await serve()
    expect(await faultOf(targetOf(service, { user: '', pass: 'x' }))).toEqual(
      saying('wrong-password', /asks for a user and a password/),
    )
  })

  test('a user who may only look is told which role is needed', async () => {
    const service = await serve()
    const target = targetOf(service, { user: VIEWER.user, pass: VIEWER.pass })
    expect(await driver.state(target, toolsOf())).toBe('off')
    await expect(driver.act(target, 'on', toolsOf())).rejects.toMatchObject({
      ...{ code: 'power.failed', fault: 'privilege-too-low' },
      message: expect.stringMatching(/user "viewer" may not do this .* role Operator .* says: There are insufficient/),
    })
  })

  test('a password that has to be changed first is said', async () => {
    const json = {
      error: { '@Message.ExtendedInfo': [{ MessageId: 'Base.1.8.PasswordChangeRequired', Message: 'Change it.' }] },
    }
    const service = await serve()
    service.behavior.raw.set('/redfish/v1/Systems', { status: 403, body: JSON.stringify(json) })
    expect(await faultOf(targetOf(service))).toEqual(saying('privilege-too-low', /to change the password first/))
  })
})

describe('where it is', () => {
  test('nobody who listens is said', async () => {
    const service = await serve()
    await service.stop()
    running.splice(0)
    expect(await faultOf(targetOf(service))).toEqual(saying('no-answer', /^nobody listens at 127\.0\.0\.1:\d+/))
  })

  test('a name that nobody has is said', async () => {
    const [fault, sentence] = await faultOf(targetOf({ origin: 'https://bmc1.invalid' }))
    expect(['wrong-address', 'no-answer']).toContain(fault)
    expect(sentence).toMatch(/"bmc1\.invalid"/)
  })

  test('an address that is none is said before anything is sent', async () => {
    expect(await faultOf(targetOf({ origin: 'telnet://bmc1' }))).toEqual(
      saying('wrong-address', /spoken by https or http/),
    )
  })

  test('another web server is said to be no Redfish service', async () => {
    const service = await serve()
    service.behavior.raw.set('/redfish/v1', { status: 404, body: '<html>' })
    expect(await faultOf(targetOf(service))).toEqual(saying('wrong-address', /no Redfish service at .* status 404/))
    service.behavior.raw.set('/redfish/v1', { status: 200, body: '<html>Welcome to nginx!</html>' })
    expect(await faultOf(targetOf(service))).toEqual(saying('wrong-address', /no Redfish service at .* no JSON/))
  })

  test('what speaks no HTTP is said', async () => {
    expect(await faultOf(targetOf(await speak('SSH-2.0-dropbear\r\n')))).toEqual(
      saying('wrong-address', /not speak HTTP/),
    )
  })

  test('a connection that is closed without an answer is said', async () => {
    expect(await faultOf(targetOf(await speak('')))).toEqual(saying('no-answer', /closed the connection/))
  })

  test('an answer without an end is bounded', async () => {
    const service = await serve()
    service.behavior.raw.set('/redfish/v1/Systems', { status: 200, body: `"${'x'.repeat(1024 * 1024)}"` })
    expect(await faultOf(targetOf(service))).toEqual(saying('wrong-address', /more than 1024 KiB/))
  })

  test('silence ends with the call', async () => {
    const service = await serve({ silent: /Systems$/ })
    const limit = new AbortController()
    const asking = faultOf(targetOf(service), limit.signal)
    while (!service.asked.some(({ path }) => path.endsWith('/Systems'))) await noWait(0, toolsOf().signal)
    limit.abort(new PowerError('no-answer', 'no answer within 20 s'))
    expect(await asking).toEqual(saying('no-answer', /within 20 s/))
    const other = new AbortController()
    other.abort()
    expect(await faultOf(targetOf(service), other.signal)).toEqual(saying('no-answer', /did not answer in time/))
  })

  test('silence in the middle of a TLS handshake ends with the call', async () => {
    const server = createServer((socket) => void socket.on('error', () => {}))
    sockets.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const limit = new AbortController()
    const origin = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    const asking = faultOf(targetOf({ origin }), limit.signal)
    await once(server, 'connection')
    limit.abort(new PowerError('no-answer', 'no answer within 20 s'))
    // undici's own limit is ten seconds, and this test's is five.
    expect(await asking).toEqual(saying('no-answer', /within 20 s/))
  }, 5_000)

  test('a kept connection that is closed as it is used again is no fault of a question', async () => {
    const answer = (body: object) => {
      const text = JSON.stringify(body)
      return `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`
    }
    let connections = 0
    const server = createServer((socket) => {
      connections++
      socket.on('error', () => {})
      socket.once('data', (first) => {
        const at = (question: Buffer) => question.toString().split(' ')[1] ?? ''
        socket.write(
          answer(
            documentAt(at(first).replace(/\/$/, ''), [aMachine('1')], { raw: new Map(), tasks: new Map() }).json ?? {},
          ),
        )
        socket.once('data', () => socket.destroy())
      })
    })
    sockets.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    expect(await driver.state(targetOf({ origin }, { user: '' }), toolsOf())).toBe('off')
    expect(connections).toBeGreaterThan(1)
  })
})

describe('which system it is', () => {
  test('several without a power_id are listed', async () => {
    expect(await faultOf(targetOf(await serve({}, ['A', 'B'])))).toEqual(
      saying('wrong-id', /several systems: set power_id to one of "A" \(Blade A, 00000000-[-0a]+\), "B" \(Blade B/),
    )
  })

  test('a power_id that none has is said, with those there', async () => {
    const service = await serve({}, ['A', 'B'])
    expect(await faultOf(targetOf(service, { id: 'C' }))).toEqual(
      saying('wrong-id', /has no system "C"; set power_id to one of "A" \(.*\), "B" \(/),
    )
    expect(await faultOf(targetOf(await serve(), { id: 'C' }))).toEqual(saying('wrong-id', /has no system "C"/))
    expect(await faultOf(targetOf(service, { id: '/redfish/v1/Systems/C' }))).toEqual(
      saying('wrong-id', /has no system at \/redfish\/v1\/Systems\/C/),
    )
  })

  test('none at all is said', async () => {
    expect(await faultOf(targetOf(await serve({}, [])))).toEqual(saying('wrong-id', /has no computer system/))
  })
})

describe('redirects', () => {
  test('are followed on the same service', async () => {
    const service = await serve()
    service.behavior.raw.set('/redfish/v1/Systems', { status: 308, headers: { location: '/redfish/v1/Elsewhere' } })
    const body = JSON.stringify({ Members: [{ '@odata.id': '/redfish/v1/Systems/1' }] })
    service.behavior.raw.set('/redfish/v1/Elsewhere', { status: 200, body })
    expect(await driver.state(targetOf(service), toolsOf())).toBe('off')
  })

  test('to anywhere else are not, and neither password nor token goes there', async () => {
    const other = await serve()
    for (const [path, status] of [
      ['/redfish/v1', 301],
      ['POST /redfish/v1/SessionService/Sessions', 307],
      ['/redfish/v1/Systems', 302],
    ] as const) {
      const service = await serve()
      service.behavior.raw.set(path, { status, headers: { location: `${other.origin}/redfish/v1/` } })
      expect(await faultOf(targetOf(service))).toEqual(
        saying('wrong-address', /sends us on to http:.*; set power_address/),
      )
    }
    expect(other.asked).toEqual([])
  })

  test('in a circle end', async () => {
    const service = await serve()
    service.behavior.raw.set('/redfish/v1', { status: 301, headers: { location: '/redfish/v1/' } })
    expect(await faultOf(targetOf(service))).toEqual(saying('wrong-address', /in a circle/))
    expect(service.asked.length).toBeLessThan(10)
  })

  test('of an order are not followed as a question', async () => {
    const service = await serve()
    const reset = '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset'
    service.behavior.raw.set(reset, { status: 302, headers: { location: '/redfish/v1/' } })
    await expect(driver.act(targetOf(service), 'on', toolsOf())).rejects.toMatchObject({ fault: 'refused' })
  })
})
