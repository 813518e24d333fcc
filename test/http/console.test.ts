/** The consoles over HTTP, with serial over LAN against the BMC of the tests. */
import { once } from 'node:events'
import { request } from 'node:http'
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { openConsole } from '../support/console-client.ts'
import { addLine, aLine, site } from './console-site.ts'
import { PASSWORD } from './test-app.ts'

describe('the serial console', () => {
  test('takes what an operator types to the machine, and brings what it says', async () => {
    const { open, bmc, audit } = await site({ banner: 'login: ' })
    const console = await open('operator', 'mode=write')
    await console.says('login: ')
    await console.told({ state: 'connected', because: 'connected to the serial console of node1', mode: 'write' })
    console.type('root\r')
    await console.says('root\r')
    expect(bmc.serial.typed()).toBe('root\r')
    expect(await audit.find({}, Number.MAX_SAFE_INTEGER, 10)).toMatchObject([
      { user: 'operator', action: 'OPEN /api/systems/node1/console/serial', outcome: 'ok' },
    ])
  })

  test('sends a break behind what was typed before it', async () => {
    const { open, bmc } = await site()
    const console = await open('operator', 'mode=write')
    await console.told({ state: 'connected' })
    console.type('abc')
    console.socket.send(JSON.stringify({ type: 'break' }))
    await expect.poll(() => bmc.serial.breaks()).toEqual([3])
    console.type('def')
    await expect.poll(() => bmc.serial.typed()).toBe('abcdef')
    expect(bmc.serial.breaks()).toEqual([3])
  })

  test('is read by a viewer, who types nothing', async () => {
    const { open, bmc } = await site({ banner: 'login: ' })
    const console = await open('viewer')
    await console.says('login: ')
    await console.told({ mode: 'read', watchers: [{ user: 'viewer', mode: 'read' }] })
    console.type('reboot\r')
    console.socket.send(JSON.stringify({ type: 'break' }))
    bmc.serial.print('still here')
    await console.says('still here')
    expect(bmc.serial.typed()).toBe('')
    expect(bmc.serial.breaks()).toEqual([])
  })

  test('is not for a viewer to write on, and he is told so', async () => {
    const { open, audit, bmc } = await site()
    const console = await open('viewer', 'mode=write')
    expect(await console.closed).toMatchObject({
      code: 4403,
      reason: expect.stringMatching(/viewer may look, not type/),
    })
    expect(console.states()).toMatchObject([
      { type: 'state', state: 'ended', because: expect.stringMatching(/needs operator/) },
    ])
    expect(bmc.sessions()).toBe(0)
    expect(await audit.find({}, Number.MAX_SAFE_INTEGER, 10)).toMatchObject([{ user: 'viewer', outcome: 'denied' }])
  })

  test('needs a login, and a page of this server where a cookie is the login', async () => {
    const { url, app } = await site()
    const path = '/api/systems/node1/console/serial'
    await expect(openConsole(url, path, {})).rejects.toThrow(/^401: .*"code":"auth.token"/)
    const login = await app.inject({
      method: 'POST',
      url: '/api/login',
      headers: { origin: url, host: new URL(url).host },
      payload: { user: 'operator', password: PASSWORD, session: true },
    })
    const cookie = String(login.headers['set-cookie']).split(';')[0] ?? ''
    await expect(openConsole(url, path, { cookie, origin: 'http://evil.example' })).rejects.toThrow(/^401/)
    await expect(openConsole(url, path, { cookie })).rejects.toThrow(/^401/)
    const console = await openConsole(url, `${path}?mode=write`, { cookie, origin: url })
    await console.told({ state: 'connected', watchers: [{ user: 'operator', mode: 'write' }] })
  })

  test('refuses what is asked for wrongly before it is one', async () => {
    const { url, tokenOf, as } = await site()
    const headers = { authorization: `Bearer ${await tokenOf('operator')}` }
    await expect(openConsole(url, '/api/systems/node1/console/serial?mode=paint', headers)).rejects.toThrow(/^400/)
    expect((await (await openConsole(url, '/api/systems/node1/power', headers)).closed).code).toBe(1005)
    expect((await as('viewer', 'GET', '/api/systems/node1/console/serial')).statusCode).toBe(426)
  })

  test('names the machine that is not there, and the driver that has none', async () => {
    const { open, catalog } = await site()
    expect(await (await open('viewer', '', 'nobody')).closed).toMatchObject({
      code: 4404,
      reason: 'there is no system "nobody"',
    })
    const system = catalog.draft('system')
    await catalog.save('system', {
      ...system,
      name: 'node2',
      profile: 'debian-13',
      power: { ...system.power, type: 'test' },
    })
    const console = await open('viewer', '', 'node2')
    expect(await console.closed).toEqual({ code: 4422, reason: 'test of node2 reaches no serial console' })
  })
})

describe('several people', () => {
  test('share one session, and who comes last to write has the keyboard', async () => {
    const { open, bmc } = await site()
    const first = await open('operator', 'mode=write')
    await first.told({ state: 'connected', mode: 'write' })
    const reader = await open('viewer')
    await reader.told({
      mode: 'read',
      watchers: [
        { user: 'operator', mode: 'write' },
        { user: 'viewer', mode: 'read' },
      ],
    })
    await first.told({ because: expect.stringContaining('viewer came, to read'), mode: 'write' })
    const second = await open('admin', 'mode=write')
    await first.told({ mode: 'read', because: expect.stringContaining('admin came and has the keyboard') })
    await second.told({ mode: 'write' })
    first.type('first')
    second.type('second')
    for (const one of [first, reader, second]) await one.says('second')
    expect(bmc.serial.typed()).toBe('second')
    expect(bmc.sessions()).toBe(1)
    await second.close()
    await first.told({ because: expect.stringContaining('admin left') })
  })

  test('see what was said before they came, without what would steer their terminal', async () => {
    const { open, bmc } = await site()
    const first = await open('viewer')
    await first.told({ state: 'connected' })
    const text = 'hello\r\n\x1b[31mred\x1b[0m\x1b]52;c;cm0gLXJmIC8=\x07\x1b]0;title\x07\x1b[6n\x1b[c done\r\n'
    bmc.serial.print(text)
    await first.says('done')
    expect(first.said()).toBe(text)
    const second = await open('viewer')
    await second.says('done')
    expect(second.said()).toBe('hello\r\n\x1b[31mred\x1b[0m done\r\n')
  })
})

describe('the recording', () => {
  test('lasts over sessions, is read by viewers, and goes with the machine', async () => {
    const { open, bmc, as, catalog } = await site()
    const console = await open('viewer')
    await console.told({ state: 'connected' })
    bmc.serial.print('\x1b]0;title\x07kernel panic\r\n')
    await console.says('panic')
    await console.close()
    await expect.poll(() => bmc.sessions()).toBe(0)
    const answer = await as('viewer', 'GET', '/api/systems/node1/console/log')
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(answer.body).toBe('kernel panic\r\n')
    expect((await as('viewer', 'GET', '/api/systems/node1/console/log?bytes=7')).body).toBe('panic\r\n')
    expect((await as('viewer', 'GET', '/api/systems/node1/console/log?bytes=0')).statusCode).toBe(400)
    expect((await as('viewer', 'GET', '/api/systems/nobody/console/log')).statusCode).toBe(404)
    await (await open('viewer')).says('kernel panic')
    await catalog.remove('system', 'node1', { recursive: false })
    const system = catalog.draft('system')
    await catalog.save('system', { ...system, name: 'node1', profile: 'debian-13' })
    expect((await as('viewer', 'GET', '/api/systems/node1/console/log')).body).toBe('')
  })

  test('keeps the last 256 KiB and more, and no end of it', { timeout: 60_000 }, async () => {
    const line = new PassThrough()
    const { open, catalog, consoles } = await site({}, {}, [aLine(() => line)])
    await addLine(catalog)
    const console = await open('viewer', '', 'node3')
    await console.told({ state: 'connected' })
    for (let at = 0; at < 40_000; at++) line.write(`line ${at} ${'x'.repeat(90)}\r\n`)
    await console.says('line 39999', 40_000)
    const kept = (await consoles.log('node3', 10_000_000)).toString()
    expect(kept).toContain('line 39999')
    expect(kept.length).toBeGreaterThan(256 * 1024)
    expect(kept.length).toBeLessThan(1_200_000)
    const second = await open('viewer', '', 'node3')
    await second.says('line 39999')
    expect(second.said().length).toBeLessThanOrEqual(32 * 1024)
    expect(second.said()).toMatch(/^line \d+ x/)
  })
})

test('the kinds of consoles are told, and why there is none', async () => {
  const { as, catalog } = await site()
  expect((await as('viewer', 'GET', '/api/systems/node1/consoles')).json()).toEqual([
    { kind: 'serial', available: true, because: 'by ipmi' },
    { kind: 'vnc', available: false, because: 'ipmi of node1 reaches no screen' },
  ])
  await catalog.save('system', { ...catalog.draft('system'), name: 'node2', profile: 'debian-13' })
  expect((await as('viewer', 'GET', '/api/systems/node2/consoles')).json()).toMatchObject([
    { available: false, because: expect.stringMatching(/node2 has no power type/) },
    { available: false },
  ])
  expect((await as('viewer', 'GET', '/metrics')).body).toContain('orchestra_consoles{kind="serial"} 0')
})

test('a client that offers HTTP/2 with an ordinary request gets an ordinary answer', async () => {
  const { url } = await site()
  const asked = request(`${url}/api/login`, {
    method: 'POST',
    headers: {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABk',
      'content-type': 'application/json',
    },
  })
  asked.end(JSON.stringify({ user: 'operator', password: PASSWORD }))
  const [answer] = await once(asked, 'response')
  expect(answer.statusCode).toBe(200)
  answer.resume()
})
