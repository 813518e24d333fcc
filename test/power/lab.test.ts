/** The lab driver against an HTTP server on a unix socket, which is all that it can see of a lab. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createLine } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PowerTarget, PowerTools } from '../../src/power/driver.ts'
import { lab, parseState } from '../../src/power/drivers/lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'orchestra-test-'))
const socket = join(folder, 'control.sock')
const asked: string[] = []
let answer: [status: number, body: string] = [200, '{"state":"on"}']

const server = createServer(async (request, response) => {
  asked.push(`${request.method} ${request.url} ${await text(request)}`.trim())
  response.writeHead(answer[0]).end(answer[1])
})
beforeAll(async () => {
  server.listen(socket)
  await once(server, 'listening')
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

const tools: PowerTools = { exec: async () => '', signal: new AbortController().signal }
const target = (power: Partial<PowerTarget['power']> = {}): PowerTarget => ({
  macs: [],
  name: 'node01',
  power: { type: 'lab', address: `unix:${socket}`, user: '', pass: '', id: 'vm one', options: '', ...power },
})

describe('the lab driver', () => {
  test('asks for the action by the power id', async () => {
    asked.length = 0
    await lab.act(target(), 'reboot', tools)
    await lab.act(target({ id: '' }), 'on', tools)
    expect(asked).toEqual(['PUT /nodes/vm%20one/power {"action":"reboot"}', 'PUT /nodes/node01/power {"action":"on"}'])
  })

  test('reads the state', async () => {
    answer = [200, '{"state":"off"}']
    expect(await lab.state(target(), tools)).toBe('off')
    expect(asked.at(-1)).toBe('GET /nodes/vm%20one/power')
  })

  test('tells what the lab said when that refuses', async () => {
    answer = [404, '{"because":"there is no such machine"}']
    await expect(lab.state(target(), tools)).rejects.toMatchObject({
      code: 'power.failed',
      message: expect.stringContaining('there is no such machine'),
    })
  })

  test('fails with the address when nobody listens there', async () => {
    await expect(lab.state(target({ address: `unix:${folder}/gone.sock` }), tools)).rejects.toMatchObject({
      code: 'power.failed',
      message: expect.stringContaining('gone.sock'),
    })
  })

  test.each(['', '10.0.0.1', 'unix:relative'])('refuses "%s" as an address', async (address) => {
    await expect(lab.act(target({ address }), 'on', tools)).rejects.toMatchObject({
      code: 'power.unsupported',
      field: 'power.address',
    })
  })

  test.each([
    [{ state: 'on' }, 'on'],
    [{ state: 'off' }, 'off'],
    [{ state: 'odd' }, 'unknown'],
    ['on', 'unknown'],
    [null, 'unknown'],
  ])('takes %j for %s', (given, state) => {
    expect(parseState(given)).toBe(state)
  })
})

describe('the consoles of the lab', () => {
  test('are the sockets that it names, and a break is its to send', async () => {
    const path = join(folder, 'serial.sock')
    const line = createLine((socket) => socket.write('login: '))
    line.listen(path)
    await once(line, 'listening')
    answer = [200, JSON.stringify({ serial: path, vnc: join(folder, 'vnc.sock') })]
    asked.length = 0
    const stream = await lab.console?.(target(), tools)
    expect(String((await once(stream as NonNullable<typeof stream>, 'data'))[0])).toBe('login: ')
    await stream?.sendBreak?.()
    expect(asked).toEqual(['GET /nodes/vm%20one/consoles', 'PUT /nodes/vm%20one/consoles {"action":"break"}'])
    stream?.destroy()
    line.close()
    await expect(lab.screen?.(target(), tools)).rejects.toMatchObject({
      fault: 'refused',
      message: 'node01 is off; its screen is there when it is on',
    })
    answer = [200, '{"serial":"etc/passwd"}']
    await expect(lab.console?.(target(), tools)).rejects.toThrow('the lab names no serial socket of node01')
  })
})
