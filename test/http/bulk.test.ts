/** One action for many machines, and the job that does it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Job } from '../../src/model/job.ts'
import { type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
  await add('n1', { mgmtClasses: ['foo-available'] })
  await add('n2', { mgmtClasses: ['foo-acquired'] })
  await add('n3', { power: {} })
})
afterEach(() => it.close())

const add = async (name: string, more: object = {}) => {
  const made = await it.as('operator', 'POST', '/api/systems', {
    ...{ name, profile: 'debian-13', power: { type: 'test' }, ...more },
  })
  expect(made.statusCode).toBe(201)
}

const ask = (payload: object) => it.as('operator', 'POST', '/api/bulk', payload)
const jobOf = async (id: string): Promise<Job> => (await it.as('viewer', 'GET', `/api/jobs/${id}`)).json()

/** The job as it has ended. */
async function done(payload: object): Promise<Job> {
  const begun = await ask(payload)
  expect(begun.statusCode, begun.body).toBe(202)
  const { job } = begun.json()
  expect(begun.headers['location']).toBe(`/api/jobs/${job.id}`)
  await expect.poll(async () => (await jobOf(job.id)).ended).not.toBeNull()
  return jobOf(job.id)
}

const outcomes = ({ results = [] }: Job) => Object.fromEntries(results.map(({ system, outcome }) => [system, outcome]))

describe('before', () => {
  test('it is said who is to be had, and why the others are not; nothing is done', async () => {
    const answer = await ask({ action: 'on', systems: ['n1', 'n3', 'nope', 'n1'], dryRun: true })
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        ...{ action: 'on', eligible: ['n1'] },
        not: [
          { system: 'n3', because: 'it has no power type, so nothing turns it on and off' },
          { system: 'nope', because: 'there is no system "nope"' },
        ],
      },
    ])
    expect([it.machine.state, await it.jobs.list({ limit: 9 })]).toEqual(['off', []])
  })

  test.each([
    ['no such profile', { action: 'profile', systems: ['n1'], profile: 'nope' }, 422, 'profile'],
    ['no profile said', { action: 'profile', systems: ['n1'], dryRun: true }, 422, 'profile'],
    ['no such action', { action: 'explode', systems: ['n1'] }, 400, 'action'],
    ['no systems', { action: 'on', systems: [] }, 400, 'systems'],
  ])('%s is refused, with the field', async (_, payload, status, field) => {
    const answer = await ask(payload)
    expect([answer.statusCode, answer.json().field]).toEqual([status, field])
  })

  test('viewers are refused', async () => {
    const answer = await it.as('viewer', 'POST', '/api/bulk', { action: 'on', systems: ['n1'], dryRun: true })
    expect(answer.statusCode).toBe(403)
  })
})

describe('power', () => {
  test('of each comes out by itself, and is part of the one job', async () => {
    const job = await done({ action: 'on', systems: ['n1', 'n2', 'n3'] })
    expect(job).toMatchObject({
      ...{ kind: 'bulk', title: 'power on of 3 machines', by: 'operator', state: 'failed' },
      ...{ because: '1 of 3 failed: n3', progress: { done: 3, total: 3 } },
      results: [
        { system: 'n1', outcome: 'done', because: 'n1 is on, seen by test' },
        { system: 'n2', outcome: 'done' },
        { system: 'n3', outcome: 'failed', because: expect.stringContaining('no power type') },
      ],
    })
    const list = (await it.as('viewer', 'GET', '/api/jobs')).json()
    expect(list.map(({ id }: Job) => id)).toEqual([job.id])
    expect(list[0].results).toBeUndefined()
  })

  test('that fails says why', async () => {
    it.machine.fails = true
    expect(await done({ action: 'off', systems: ['n1'] })).toMatchObject({
      ...{ state: 'failed', title: 'power off of n1' },
      results: [{ outcome: 'failed', because: 'the outlet is on fire' }],
    })
  })

  test('is cancelled in the middle', async () => {
    it.machine.held = new Promise(() => {})
    const { job } = (await ask({ action: 'on', systems: ['n3', 'n1', 'n2'] })).json()
    await expect.poll(async () => outcomes(await jobOf(job.id))).toEqual({ n3: 'failed', n1: 'running', n2: 'running' })
    const cancelled = await it.as('operator', 'DELETE', `/api/jobs/${job.id}`)
    expect(cancelled.json()).toMatchObject({ state: 'cancelled', because: 'cancelled by operator' })
    expect(outcomes(cancelled.json())).toEqual({ n3: 'failed', n1: 'cancelled', n2: 'cancelled' })
    expect((await it.as('operator', 'DELETE', `/api/jobs/${job.id}`)).statusCode).toBe(422)
    expect((await it.as('viewer', 'GET', '/api/machines')).json()).toMatchObject([{ task: null }, { task: null }, {}])
  })
})

describe('what is saved', () => {
  test('is acquired: those and no other, once', async () => {
    await add('n4', { mgmtClasses: ['foo-available'] })
    expect(outcomes(await done({ action: 'acquire', systems: ['n1', 'n2'] }))).toEqual({ n1: 'done', n2: 'failed' })
    const classes = (name: string) => it.catalog.get('system', name)?.mgmtClasses
    expect([classes('n1'), classes('n2'), classes('n4')]).toEqual([
      ['foo-acquired'],
      ['foo-acquired'],
      ['foo-available'],
    ])
    const events = (await it.journal.since(0, 999)).filter(({ name }) => name === 'machine.acquired')
    expect(events.map(({ payload }) => payload)).toMatchObject([{ system: 'n2' }, { system: 'n1', by: 'operator' }])
  })

  test('is released, and turned off', async () => {
    it.machine.state = 'on'
    expect(outcomes(await done({ action: 'release', systems: ['n1', 'n2'] }))).toEqual({ n1: 'failed', n2: 'done' })
    expect(it.catalog.get('system', 'n2')?.mgmtClasses).toEqual(['foo-available'])
    await expect.poll(() => it.machine.state).toBe('off')
  })

  test('has its netboot and its profile changed; what is so already is done', async () => {
    await it.as('operator', 'POST', '/api/profiles', { name: 'other', distro: 'debian-13' })
    const systems = ['n1', 'n2']
    expect(outcomes(await done({ action: 'netboot-on', systems }))).toEqual({ n1: 'done', n2: 'done' })
    expect(it.catalog.get('system', 'n1')?.revision).toBe(1)
    await done({ action: 'netboot-off', systems })
    await done({ action: 'profile', profile: 'other', systems })
    expect(it.catalog.get('system', 'n2')).toMatchObject({ netbootEnabled: false, profile: 'other', revision: 3 })
  })

  test('is removed, but for what somebody has', async () => {
    expect(outcomes(await done({ action: 'remove', systems: ['n1', 'n2'] }))).toEqual({ n1: 'done', n2: 'failed' })
    expect(it.catalog.list('system').map(({ name }) => name)).toEqual(['n2', 'n3'])
  })

  test('is mended when it was broken', async () => {
    it.journal.record('boot.step', { mac: undefined, system: 'n1', step: 'config', because: 'asked' })
    it.journal.record('boot.step', { mac: undefined, system: 'n1', step: 'failed', because: 'no disk' })
    const stage = async () => (await it.as('viewer', 'GET', '/api/machines?names=n1')).json()[0].stage
    expect(await stage()).toBe('broken')
    const look = await ask({ action: 'repair', systems: ['n1', 'n2'], dryRun: true })
    expect(look.json()).toMatchObject({ eligible: ['n1'], not: [{ because: 'it is neither broken nor overdue' }] })
    expect(outcomes(await done({ action: 'repair', systems: ['n1'] }))).toEqual({ n1: 'done' })
    expect(await stage()).not.toBe('broken')
  })
})

test('a request that is sent twice with one key begins one job', async () => {
  const send = async () =>
    it.app.inject({
      ...{ method: 'POST', url: '/api/bulk', payload: { action: 'netboot-off', systems: ['n1'] } },
      headers: { authorization: `Bearer ${await it.tokenOf('operator')}`, 'idempotency-key': 'k' },
    })
  const [first, second] = [await send(), await send()]
  expect([second.statusCode, second.body, second.headers['location']]).toEqual([
    202,
    first.body,
    first.headers['location'],
  ])
  expect(await it.jobs.list({ limit: 9 })).toHaveLength(1)
})

test('the audit has it as one action', async () => {
  await done({ action: 'netboot-off', systems: ['n1', 'n2'] })
  const audit = (await it.as('admin', 'GET', '/api/audit?action=bulk')).json()
  expect(audit).toMatchObject([
    { user: 'operator', action: 'POST /api/bulk', fields: ['action', 'systems'], outcome: 'ok' },
  ])
})
