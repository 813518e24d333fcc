/** `orchestra log`: the last lines, live lines, and what it is told when there is nothing. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../../src/cli/main.ts'
import { type TestApp, testApp } from '../http/test-app.ts'
import { testCli } from './run.ts'

let it: TestApp
let uid: string
let url: string
let orchestra: Awaited<ReturnType<typeof testCli>>['orchestra']
beforeEach(async () => {
  it = await testApp()
  ;({ url, orchestra } = await testCli(it))
  const system = await it.catalog.save('system', { ...it.catalog.draft('system'), name: 'node1', profile: 'debian-13' })
  uid = system.uid
})
afterEach(() => it.close())

const say = (message: string) => it.installLog.append(uid, { severity: 4, app: 'anna', message })

test('the last lines are printed, and cannot steer a terminal', async () => {
  for (let i = 1; i <= 5; i++) say(`line ${i} \u001b[2J`)
  expect(await orchestra('log node1 --lines 2')).toEqual({
    code: 0,
    err: '',
    out: '2023-11-14 22:13:20  warning  anna: line 4 ?[2J\n2023-11-14 22:13:20  warning  anna: line 5 ?[2J\n',
  })
  expect((await orchestra('log node1')).out.split('\n')).toHaveLength(6)
  expect(JSON.parse((await orchestra('log node1 --json -n 1')).out)).toMatchObject([{ id: 5, app: 'anna' }])
})

test('live, it goes on, also over a lost connection, until the machine is gone', async () => {
  let [out, err] = ['', '']
  let look = () => {}
  const printed = (text: string) =>
    new Promise<void>((done) => {
      look = () => {
        if (out.includes(text)) done()
      }
      look()
    })
  const ended = runCli(['log', 'node1', '-f'], {
    stdout: {
      write(text) {
        out += text
        look()
      },
    },
    stderr: { write: (text) => (err += text) },
    readSecret: async () => '',
    openKeyboard: () => ({ onKeys: () => {}, close: () => {} }),
    readFile: async () => '',
    writeFile: async () => {},
    clock: it.clock,
    version: '1.2.3',
    env: {},
    findLocal: async () => ({ url, token: await it.tokenOf('viewer') }),
  })
  say('before')
  await printed('before')
  it.app.server.closeAllConnections()
  say('meanwhile')
  await printed('meanwhile')
  await it.catalog.remove('system', 'node1', { recursive: false })
  it.app.server.closeAllConnections()
  expect(await ended).toBe(1)
  expect(out).toMatch(/^.*anna: before\n.*anna: meanwhile\n$/)
  expect(err).toContain('trying again …\nconnected again\n')
  expect(err).toMatch(/orchestra: there is no system node1\n$/)
})

test.each([
  ['log nobody', 'orchestra: there is no system nobody\n'],
  ['log nobody -f', 'orchestra: there is no system nobody\n'],
  ['log node1 --lines many', 'orchestra: --lines is a number up to 10000, not "many"\n'],
])('%s ends with a sentence', async (line, err) => {
  expect(await orchestra(line)).toEqual({ code: 1, out: '', err })
})
