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

  test('has no task that nobody started', async () => {
    expect((await it.as('viewer', 'GET', '/api/tasks/nope')).statusCode).toBe(404)
  })
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
