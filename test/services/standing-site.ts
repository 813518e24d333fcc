/** A site for the tests of standings: a real journal, catalog and database in a folder, and a clock that is told. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { newUid } from '../../src/lib/secret.ts'
import type { BootStep, RecordedEvent } from '../../src/model/event.ts'
import type { System } from '../../src/model/system.ts'
import { openCatalog } from '../../src/services/catalog.ts'
import { openJournal } from '../../src/services/journal.ts'
import { openStandings } from '../../src/services/standing.ts'
import { openDb } from '../../src/store/db.ts'
import { LIMITS, MINUTE } from '../model/lives.ts'
import { addProfile, fixedClock, silentLog, testVault } from '../support/store.ts'

const PAIRS = [
  { available: 'foo-available', acquired: 'foo-acquired' },
  { available: 'bar-available', acquired: 'bar-acquired' },
]

let folder: string
/** Of the site of the running test. */
export let clock: ReturnType<typeof fixedClock>
let closes: (() => Promise<unknown>)[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orchestra-standing-'))
  clock = fixedClock()
  closes = []
})
afterEach(async () => {
  for (const close of closes.toReversed()) await close()
  rmSync(folder, { recursive: true, force: true })
})

/** A site over the database of that name; `kill` gives a copy of what is on disk at this moment, as a kill would leave it. */
export async function openSite(file = 'first.db') {
  const db = await openDb(join(folder, file))
  const journal = await openJournal({ db, clock, log: silentLog })
  const catalog = await openCatalog({ vault: testVault, db, clock, newUid, record: journal.record })
  const beats = new Set<() => void>()
  const errors: unknown[] = []
  const standings = await openStandings({
    ...{ db, journal, catalog, clock, limits: LIMITS, pairs: PAIRS },
    log: { ...silentLog, warn: () => {}, error: (...line: unknown[]) => void errors.push(line) },
    every: (_milliseconds, beat) => {
      beats.add(beat)
      return () => void beats.delete(beat)
    },
  })
  let isOpen = true
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    await standings.stop()
    await journal.flushed()
    await db.destroy()
  }
  closes.push(close)

  const system = (name = 'node1'): System => {
    const found = catalog.get('system', name)
    if (!found) throw new Error(`no ${name}`)
    return found
  }
  return {
    ...{ db, journal, catalog, standings, errors, close, system },
    stage: (name?: string) => standings.of(system(name)).stage,
    of: (name?: string) => standings.of(system(name)),
    step(step: BootStep, because = `${step} was seen`, name = 'node1') {
      clock.advance(1000)
      journal.record('boot.step', { mac: undefined, system: name, step, because })
    },
    save: async (change: Partial<System>, name = 'node1') => {
      clock.advance(1000)
      await catalog.save('system', { ...system(name), ...change })
    },
    pass(minutes: number) {
      clock.advance(minutes * MINUTE)
      for (const beat of beats) beat()
    },
    /** What standings have told, in order. */
    async told() {
      await Promise.resolve()
      await standings.settled()
      const events = await journal.since(0, 10_000)
      return events.filter(({ name }) => /^machine\.(overdue|broken|repaired)$/.test(name)) as RecordedEvent<
        'machine.overdue' | 'machine.broken' | 'machine.repaired'
      >[]
    },
    kill(copy: string) {
      for (const ending of ['', '-wal']) {
        const from = join(folder, file + ending)
        if (existsSync(from)) copyFileSync(from, join(folder, copy + ending))
      }
    },
    beats,
  }
}
type Site = Awaited<ReturnType<typeof openSite>>

export async function siteWith(change: Partial<System> = { mgmtClasses: ['foo-available'] }): Promise<Site> {
  const site = await openSite()
  await addProfile(site.catalog)
  await site.catalog.save('system', { ...site.catalog.draft('system'), name: 'node1', profile: 'debian-13', ...change })
  return site
}

export const FREE = { mgmtClasses: ['foo-available', 'ssd'], netbootEnabled: true }
export const TAKEN = { mgmtClasses: ['foo-acquired', 'ssd'] }
