/** How a console ends: with the login, the right, the daemon, the last who watches; and how it is opened again. */
import type { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { addLine, aLine, nextOf, site } from './console-site.ts'

describe('a console ends', () => {
  test('with the login', async () => {
    const { it, open, url } = await site()
    const console = await open('operator', 'mode=write')
    await console.told({ state: 'connected' })
    const token = await it.tokenOf('operator')
    await fetch(`${url}/api/logout`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    expect(await console.closed).toMatchObject({ code: 4401 })
    expect(console.states().at(-1)).toMatchObject({ state: 'ended', because: 'the login ended, or its rights did' })
  })

  test('with the right to write, where that is what it has', async () => {
    const { open, as } = await site()
    const writer = await open('operator', 'mode=write')
    const reader = await open('operator')
    await writer.told({ state: 'connected' })
    const changed = await as('admin', 'PATCH', '/api/users/operator', { role: 'viewer' })
    expect(changed.statusCode).toBe(200)
    expect(await writer.closed).toMatchObject({ code: 4401 })
    expect(reader.socket.readyState).toBe(reader.socket.OPEN)
  })

  test('with the daemon, and the BMC is free then', async () => {
    const { it, open, bmc } = await site()
    const console = await open('viewer')
    await console.told({ state: 'connected' })
    const left = it.close()
    expect(await console.closed).toMatchObject({ code: 1001 })
    await left
    expect(bmc.serial.isOpen()).toBe(false)
  })

  test('a while after the last has left, so that the BMC has its place again', async () => {
    const { open, bmc, consoles } = await site({}, { linger: 100 })
    const console = await open('viewer')
    await console.told({ state: 'connected' })
    expect(consoles.open()).toEqual({ serial: 1, vnc: 0 })
    await console.close()
    await expect.poll(() => bmc.serial.isOpen()).toBe(false)
    expect(consoles.open()).toEqual({ serial: 0, vnc: 0 })
  })

  test('when nothing was said or typed for long', async () => {
    const { open, bmc } = await site({}, { idle: 300 })
    const console = await open('viewer')
    expect(await console.closed).toMatchObject({
      code: 4410,
      reason: expect.stringMatching(/the console was released/),
    })
    await expect.poll(() => bmc.serial.isOpen()).toBe(false)
  })

  test('with a password that is wrong: it is not tried again', async () => {
    const { open, bmc } = await site({ users: [{ name: 'admin', password: 'other', privilege: 4 }] })
    const console = await open('viewer')
    expect(await console.closed).toMatchObject({ code: 4410 })
    expect(console.states().at(-1)).toMatchObject({ state: 'ended', because: expect.stringMatching(/password/) })
    expect(bmc.sessions()).toBe(0)
  })
})

test('a line that breaks off is opened again while somebody watches', async () => {
  const lines: PassThrough[] = []
  const { open, catalog } = await site({}, { again: [10, 50] }, [aLine(() => nextOf(lines))])
  await addLine(catalog)
  const console = await open('viewer', '', 'node3')
  await console.told({ state: 'connected' })
  lines[0]?.end('bye')
  await expect
    .poll(() => console.states())
    .toEqual(
      expect.arrayContaining([
        expect.objectContaining({ state: 'ended', because: 'the console of node3 ended; trying again in 1 s' }),
      ]),
    )
  await console.told({ state: 'connected' })
  lines[1]?.write('hello again')
  await console.says('bye')
  await console.says('hello again')
})
