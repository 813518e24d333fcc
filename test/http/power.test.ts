/** Power and leases over REST. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseIpv4, parseMac } from '../../src/model/address.ts'
import { type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
  const power = { type: 'test' }
  await it.as('operator', 'POST', '/api/systems', { name: 'node01', profile: 'debian-13', power })
  await it.as('operator', 'POST', '/api/systems', { name: 'node02', profile: 'debian-13' })
})
afterEach(() => it.close())

describe('power', () => {
  test('is asked for as a task, which ends when the state is seen', async () => {
    const started = await it.as('operator', 'POST', '/api/systems/node01/power', { action: 'on' })
    expect(started.statusCode).toBe(202)
    const { task } = started.json()
    expect(task).toMatchObject({ system: 'node01', action: 'on', state: 'running' })
    expect(started.headers['location']).toBe(`/api/tasks/${task.id}`)
    const now = async () => (await it.as('viewer', 'GET', `/api/tasks/${task.id}`)).json().state
    await expect.poll(now).toBe('complete')
    expect((await it.as('viewer', 'GET', '/api/systems/node01/power')).json()).toMatchObject({ state: 'on' })
  })

  test('that fails says so in the task', async () => {
    it.machine.fails = true
    const { task } = (await it.as('operator', 'POST', '/api/systems/node01/power', { action: 'off' })).json()
    const now = async () => (await it.as('viewer', 'GET', `/api/tasks/${task.id}`)).json()
    await expect.poll(now).toMatchObject({ state: 'failed', because: expect.stringContaining('on fire') })
  })

  test.each([
    ['a system that is not there', 'nope', { action: 'on' }, 404, 'item.missing'],
    ['a system without a driver', 'node02', { action: 'on' }, 422, 'power.unsupported'],
    ['an action that there is not', 'node01', { action: 'explode' }, 400, 'request.invalid'],
    ['no action', 'node01', {}, 400, 'request.invalid'],
  ])('of %s is refused', async (_, name, payload, status, code) => {
    const answer = await it.as('operator', 'POST', `/api/systems/${name}/power`, payload)
    expect({ status: answer.statusCode, code: answer.json().code }).toEqual({ status, code })
  })

  test('of many is answered one by one, and what was seen of each is told with its age', async () => {
    const systems = ['node01', 'node02', 'nope', 'node01']
    const answer = await it.as('operator', 'POST', '/api/power', { action: 'on', systems })
    expect(answer.statusCode).toBe(202)
    expect(answer.json().results).toMatchObject([
      { system: 'node01', task: { action: 'on' } },
      { system: 'node02', because: expect.stringMatching(/^node02 has no power type/) },
      { system: 'nope', because: 'there is no system "nope"' },
    ])
    const seen = async () => (await it.as('viewer', 'GET', '/api/power')).json()
    await expect.poll(seen).toMatchObject([
      { system: 'node01', state: 'on', at: expect.any(Number) },
      { system: 'node02', state: 'unknown', at: null, because: 'nobody has asked yet' },
    ])
  })

  test('is tested: what is wrong is the answer, not an error', async () => {
    const good = await it.as('operator', 'POST', '/api/systems/node01/power/test')
    expect(good.json()).toMatchObject({ ok: true, because: 'test answers: node01 is off' })
    expect((await it.as('operator', 'POST', '/api/systems/node02/power/test')).statusCode).toBe(422)
  })

  test('that has ended cannot be cancelled, and a lamp that is not there does not blink', async () => {
    const { task } = (await it.as('operator', 'POST', '/api/systems/node01/power', { action: 'on' })).json()
    await expect.poll(async () => (await it.as('viewer', 'GET', `/api/tasks/${task.id}`)).json().state).toBe('complete')
    const late = await it.as('operator', 'DELETE', `/api/tasks/${task.id}`)
    expect([late.statusCode, late.json().detail]).toEqual([422, expect.stringMatching(/^power on of node01 has ended/)])
    expect((await it.as('operator', 'DELETE', '/api/tasks/nope')).statusCode).toBe(404)
    const lamp = await it.as('operator', 'POST', '/api/systems/node01/power/identify', {})
    expect(lamp.json().detail).toBe('test of node01 has no lamp to blink')
  })

  test('has no task that nobody started', async () => {
    expect((await it.as('viewer', 'GET', '/api/tasks/nope')).statusCode).toBe(404)
  })
})

test('metrics are told in the format of Prometheus, by driver, to whoever has a token', async () => {
  const { task } = (await it.as('operator', 'POST', '/api/systems/node01/power', { action: 'on' })).json()
  await expect.poll(async () => (await it.as('viewer', 'GET', `/api/tasks/${task.id}`)).json().state).toBe('complete')
  it.machine.fails = true
  await it.as('operator', 'POST', '/api/systems/node01/power', { action: 'off' })
  const metrics = async () => (await it.as('viewer', 'GET', '/metrics')).body.split('\n')
  await expect.poll(metrics).toContain('orchestra_power_calls_total{driver="test",what="off",result="other"} 3')
  const lines = await metrics()
  expect(lines).toContain('orchestra_power_tasks_total{driver="test",action="on",state="complete"} 1')
  expect(lines).toContain('orchestra_power_calls_total{driver="test",what="state",result="ok"} 2')
  expect(lines).toContain('orchestra_boot_steps_total{step="power"} 1')
  expect(lines).toContain('orchestra_machines{power="on"} 1')
  expect((await it.app.inject('/metrics')).statusCode).toBe(401)
})

test('leases are told as they are', async () => {
  it.leases.push({
    ip: parseIpv4('10.0.0.7'),
    mac: parseMac('525400000007'),
    state: 'leased',
    expires: 1_700_000_600_000,
    hostname: 'seven',
  })
  expect((await it.as('viewer', 'GET', '/api/leases')).json()).toEqual(it.leases)
})
