/** `orchestra console` against the application, and a line that is a stream. */
import { PassThrough } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { addLine, aLine } from '../http/console-site.ts'
import { testApp } from '../http/test-app.ts'
import { testCli } from './run.ts'

let close = async () => {}
afterEach(() => close())

/** A terminal whose keys come from the test, and a machine that says back what it hears. */
async function sit() {
  const line = new PassThrough()
  const it = await testApp({ drivers: [aLine(() => line)] })
  close = it.close
  await addLine(it.catalog)
  const { orchestra } = await testCli(it)
  let press = (_keys: Buffer) => {}
  let isClosed = false
  const keyboard = {
    onKeys(listener: (keys: Buffer) => void) {
      press = listener
    },
    close() {
      isClosed = true
    },
  }
  return { line, orchestra, keyboard, press: (text: string) => press(Buffer.from(text)), isClosed: () => isClosed }
}

test('shows what the machine says, types what is typed, and gives the terminal back', async () => {
  const { line, orchestra, keyboard, press, isClosed } = await sit()
  let heard = ''
  line.on('data', (bytes) => (heard += bytes))
  const ran = orchestra('console node3', { keyboard })
  await expect.poll(() => line.listenerCount('data')).toBe(2)
  line.write('\x1b]0;title\x07\x1b[31mlogin:\x1b[0m ')
  await expect.poll(() => heard).toContain('login:')
  press('root\r')
  await expect.poll(() => heard).toContain('root\r')
  press('~.')
  const { code, out, err } = await ran
  expect([code, out]).toEqual([0, '\x1b[31mlogin:\x1b[0m root\r'])
  expect(err).toContain('[connected to the serial console of node3]')
  expect(isClosed()).toBe(true)
  expect(await orchestra('console node3 --log')).toMatchObject({ code: 0, out: '\x1b[31mlogin:\x1b[0m root\r' })
})

test('is only read by who may not write, and refuses in a sentence', async () => {
  const { orchestra, keyboard, press, isClosed } = await sit()
  expect(await orchestra('console node3', { role: 'viewer', keyboard })).toMatchObject({
    code: 1,
    err: expect.stringMatching(/viewer may look, not type; this needs operator/),
  })
  expect(isClosed()).toBe(true)
  const ran = orchestra('console node3 --read', { role: 'viewer', keyboard })
  const pressing = setInterval(() => press('\x1d'), 50)
  expect(await ran).toMatchObject({ code: 0 })
  clearInterval(pressing)
  expect(await orchestra('console nobody')).toMatchObject({
    code: 1,
    err: expect.stringContaining('there is no system "nobody"'),
  })
})
