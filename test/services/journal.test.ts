/** The journal over a real database: order, resumption, bounds. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { asMac } from '../../src/model/address.ts'
import type { RecordedEvent } from '../../src/model/event.ts'
import { openJournal } from '../../src/services/journal.ts'
import { silentLog, type TestStore, testStore } from '../support/store.ts'

let store: TestStore
beforeEach(async () => {
  store = await testStore()
})
afterEach(() => store.close())

const open = () => openJournal({ db: store.db, clock: store.clock, log: silentLog })
const step = (because: string) => ({
  mac: asMac('52:54:00:00:00:01'),
  system: 'node01',
  step: 'address' as const,
  because,
})

test('events have rising ids, reach followers once they are written and are read back in order', async () => {
  const journal = await open()
  const heard: RecordedEvent[] = []
  const stop = journal.follow((event) => void heard.push(event))
  for (let i = 0; i < 5; i++) journal.record('boot.step', step(`${i}`))
  expect(heard).toEqual([])
  await journal.flushed()
  expect(heard.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5])
  stop()
  journal.record('boot.step', step('unheard'))
  expect(heard).toHaveLength(5)
  const all = await journal.since(0, 100)
  expect(all.slice(0, 5)).toEqual(heard)
  expect((await journal.since(4, 1)).map(({ id }) => id)).toEqual([5])
})

test('what this process keeps in memory hears of an event at once', async () => {
  const journal = await open()
  const heard: number[] = []
  const stop = journal.watch(({ id }) => void heard.push(id))
  journal.record('boot.step', step('now'))
  expect(heard).toEqual([1])
  stop()
  journal.record('boot.step', step('unheard'))
  expect(heard).toEqual([1])
})

test('ids go on after a restart, and nothing that was flushed is lost', async () => {
  const first = await open()
  first.record('boot.step', step('before'))
  await first.flushed()
  const second = await open()
  second.record('boot.step', step('after'))
  expect((await second.since(0, 10)).map(({ id, payload }) => [id, 'because' in payload && payload.because])).toEqual([
    [1, 'before'],
    [2, 'after'],
  ])
})

test('a follower that throws disturbs nobody', async () => {
  const journal = await open()
  const heard: number[] = []
  journal.follow(() => {
    throw new Error('mine')
  })
  journal.follow(({ id }) => void heard.push(id))
  journal.record('boot.step', step('x'))
  await journal.flushed()
  expect(heard).toEqual([1])
})
