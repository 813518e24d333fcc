/** The consoles of a real libvirt domain through the API: its BIOS is typed at, and its screen is looked at. */
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { exec } from '../../src/lib/exec.ts'
import { virsh } from '../../src/power/drivers/virsh.ts'
import { listen, type TestApp, testApp } from '../http/test-app.ts'
import { closeClients, openConsole } from '../support/console-client.ts'
import { type Libvirtd, startLibvirtd } from '../support/libvirtd.ts'
import { lookAtScreen } from '../support/rfb.ts'

let libvirtd: Libvirtd
let it: TestApp
let url: string
let headers: { authorization: string }
beforeAll(async () => {
  libvirtd = await startLibvirtd()
  await libvirtd.define('vm one', true)
  await libvirtd.define('blind')
  it = await testApp({ drivers: [virsh], exec, consoleTimes: { again: [200, 500] } })
  url = await listen(it.app)
  for (const id of ['vm one', 'blind']) {
    const system = it.catalog.draft('system')
    const address = `qemu+unix:///system?socket=${libvirtd.socket}`
    const power = { ...system.power, type: 'virsh', address, id }
    await it.catalog.save('system', { ...system, name: id.replace(' ', '-'), profile: 'debian-13', power })
  }
  headers = { authorization: `Bearer ${await it.tokenOf('operator')}` }
}, 300_000)
afterAll(async () => {
  closeClients()
  await it.close()
  await libvirtd.stop()
})

const turn = (name: string, to: 'on' | 'off') => {
  const system = it.catalog.get('system', name)
  if (!system) throw new Error(`no ${name}`)
  const tools = { exec, signal: AbortSignal.timeout(30_000) }
  return virsh.act({ name, power: system.power, macs: [] }, to, tools)
}

test('a domain is typed at on its serial line, over a restart of it', { timeout: 120_000 }, async () => {
  const console = await openConsole(url, '/api/systems/vm-one/console/serial?mode=write', headers)
  await console.told({ state: 'ended', because: expect.stringMatching(/vm-one is off.*trying again/) })
  await turn('vm-one', 'on')
  await console.told({ state: 'connected' })
  await console.says('Press ESC for boot menu', 60_000)
  console.type('\x1b')
  await console.says('Select boot device', 30_000)
  // What virsh says about itself is not the machine's.
  expect(console.said()).not.toContain('Escape character')
  console.socket.send(JSON.stringify({ type: 'break' }))
  await turn('vm-one', 'off')
  await console.told({ state: 'ended' })
  await turn('vm-one', 'on')
  await console.told({ state: 'connected' })
  await turn('vm-one', 'off')
})

test('a domain without a serial line, and without a display, is told so', { timeout: 60_000 }, async () => {
  await turn('blind', 'on')
  const console = await openConsole(url, '/api/systems/blind/console/serial', headers)
  await console.told({ state: 'ended', because: expect.stringMatching(/domain blind: .*(console|character device)/) })
  const screen = await openConsole(url, '/api/systems/blind/console/vnc', headers)
  expect(await screen.closed).toMatchObject({ code: 4502, reason: expect.stringMatching(/blind has no VNC display/) })
  await turn('blind', 'off')
})

test('the screen of a domain is looked at by RFB', { timeout: 60_000 }, async () => {
  await turn('vm-one', 'on')
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/systems/vm-one/console/vnc`, 'binary', { headers })
  const stream = createWebSocketStream(socket)
  const shown = await lookAtScreen(stream)
  expect(shown).toMatchObject({ version: 'RFB 003.008\n', name: expect.stringContaining('vm one') })
  expect(shown.width).toBeGreaterThan(100)
  expect(shown.rectangles).toBeGreaterThan(0)
  expect(it.consoles.open().vnc).toBe(1)
  const closed = once(socket, 'close')
  await turn('vm-one', 'off')
  await closed
  expect(it.consoles.open().vnc).toBe(0)
})
