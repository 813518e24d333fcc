/** What the journal tells of machines, in the words of their traces. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EventMap, EventName } from '../../src/model/event.ts'
import type { Sighted } from '../../src/model/trace.ts'
import { type Journal, openJournal } from '../../src/services/journal.ts'
import type { Seen } from '../../src/services/trace.ts'
import { traceJournal } from '../../src/services/trace-journal.ts'
import { addProfile, silentLog, type TestStore, testStore } from '../support/store.ts'

let store: TestStore
let journal: Journal
let stop: () => void
let noted: (Sighted & { of: Seen })[]
let claimed: string[]
beforeEach(async () => {
  store = await testStore()
  const { db, clock, catalog } = store
  await addProfile(catalog)
  await catalog.save('system', { ...catalog.draft('system'), name: 'node1', profile: 'debian-13' })
  journal = await openJournal({ db, clock, log: silentLog })
  noted = []
  claimed = []
  stop = traceJournal({
    ...{ journal, catalog, log: silentLog },
    note: (of, seen) => void noted.push({ of, ...seen }),
    claim: async ({ name }) => void claimed.push(name),
  })
})
afterEach(async () => {
  stop()
  await journal.flushed()
  await store.close()
})

const step = (name: EventMap['boot.step']['step'], because: string) =>
  journal.record('boot.step', { mac: undefined, system: 'node1', step: name, because })
const power = (event: Partial<EventMap['power.changed']>) =>
  journal.record('power.changed', {
    ...{ system: 'node1', state: 'unknown', action: undefined, task: undefined, because: '' },
    ...event,
  })
const seen = () => noted.map(({ kind, outcome, sign }) => [kind, outcome, sign])

test.each([
  ['loader', 'shimx64.efi fetched by tftp', ['step', 'ok', 'loader']],
  ['kernel', 'kernel linux of d fetched by http', ['step', 'ok', 'kernel']],
  ['preseed', 'the preseed was fetched from 10.0.0.1', ['step', 'ok', 'preseed']],
  ['failed', 'no preseed: default.seed:3: what', ['step', 'error', 'preseed']],
  ['failed', 'no space', ['step', 'error', 'failed']],
  ['power', 'ipmi did not take the order to boot by network once: no', ['power', 'refused', 'order-refused']],
  ['power', 'ipmi may boot by network once: unread', ['power', 'ok', undefined]],
  ['power', 'ipmi took the order: power on', ['power', 'ok', 'power-on']],
  ['installed', 'the installer has ended', ['step', 'ok', 'installed']],
] as const)('the step %s (%s) is an entry', (name, because, entry) => {
  step(name, because)
  expect(seen()).toEqual([entry])
  expect(noted[0]).toMatchObject({ of: { system: 'node1' }, text: because })
})

test.each(['address', 'config', 'first-boot'] as const)('the step %s is noted by who saw it', (name) => {
  step(name, 'seen')
  expect(noted).toEqual([])
})

test('a power task is an order, and tells when it failed', () => {
  const task = { action: 'on', task: 't1' } as const
  power({ ...task, because: 'power on of node1 by ipmi is under way' })
  power({ ...task, because: 'sent; wol cannot see the state' })
  power({ ...task, because: 'somebody must turn node1 on' })
  power({ ...task, state: 'on', because: 'node1 is on, seen by ipmi' })
  power({ ...task, because: 'ipmi: no answer within 20 s' })
  expect(seen()).toEqual([
    ['power', 'ok', 'power-order'],
    ['power', 'ok', undefined],
    ['power', 'ok', undefined],
    ['power', 'ok', 'power-on'],
    ['power', 'error', 'power-failed'],
  ])
  expect(noted[0]).toMatchObject({ task: 't1', wants: 'install' })
})

test('a machine that is seen on was turned on only when it was seen off before', () => {
  power({ state: 'on' })
  power({ state: 'off' })
  power({ state: 'on' })
  expect(noted.map(({ sign }) => sign)).toEqual([undefined, 'power-off', 'power-on'])
})

test('a change of netboot is an entry, any other change is none', async () => {
  const { catalog } = store
  const change = async (fields: object) => {
    const before = catalog.get('system', 'node1') ?? catalog.draft('system')
    const system = await catalog.save('system', { ...before, ...fields })
    journal.record('item.changed', { type: 'system', name: 'node1', uid: system.uid, revision: system.revision })
  }
  await change({ comment: 'x' })
  await change({ netbootEnabled: false })
  await change({ netbootEnabled: true })
  expect(noted.map(({ sign }) => sign)).toEqual(['netboot-off', 'netboot-on'])
})

test.each([
  ['machine.broken', { system: 'node1', because: 'reinstall loop: 4 installs' }, /broken: reinstall loop/],
  ['machine.repaired', { system: 'node1', by: 'anna' }, /^anna has mended it$/],
  ['machine.acquired', { system: 'node1', uid: 'u', class: 'foo-acquired', by: undefined }, /^taken: .*foo-acquired/],
  ['machine.released', { system: 'node1', uid: 'u', class: 'foo-available', by: undefined }, /^given back: /],
] as const)('%s is a decision', (name, payload, text) => {
  journal.record(name as EventName, payload as never)
  expect(noted).toMatchObject([{ kind: 'decision', of: { system: 'node1' }, text: expect.stringMatching(text) }])
})
