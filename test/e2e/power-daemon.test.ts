/**
 * Power through the daemon as people use it, with controllers that ipmitool takes for real: looked at without being asked,
 * many at once with a result for each, through every door, and what is wrong in a sentence of its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Value } from '../../src/xmlrpc/value.ts'
import { startBmc } from '../support/bmc/start.ts'
import { type Daemon, type Ended, runOrchestra, startDaemon } from '../support/daemon.ts'
import { encodeCall, readAnswer } from '../xmlrpc/support.ts'

type Bmc = Awaited<ReturnType<typeof startBmc>>
const USER = { name: 'ann', password: 'hunter22', privilege: 4 }
const folder = mkdtempSync(join(tmpdir(), 'orchestra-test-'))
const bmcs: Bmc[] = []
let daemon: Daemon
let headers: Record<string, string>

beforeAll(async () => {
  for (let count = 0; count < 3; count++) bmcs.push(await startBmc({ users: [USER] }))
  daemon = await startDaemon({ config: { power: { poll_seconds: 1 } } })
  headers = { 'content-type': 'application/json', authorization: `Bearer ${await daemon.token()}` }
  for (const name of ['linux', 'initrd']) writeFileSync(join(folder, name), name)
  await api('POST', 'distros', { name: 'd', kernel: join(folder, 'linux'), initrd: join(folder, 'initrd') })
  await api('POST', 'profiles', { name: 'p', distro: 'd' })
  for (const [index, { port }] of bmcs.entries()) {
    const power = { type: 'ipmilan', address: `127.0.0.1:${port}`, user: USER.name, pass: USER.password }
    await api('POST', 'systems', { name: `n${index + 1}`, profile: 'p', netbootEnabled: false, power })
  }
})
afterAll(async () => {
  await daemon.stop()
  for (const bmc of bmcs) await bmc.close()
  rmSync(folder, { recursive: true })
})

async function api(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${daemon.url}/api/${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  })
  expect(answer.status, await answer.clone().text()).toBeLessThan(300)
  return answer.status === 204 ? undefined : await answer.json()
}

const run = (...args: string[]): Promise<Ended> => runOrchestra(args, { env: { ORCHESTRA_DATA: daemon.data } })

async function call(method: string, ...args: Value[]): Promise<Value> {
  const body = new Uint8Array(encodeCall(method, args))
  return readAnswer(await (await fetch(`${daemon.url}/cobbler_api`, { method: 'POST', body })).text())
}

const states = async () =>
  ((await api('GET', 'power')) as { system: string; state: string }[]).map(({ state }) => state).join(' ')

describe('the power of machines', () => {
  test('is looked at again and again, and a change that nobody here made is an event', async () => {
    await expect.poll(states, { timeout: 15_000 }).toBe('off off off')
    const [first] = bmcs
    if (first) first.chassis.isOn = true
    await expect.poll(states, { timeout: 15_000 }).toBe('on off off')
    const events = (await api('GET', 'events.json?since=0')) as { name: string; payload: { system?: string } }[]
    expect(events).toContainEqual(
      expect.objectContaining({
        name: 'power.changed',
        payload: expect.objectContaining({ system: 'n1', state: 'on', because: 'n1 is on, seen by ipmi' }),
      }),
    )
  })

  test('is turned for many at once by the command line, with a result for each', async () => {
    const ended = await run('power', 'on', 'n1', 'n2', 'n3', 'nobody')
    expect(ended.code).toBe(1)
    expect(ended.stdout.trim().split('\n').toSorted()).toEqual([
      'n1: n1 is on, seen by ipmi',
      'n2: n2 is on, seen by ipmi',
      'n3: n3 is on, seen by ipmi',
      'nobody: there is no system "nobody"',
    ])
    expect(bmcs.map(({ chassis }) => chassis.isOn)).toEqual([true, true, true])
  })

  test('is turned by REST and by XML-RPC, each until it is seen', async () => {
    const { task } = (await api('POST', 'systems/n2/power', { action: 'off' })) as { task: { id: string } }
    const state = async () => ((await api('GET', `tasks/${task.id}`)) as { state: string }).state
    await expect.poll(state, { timeout: 15_000 }).toBe('complete')
    expect(bmcs[1]?.chassis.isOn).toBe(false)
    const token = await daemon.token()
    const id = await call('background_power_system', { power: 'off', systems: ['n1', 'n3'] }, token)
    const status = async () => ((await call('get_task_status', String(id))) as Value[])[2]
    await expect.poll(status, { timeout: 15_000 }).toBe('complete')
    expect(bmcs.map(({ chassis }) => chassis.isOn)).toEqual([false, false, false])
  })
})

describe('orders for machines', () => {
  test('are cancelled by the command line, and a person is told what is waited for', async () => {
    const away = bmcs[0]
    if (away) away.isAway = true
    expect((await run('power', 'on', 'n1', '--no-wait')).code).toBe(0)
    const waiting = run('power', 'off', 'n1')
    const queued = async () =>
      ((await api('GET', 'jobs?state=waiting')) as { title: string }[]).map(({ title }) => title)
    await expect.poll(queued, { timeout: 15_000 }).toEqual(['power off of n1'])
    const cancelled = await run('power', 'cancel', 'n1', 'n2', 'nobody')
    expect(cancelled.code).toBe(1)
    expect(cancelled.stdout).toMatch(/^n1: power on: cancelled by admin; what the controller was told/)
    expect(cancelled.stdout).toContain('n2: no power action of n2 is under way\nnobody: there is no system "nobody"\n')
    const ended = await waiting
    expect(ended.code).toBe(1)
    if (away) away.isAway = false
  })

  test('of a name that is not there are told beside the others, by the exit code too', async () => {
    expect(await run('power', 'test', 'n2', 'nobody')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^n2: good: .*\nnobody: not good: there is no system "nobody"\n$/),
    })
    expect(await run('power', 'status', 'nobody')).toMatchObject({ code: 1 })
    expect((await run('power', 'identify', 'n2', '--seconds', 'long')).stderr).toMatch(/number of seconds/)
  })
})

describe('what is wrong with a controller', () => {
  const edit = (power: object) => api('PATCH', 'systems/n3', { power })
  const tested = async () => (await run('power', 'test', 'n3')).stdout.trim()

  test('has a sentence for each fault, and no password in any', async () => {
    expect(await tested()).toBe('n3: good: ipmi answers: n3 is off')
    await edit({ pass: 'wrong-one' })
    const wrong = await tested()
    expect(wrong).toMatch(/^n3: not good: .*password/)
    await edit({ pass: USER.password, options: 'cipher=0' })
    const cipher = await tested()
    expect(cipher).toMatch(/^n3: not good: .*(cipher|suite)/)
    await edit({ options: '', address: 'bmc.invalid' })
    const address = await tested()
    expect(address).toMatch(/^n3: not good: .*bmc\.invalid/)
    await edit({ address: '127.0.0.1:9' })
    const silent = await tested()
    expect(silent).toMatch(/^n3: not good: .*(no answer|does not answer)/)
    expect(new Set([wrong, cipher, address, silent]).size).toBe(4)
    for (const text of [wrong, cipher, address, silent, daemon.log()]) {
      expect(text).not.toMatch(/hunter22|wrong-one/)
    }
  })
})
