/** A person at the consoles of a lab's machine: its shell answers on the serial line, and its screen is there. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { type Lab, startLab } from '../../devenv/lab-run.ts'
import { closeClients, openConsole } from '../support/console-client.ts'
import { lookAtScreen } from '../support/rfb.ts'

const MINUTES = 60_000
let lab: Lab
beforeAll(async () => {
  lab = await startLab({ nodes: ['node01'] })
}, 5 * MINUTES)
afterAll(async () => {
  closeClients()
  await lab?.stop()
})

test('a machine of the lab is watched from power-on to its shell, which answers', {
  timeout: 10 * MINUTES,
}, async () => {
  const headers = { authorization: `Bearer ${lab.api.token}` }
  // By the lab's socket to the daemon.
  const url = `ws+unix:${lab.gateway}:`
  const node = lab.node('node01')
  const path = '/api/systems/node01/console'
  expect(await lab.api.call('GET', `${path}s`)).toEqual([
    { kind: 'serial', available: true, because: 'by lab' },
    { kind: 'vnc', available: true, because: 'by lab' },
  ])

  const console = await openConsole(url, `${path}/serial?mode=write`, headers)
  await console.told({ state: 'ended', because: expect.stringMatching(/node01 is off/) })
  const begin = node.now()
  await node.power('on')
  await console.says('SeaBIOS', MINUTES)

  const stream = createWebSocketStream(new WebSocket(`${url}${path}/vnc`, 'binary', { headers }))
  const shown = await lookAtScreen(stream)
  expect(shown).toMatchObject({ version: 'RFB 003.008\n', name: expect.stringContaining('node01') })
  expect(shown.rectangles).toBeGreaterThan(0)
  stream.destroy()

  await node.until('ready', begin)
  await console.says('orchestra-mini: up', MINUTES)
  console.type('echo $((6 * 7)) is the answer\r')
  await console.says('42 is the answer', MINUTES)
  // The lab's own log goes on beside it.
  await node.says('42 is the answer', begin)
  const answer = await fetchLog(headers)
  expect(answer).toContain('42 is the answer')
  console.socket.send(JSON.stringify({ type: 'break' }))
  await node.power('off')
  await console.told({ state: 'ended' })
})

async function fetchLog(headers: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await lab.run('curl', [
    ...['-sS', '-H', `authorization: ${headers['authorization']}`],
    'http://192.168.123.2/api/systems/node01/console/log',
  ])
  expect([code, stderr]).toEqual([0, ''])
  return stdout
}
