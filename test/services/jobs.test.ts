/** Jobs: begun, followed, cancelled, kept, and found again after a start. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newUid } from '../../src/lib/secret.ts'
import { OrchestraError } from '../../src/model/errors.ts'
import type { EventMap, EventName } from '../../src/model/event.ts'
import type { Job } from '../../src/model/job.ts'
import type { PowerTask } from '../../src/model/power.ts'
import type { JobEnd, NewJob, Work } from '../../src/services/job-run.ts'
import { type Jobs, openJobs } from '../../src/services/jobs.ts'
import { type Db, openDb } from '../../src/store/db.ts'
import { saveJobs } from '../../src/store/jobs.ts'
import { fixedClock, silentLog } from '../support/store.ts'

let db: Db
let jobs: Jobs
let clock: ReturnType<typeof fixedClock>
let told: { name: EventName; payload: EventMap[EventName] }[]
const tasks = new Map<string, PowerTask>()

const open = () =>
  openJobs({
    ...{ db, clock, log: silentLog, newId: newUid },
    record: (name, payload) => void told.push({ name, payload }),
    power: {
      task: (id) => tasks.get(id),
      underWay: () => [...tasks.values()].filter(({ ended }) => ended === undefined),
      cancel: (id, by) => move(id, { state: 'cancelled', because: `cancelled by ${by}`, ended: clock.now() }),
      finished: async (id) => tasks.get(id) ?? move(id, {}),
    },
  })

function move(id: string, change: Partial<PowerTask>): PowerTask {
  const first: PowerTask = {
    id,
    system: 'n1',
    action: 'on',
    state: 'running',
    because: 'begins',
    started: 1,
    ended: undefined,
  }
  const task = { ...(tasks.get(id) ?? first), ...change }
  tasks.set(id, task)
  jobs.noteTask(task)
  return task
}

beforeEach(async () => {
  db = await openDb(':memory:')
  clock = fixedClock()
  told = []
  tasks.clear()
  jobs = await open()
})
afterEach(async () => {
  await jobs.stop()
  await db.destroy()
})

/** A job whose work is in the test's hands. */
function begin(more: Partial<NewJob> = {}) {
  const work = Promise.withResolvers<Work>()
  const { promise, resolve, reject } = Promise.withResolvers<JobEnd>()
  const { job, ended } = jobs.start({
    ...{ kind: 'import', title: 'import of x', by: 'ann', because: 'waits', ...more },
    run(given) {
      work.resolve(given)
      given.signal.addEventListener('abort', () => reject(given.signal.reason))
      return promise
    },
  })
  return { job, ended, work: work.promise, end: resolve, fail: reject }
}

const found = async (id: string): Promise<Job | undefined> => jobs.get(id)

describe('a job', () => {
  test('waits until its work says something, goes on, and ends with a sentence', async () => {
    const { job, ended, work, end } = begin()
    expect(job).toMatchObject({ state: 'waiting', because: 'waits', by: 'ann', ended: null, progress: null })
    const { say, progress } = await work
    say('looking')
    expect(await found(job.id)).toMatchObject({ state: 'running', because: 'looking' })
    progress(3, 10)
    expect(await found(job.id)).toMatchObject({ progress: { done: 3, total: 10 } })
    end({ state: 'done', because: 'all is there' })
    expect(await ended).toMatchObject({ state: 'done', because: 'all is there', ended: clock.now() })
    expect((await jobs.lines(job.id, 0)).map(({ n, text }) => [n, text])).toEqual([
      [1, 'looking'],
      [2, 'all is there'],
    ])
    expect(await jobs.lines(job.id, 1)).toHaveLength(1)
  })

  test.each([
    ['a refusal by its sentence', new OrchestraError('content.invalid', 'nothing to import'), 'nothing to import'],
    ['a fault of ours without its details', new Error('secret'), /^something is broken in Orchestra/],
  ])('fails by %s', async (_, error, because) => {
    const { ended, fail } = begin()
    fail(error)
    const job = await ended
    expect(job.state).toBe('failed')
    expect(job.because).toMatch(because)
    expect(job.because).not.toContain('secret')
  })

  test('that is cancelled says by whom, and so do those of its machines that had not ended', async () => {
    const results = ['a', 'b'].map((system) => ({ system, outcome: 'waiting' as const, because: 'waits' }))
    const { job, work } = begin({ results })
    ;(await work).result({ system: 'a', outcome: 'done', because: 'good' })
    expect(await jobs.cancel(job.id, 'bob')).toMatchObject({
      ...{ state: 'cancelled', because: 'cancelled by bob' },
      results: [
        { system: 'a', outcome: 'done' },
        { system: 'b', outcome: 'cancelled', because: 'cancelled by bob' },
      ],
    })
    await expect(jobs.cancel(job.id, 'bob')).rejects.toThrow('import of x has ended: cancelled by bob')
    await expect(jobs.cancel('nope', 'bob')).rejects.toThrow('there is no job nope')
  })

  test('that waits for its turn is cancelled without waiting for it', async () => {
    const { job } = jobs.start({
      ...{ kind: 'import', title: 'x', by: 'ann', because: 'waits', run: () => new Promise(() => {}) },
    })
    expect(await jobs.cancel(job.id, 'bob')).toMatchObject({ state: 'cancelled' })
  })

  test('is followed: each line once, and its end', async () => {
    const { job, ended, work, end } = begin()
    const heard: string[] = []
    const leave = jobs.follow(job.id, (news) => heard.push('line' in news ? news.line.text : `end ${news.end.state}`))
    ;(await work).say('one')
    end({ state: 'failed', because: 'two' })
    await ended
    expect(heard).toEqual(['one', 'two', 'end failed'])
    leave()
  })

  test('is told of in events, a few times a second at most', async () => {
    const { job, ended, work, end } = begin()
    const { progress } = await work
    for (let done = 0; done < 1_000; done++) progress(done, 1_000)
    end({ state: 'done', because: 'good' })
    await ended
    const states = told.map(({ payload }) => (payload as EventMap['job.changed']).state)
    expect(states).toEqual(['waiting', 'running', 'done'])
    expect(told.at(-1)).toEqual({
      name: 'job.changed',
      payload: { id: job.id, kind: 'import', state: 'done', progress: { done: 999, total: 1_000 } },
    })
  })
})

describe('jobs are kept', () => {
  test('and are found again after a start, with what they said', async () => {
    const { job, ended, end } = begin()
    end({ state: 'failed', because: 'the tar is broken' })
    await ended
    await jobs.stop()
    jobs = await open()
    expect(await found(job.id)).toMatchObject({ state: 'failed', because: 'the tar is broken' })
    expect(await jobs.list({ limit: 10 })).toMatchObject([{ id: job.id }])
    expect(await jobs.lines(job.id, 0)).toMatchObject([{ n: 1, text: 'the tar is broken' }])
  })

  test('and those that ran when the daemon was stopped say so', async () => {
    const results = [{ system: 'a', outcome: 'running' as const, because: 'under way' }]
    const { job } = begin({ kind: 'bulk', results })
    await jobs.stop()
    const stopped = { state: 'failed', because: 'the daemon was stopped', results: [{ outcome: 'failed' }] }
    jobs = await open()
    expect(await found(job.id)).toMatchObject(stopped)
  })

  test('and those that ran when it was killed say the same', async () => {
    const results = [{ system: 'a', outcome: 'running' as const, because: 'under way' }]
    const { job, work } = begin({ kind: 'bulk', results })
    ;(await work).say('one')
    // As it is on the disk in the middle of it.
    await jobs.flushed()
    const again = await open()
    expect(await again.get(job.id)).toMatchObject({
      ...{ state: 'failed', because: 'the daemon was stopped', ended: clock.now() },
      results: [{ system: 'a', outcome: 'failed', because: 'the daemon was stopped' }],
    })
    expect(await again.lines(job.id, 0)).toMatchObject([{ text: 'one' }])
  })

  test('in pages, the newest first, by their state', async () => {
    for (let number = 1; number <= 5; number++) {
      clock.advance(number % 2)
      const { ended, end } = begin({ title: `number ${number}` })
      end({ state: number % 2 ? 'done' : 'failed', because: 'over' })
      await ended
    }
    begin({ title: 'runs' })
    const all = await jobs.list({ limit: 10 })
    expect(all).toHaveLength(6)
    const seen: Job[] = []
    for (let before: Job | undefined; ; ) {
      const page = await jobs.list({ limit: 2, before })
      seen.push(...page)
      before = page.at(-1)
      if (page.length < 2) break
    }
    expect(seen.map(({ id }) => id)).toEqual(all.map(({ id }) => id))
    const times = all.map(({ started }) => started)
    expect(times).toEqual([...times].sort((a, b) => b - a))
    expect((await jobs.list({ limit: 10, state: 'failed' })).map(({ title }) => title).sort()).toEqual([
      'number 2',
      'number 4',
    ])
    expect(await jobs.list({ limit: 10, state: 'waiting' })).toMatchObject([{ title: 'runs' }])
  })

  test('within bounds of each kind: many orders for machines do not push an import out', async () => {
    const { job, ended, end } = begin()
    end({ state: 'failed', because: 'over' })
    await ended
    await jobs.flushed()
    const old: Job = { ...job, kind: 'power', state: 'done', ended: 1, started: job.started + 1 }
    const many = Array.from({ length: 5_400 }, (_, number) => ({ job: { ...old, id: `task${number}` }, lines: [] }))
    await db.transaction().execute((tx) => saveJobs(tx, many))
    for (let number = 0; number < 250; number++)
      move(`late${number}`, { state: 'complete', started: old.started + 2, ended: 2 })
    await jobs.flushed()
    const { count } = await db
      .selectFrom('job')
      .select((build) => build.fn.countAll<number>().as('count'))
      .where('kind', '=', 'power')
      .executeTakeFirstOrThrow()
    expect(count).toBeLessThanOrEqual(5_200)
    expect(await found(job.id)).toMatchObject({ state: 'failed' })
  })
})

describe('a power task is a job', () => {
  test('that stands as the task does, and is kept when that has ended', async () => {
    move('t1', {})
    expect(await jobs.list({ limit: 10 })).toMatchObject([
      { id: 't1', kind: 'power', title: 'power on of n1', state: 'running', by: null },
    ])
    move('t1', { state: 'failed', because: 'no answer', ended: 5 })
    expect(await jobs.lines('t1', 0)).toMatchObject([
      { n: 1, text: 'begins' },
      { n: 2, text: 'no answer' },
    ])
    tasks.clear()
    expect(await found('t1')).toMatchObject({ state: 'failed', results: [{ system: 'n1', outcome: 'failed' }] })
    expect(await jobs.list({ limit: 10 })).toMatchObject([{ id: 't1', state: 'failed' }])
    expect(told.map(({ payload }) => (payload as EventMap['job.changed']).state)).toEqual(['running', 'failed'])
  })

  test('that is cancelled as any other', async () => {
    move('t1', {})
    expect(await jobs.cancel('t1', 'bob')).toMatchObject({ state: 'cancelled', because: 'cancelled by bob' })
  })

  test('unless it is part of one: then it is not listed beside it, and is found by its id', async () => {
    move('t1', { job: 'b1' })
    expect(await jobs.list({ limit: 10 })).toEqual([])
    expect(await found('t1')).toMatchObject({ state: 'running' })
    expect(await jobs.lines('t1', 0)).toEqual([{ n: 1, at: 1, text: 'begins' }])
    expect(told).toEqual([])
  })
})
