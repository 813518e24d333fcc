import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BootStep } from '../../src/model/event.ts'
import type { System } from '../../src/model/system.ts'
import { type BootTokens, openBootTokens } from '../../src/services/boot-tokens.ts'
import { type Catalog, openCatalog } from '../../src/services/catalog.ts'
import { type Journal, openJournal } from '../../src/services/journal.ts'
import { type Db, openDb } from '../../src/store/db.ts'
import { aSystem } from '../boot/blends.ts'
import { addProfile, fixedClock, silentLog, testVault } from '../support/store.ts'

const UID = 'a'.repeat(32)
const HOUR = 3_600_000

let db: Db
let clock: ReturnType<typeof fixedClock>
let journal: Journal
let catalog: Catalog
let tokens: BootTokens

beforeEach(async () => {
  db = await openDb(':memory:')
  clock = fixedClock()
  journal = await openJournal({ db, clock, log: silentLog })
  catalog = await openCatalog({
    vault: testVault,
    db,
    clock,
    newUid: () => crypto.randomUUID().replaceAll('-', ''),
    record: journal.record,
  })
  await addProfile(catalog, 'debian-12-x86_64')
  await catalog.save('system', { ...aSystem(), revision: 0 })
  tokens = await open()
})

afterEach(async () => {
  await journal.flushed()
  await db.destroy()
})

const open = () =>
  openBootTokens({
    ...{ db, clock, journal, log: silentLog },
    system: (name) => catalog.get('system', name),
    systemByUid: (uid) => catalog.byUid('system', uid),
  })
const boot = (purpose = 'p') => tokens.give(UID, purpose, 'boot')
const install = (purpose = 'p') => tokens.give(UID, purpose, 'install')
const step = (at: BootStep) => journal.record('boot.step', { mac: undefined, system: 'node1', step: at, because: '' })
const change = async (fields: Partial<System>) => {
  const system = catalog.get('system', 'node1')
  if (system) await catalog.save('system', { ...system, ...fields })
}
const isGood = (token: string) => tokens.find(token) !== undefined

test('a token is 256 bits of chance, and kept as a hash only', async () => {
  const token = await boot()
  expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  const rows = await db.selectFrom('metadata_token').selectAll().execute()
  expect(rows).toHaveLength(1)
  expect(JSON.stringify(rows)).not.toContain(token)
  expect(tokens.find(token)).toEqual({ uid: UID, purpose: 'p' })
})

test('a machine that asks many times at once has one token', async () => {
  const given = await Promise.all(Array.from({ length: 50 }, (_, at) => (at % 3 === 0 ? install() : boot())))
  expect(new Set(given).size).toBe(1)
})

describe('the same boot goes on', () => {
  test('while nothing but its boot config was asked for', async () => {
    const token = await boot()
    clock.advance(14 * 60_000)
    expect(await boot()).toBe(token)
  })

  test('when its installer asks, however late', async () => {
    const token = await boot()
    step('kernel')
    clock.advance(5 * HOUR)
    expect(await install()).toBe(token)
    step('preseed')
    expect(await install()).toBe(token)
  })
})

describe('another boot begins, and the token before is worth nothing', () => {
  test.each<BootStep>(['kernel', 'preseed', 'installing', 'installed'])('after %s', async (at) => {
    const token = await boot()
    step(at)
    expect(isGood(token)).toBe(true)
    const next = await boot()
    expect(next).not.toBe(token)
    expect([isGood(token), isGood(next)]).toEqual([false, true])
  })

  test('once it has read', async () => {
    const token = await boot()
    tokens.underWay(UID)
    expect(await boot()).not.toBe(token)
  })

  test('after a quarter of an hour', async () => {
    const token = await boot()
    clock.advance(15 * 60_000)
    expect(await boot()).not.toBe(token)
    expect(isGood(token)).toBe(false)
  })

  test('that is to make something else of it', async () => {
    const token = await boot()
    expect(await boot('q')).not.toBe(token)
    expect(isGood(token)).toBe(false)
  })
})

describe('a token ends', () => {
  test('when the installed system has called back', async () => {
    const token = await boot()
    await change({ netbootEnabled: false })
    expect(isGood(token)).toBe(true)
    step('ready')
    expect(isGood(token)).toBe(false)
  })

  test('when netboot is turned on again', async () => {
    const token = await boot()
    await change({ netbootEnabled: false })
    await change({ comment: 'still off' })
    expect(isGood(token)).toBe(true)
    await change({ netbootEnabled: true })
    expect(isGood(token)).toBe(false)
  })

  test.each(['machine.acquired', 'machine.released'] as const)('with %s', async (name) => {
    const token = await boot()
    journal.record(name, { system: 'node1', uid: UID, class: 'acquired', by: undefined })
    expect(isGood(token)).toBe(false)
  })

  test('with its system', async () => {
    const token = await boot()
    await catalog.remove('system', 'node1', { recursive: false })
    expect(isGood(token)).toBe(false)
  })

  test('after a day, whatever happens', async () => {
    const token = await boot()
    clock.advance(24 * HOUR - 1)
    expect(isGood(token)).toBe(true)
    clock.advance(1)
    expect(isGood(token)).toBe(false)
    await boot()
    await tokens.settled()
    expect(await db.selectFrom('metadata_token').selectAll().execute()).toHaveLength(1)
  })

  test('and not because of what befalls others', async () => {
    const token = await boot()
    journal.record('boot.step', { mac: undefined, system: 'node2', step: 'ready', because: '' })
    journal.record('boot.step', { mac: undefined, system: undefined, step: 'kernel', because: '' })
    expect(await boot()).toBe(token)
  })
})

describe('a daemon that starts anew', () => {
  test('knows its tokens, gives out others, and ends all of them together', async () => {
    const before = await boot()
    tokens = await open()
    expect(isGood(before)).toBe(true)
    const beside = await boot()
    expect(beside).not.toBe(before)
    expect([isGood(before), isGood(beside)]).toEqual([true, true])
    tokens.underWay(UID)
    const next = await boot()
    expect([isGood(before), isGood(beside), isGood(next)]).toEqual([false, false, true])
  })

  test('knows that a machine was under way, and that it is installed', async () => {
    const before = await boot()
    tokens.underWay(UID)
    await tokens.settled()
    tokens = await open()
    const next = await boot()
    expect(isGood(before)).toBe(false)
    await change({ netbootEnabled: false })
    await tokens.settled()
    tokens = await open()
    expect(isGood(next)).toBe(true)
    await change({ netbootEnabled: true })
    expect(isGood(next)).toBe(false)
  })

  test('knows nothing of those that have ended', async () => {
    const token = await boot()
    tokens.end(UID)
    await tokens.settled()
    tokens = await open()
    expect(isGood(token)).toBe(false)
    expect(await db.selectFrom('metadata_token').selectAll().execute()).toEqual([])
  })
})

test.each(['', 'x', 'A'.repeat(43), 'A'.repeat(44), `${'A'.repeat(42)}\n`, '../../etc'])(
  '%j is no token',
  async (word) => {
    await boot()
    expect(tokens.find(word)).toBeUndefined()
  },
)

test('a token that could not be written is still one to this daemon, and no boot waits for it', async () => {
  const nobody = await tokens.give('b'.repeat(32), 'p', 'boot')
  expect(tokens.find(nobody)).toEqual({ uid: 'b'.repeat(32), purpose: 'p' })
})
