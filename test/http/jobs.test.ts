/** Long tasks over REST: listed, looked at, followed, cancelled; an import in the background. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Job } from '../../src/model/job.ts'
import { listen, type TestApp, testApp } from './test-app.ts'

let it: TestApp
beforeEach(async () => {
  it = await testApp()
  for (const name of ['n1', 'n2']) {
    await it.as('operator', 'POST', '/api/systems', { name, profile: 'debian-13', power: { type: 'test' } })
  }
})
afterEach(() => it.close())

const jobs = async (query = ''): Promise<Job[]> => (await it.as('viewer', 'GET', `/api/jobs${query}`)).json()

async function powerOn(name: string): Promise<string> {
  const { task } = (await it.as('operator', 'POST', `/api/systems/${name}/power`, { action: 'on' })).json()
  await expect.poll(async () => (await jobs('?state=done')).map(({ id }) => id)).toContain(task.id)
  return task.id
}

test('a power task is a job of whoever ordered it, by the same id', async () => {
  const id = await powerOn('n1')
  expect((await it.as('viewer', 'GET', `/api/jobs/${id}`)).json()).toMatchObject({
    ...{ id, kind: 'power', title: 'power on of n1', by: 'operator', state: 'done', because: 'n1 is on, seen by test' },
    results: [{ system: 'n1', outcome: 'done' }],
  })
  expect((await it.as('viewer', 'GET', `/api/jobs/${id}/output`)).json()).toMatchObject([
    { n: 1, text: 'power on of n1' },
    { n: 2, text: 'power on of n1 by test is under way' },
    { n: 3, text: 'n1 is on, seen by test' },
  ])
  const events = (await it.journal.since(0, 999)).filter(({ name }) => name === 'job.changed')
  expect(events.at(-1)?.payload).toEqual({ id, kind: 'power', state: 'done', progress: null })
})

test('lists come in pages that lead to each other', async () => {
  const first = await powerOn('n1')
  it.clock.advance(1)
  const second = await powerOn('n2')
  const page = await it.as('viewer', 'GET', '/api/jobs?limit=1')
  expect(page.json()).toMatchObject([{ id: second }])
  const next = /^<([^>]+)>; rel="next"$/.exec(String(page.headers['link']))?.[1] ?? ''
  expect((await it.as('viewer', 'GET', next)).json()).toMatchObject([{ id: first }])
  const wrong = await it.as('viewer', 'GET', '/api/jobs?cursor=x')
  expect([wrong.statusCode, wrong.json().field]).toEqual([422, 'cursor'])
})

test('an import in the background is answered at once, and how it ended is in its job', async () => {
  const answer = await it.as('admin', 'POST', '/api/import', { path: '/srv/x', name: 'x', background: true })
  expect(answer.statusCode).toBe(202)
  const { job } = answer.json()
  expect(answer.headers['location']).toBe(`/api/jobs/${job.id}`)
  await expect
    .poll(async () => (await it.as('viewer', 'GET', `/api/jobs/${job.id}`)).json())
    .toMatchObject({
      ...{ kind: 'import', title: 'import of x', by: 'admin', state: 'done', because: 'imported x' },
    })
  expect(it.imports).toEqual([{ path: '/srv/x', name: 'x' }])
})

test('an import of the store is refused where there is none, in the job too', async () => {
  const answer = await it.as('admin', 'POST', '/api/import', { path: 'store:debian-13', name: 'x' })
  expect([answer.statusCode, answer.json().detail]).toEqual([422, expect.stringContaining('the store is off')])
  expect(await jobs()).toMatchObject([{ kind: 'import', state: 'failed', because: expect.stringContaining('store') }])
})

test('what a job says is followed, from any line on, to its end', async () => {
  const held = Promise.withResolvers<void>()
  it.machine.held = held.promise
  const { job } = (await it.as('operator', 'POST', '/api/bulk', { action: 'on', systems: ['n1', 'n2', 'x'] })).json()
  const url = await listen(it.app)
  const authorization = `Bearer ${await it.tokenOf('viewer')}`
  const follow = async (headers = {}) =>
    await (await fetch(`${url}/api/jobs/${job.id}/output?follow=1`, { headers: { authorization, ...headers } })).text()
  const whole = follow()
  held.resolve()
  const frames = (await whole).split('\n\n').filter((frame) => frame.includes('data: '))
  expect(frames.map((frame) => /^id: (\d+)/.exec(frame)?.[1]).slice(0, 4)).toEqual(['1', '2', '3', '4'])
  expect(JSON.parse(/^data: (.*)$/m.exec(frames[0] ?? '')?.[1] ?? '')).toEqual({
    ...{ n: 1, at: it.clock.now(), text: 'x: there is no system "x"'.slice(3) },
  })
  expect(frames.at(-1)).toMatch(/event: end\ndata: .*"state":"failed"/)
  const rest = (await follow({ 'last-event-id': '3' })).split('\n\n').filter((frame) => frame.includes('data: '))
  expect(rest.map((frame) => /"n":(\d+)/.exec(frame)?.[1])).toEqual(['4', undefined])
})

test('what is not there is said so', async () => {
  for (const url of ['/api/jobs/nope', '/api/jobs/nope/output']) {
    expect((await it.as('viewer', 'GET', url)).statusCode).toBe(404)
  }
  expect((await it.as('operator', 'DELETE', '/api/jobs/nope')).statusCode).toBe(404)
  expect((await it.as('viewer', 'DELETE', '/api/jobs/nope')).statusCode).toBe(403)
})
