/** The installer's log over a real database: order, bounds, followers, and systems that come and go. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogLine } from '../../src/model/log-line.ts'
import { emptyInterface, type System } from '../../src/model/system.ts'
import { type InstallLog, markBoots, openInstallLog } from '../../src/services/install-log.ts'
import { openJournal } from '../../src/services/journal.ts'
import { addProfile, silentLog, type TestStore, testStore } from '../support/store.ts'

let store: TestStore
let log: InstallLog
let [one, two]: System[] = []
beforeEach(async () => {
  store = await testStore()
  await addProfile(store.catalog)
  one = await addSystem('node1')
  two = await addSystem('node2')
  log = await open()
})
afterEach(async () => {
  await log.flushed()
  await store.close()
})

const open = () =>
  openInstallLog({
    db: store.db,
    clock: store.clock,
    log: silentLog,
    keepLines: 100,
    mask: (_uid, text) => text.replace('hunter2', '********'),
  })
const addSystem = (name: string) =>
  store.catalog.save('system', {
    ...store.catalog.draft('system'),
    name,
    profile: 'debian-13',
    interfaces: { eth0: emptyInterface() },
  })
const uidOf = (system: System | undefined) => system?.uid ?? ''
const say = (system: System | undefined, message: string) =>
  log.append(uidOf(system), { severity: 6, app: 'test', message })
const messages = async (system: System | undefined, page: { after?: number; limit?: number } = {}) =>
  (await log.of(uidOf(system), { limit: 1000, ...page })).map(({ message }) => message)
const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`)

describe('lines', () => {
  test('are kept in their order, each with its machine, and what is secret in them is not', async () => {
    say(one, 'first')
    say(two, 'of another')
    store.clock.advance(5)
    say(one, 'the password is hunter2')
    expect(await log.of(uidOf(one), { limit: 10 })).toEqual([
      { id: 1, at: store.clock.now() - 5, severity: 6, app: 'test', message: 'first' },
      { id: 3, at: store.clock.now(), severity: 6, app: 'test', message: 'the password is ********' },
    ])
  })

  test('are read from the end, or on from any', async () => {
    for (const line of numbered(1, 50)) say(one, line)
    expect(await messages(one, { limit: 3 })).toEqual(numbered(48, 50))
    expect(await messages(one, { after: 10, limit: 3 })).toEqual(numbered(11, 13))
    expect(await messages(one, { after: 50 })).toEqual([])
    expect(await messages(one, { limit: 0 })).toEqual([])
  })

  test('are bounded, machine by machine', async () => {
    say(two, 'not forgotten for the other')
    for (const line of numbered(1, 90)) say(one, line)
    await log.flushed()
    for (const line of numbered(91, 260)) say(one, line)
    expect(await messages(one)).toEqual(numbered(161, 260))
    expect(await messages(two)).toEqual(['not forgotten for the other'])
  })

  test('are bounded after a restart too, and numbers go on', async () => {
    for (const line of numbered(1, 100)) say(one, line)
    await log.flushed()
    log = await open()
    for (const line of numbered(101, 110)) say(one, line)
    expect(await messages(one)).toEqual(numbered(11, 110))
    expect((await log.of(uidOf(one), { limit: 1 }))[0]?.id).toBe(110)
  })

  test('of a flood are all written, in many transactions', async () => {
    for (const line of numbered(1, 7000)) say(one, line)
    expect(await messages(one)).toEqual(numbered(6901, 7000))
  })

  test('of a system that is gone are dropped, and those of others are not', async () => {
    say(one, 'before')
    say(two, 'before')
    await log.flushed()
    await store.catalog.remove('system', 'node1', { recursive: false })
    say(one, 'after')
    say(two, 'after')
    log.append('nobody', { severity: 6, app: '', message: 'x' })
    expect(await messages(one)).toEqual([])
    expect(await messages(two)).toEqual(['before', 'after'])
  })

  test('reach those who follow the machine, once they are written', async () => {
    const heard: LogLine[] = []
    const stop = log.follow(uidOf(one), (line) => void heard.push(line))
    say(one, 'a')
    say(two, 'b')
    expect(heard).toEqual([])
    await log.flushed()
    expect(heard).toEqual(await log.of(uidOf(one), { limit: 10 }))
    stop()
    say(one, 'c')
    await log.flushed()
    expect(heard).toHaveLength(1)
  })

  test('are written without anybody asking', async () => {
    const written = new Promise<LogLine>((heard) => log.follow(uidOf(one), heard))
    say(one, 'a')
    expect(await written).toMatchObject({ message: 'a' })
  })

  test('that cannot be written do not keep the next from being written', async () => {
    await store.db.schema.alterTable('install_log').renameTo('elsewhere').execute()
    say(one, 'lost')
    await log.flushed()
    await store.db.schema.alterTable('elsewhere').renameTo('install_log').execute()
    say(one, 'kept')
    expect(await messages(one)).toEqual(['kept'])
  })
})

test('a boot is marked where it begins and ends, once, in the log of its machine', async () => {
  const journal = await openJournal({ db: store.db, clock: store.clock, log: silentLog })
  const stop = markBoots(journal, (name) => store.catalog.get('system', name)?.uid, log.append)
  const step = (system: string | undefined, step: 'config' | 'kernel' | 'installed' | 'first-boot', because: string) =>
    journal.record('boot.step', { mac: undefined, system, step, because })
  step('node1', 'config', 'node1 was told to install x (grub, by tftp)')
  step('node1', 'config', 'node1 was told to install x (grub, by tftp)')
  step('node1', 'kernel', 'kernel linux fetched')
  step(undefined, 'config', 'an unknown machine was told to enlist')
  step('nobody', 'config', 'nobody was told')
  say(one, 'a line of its own')
  step('node1', 'installed', 'netboot was turned off')
  step('node1', 'first-boot', 'node1 was sent to its disk')
  store.clock.advance(60_000)
  step('node1', 'config', 'node1 was told to install x (grub, by tftp)')
  store.clock.advance(60_000)
  step('node1', 'config', 'node1 was told to install x (grub, by tftp)')
  stop()
  step('node1', 'config', 'unheard')
  expect(await messages(one)).toEqual([
    '----- a new boot: node1 was told to install x (grub, by tftp)',
    'a line of its own',
    'installed: netboot was turned off',
    '----- a new boot: node1 was sent to its disk',
    '----- a new boot: node1 was told to install x (grub, by tftp)',
    '----- a new boot: node1 was told to install x (grub, by tftp)',
  ])
  expect(await messages(two)).toEqual([])
  await journal.flushed()
})
