/** A real database in memory with the real services over it: what tests of the upper layers build on. */

import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import type { Clock } from '../../src/lib/clock.ts'
import { newUid } from '../../src/lib/secret.ts'
import { vaultOf } from '../../src/lib/vault.ts'
import type { EventMap, EventName } from '../../src/model/event.ts'
import { type Catalog, openCatalog } from '../../src/services/catalog.ts'
import { type Db, openDb } from '../../src/store/db.ts'

/** A key of this process. */
export const testVault = vaultOf(randomBytes(32))

export const silentLog = pino({ level: 'silent' })

/** A clock that stands still until it is told to go on. */
export function fixedClock(start = 1_700_000_000_000): Clock & { advance(ms: number): void } {
  let now = start
  return {
    now: () => now,
    advance(ms) {
      now += ms
    },
  }
}

export interface TestStore {
  readonly db: Db
  readonly clock: ReturnType<typeof fixedClock>
  readonly catalog: Catalog
  /** What was recorded, in order. */
  readonly events: { name: EventName; payload: EventMap[EventName] }[]
  close(): Promise<void>
}

export async function testStore(path = ':memory:'): Promise<TestStore> {
  const db = await openDb(path)
  const clock = fixedClock()
  const events: TestStore['events'] = []
  const catalog = await openCatalog({
    vault: testVault,
    db,
    clock,
    newUid,
    record: (name, payload) => void events.push({ name, payload }),
  })
  return { db, clock, catalog, events, close: () => db.destroy() }
}

/** A distro and a profile of the same name, saved; the kernel's path is a plausible one that need not exist. */
export async function addProfile(catalog: Catalog, name = 'debian-13'): Promise<void> {
  await catalog.save('distro', {
    ...catalog.draft('distro'),
    name,
    kernel: `/srv/${name}/linux`,
    initrd: `/srv/${name}/initrd.gz`,
  })
  await catalog.save('profile', { ...catalog.draft('profile'), name, distro: name })
}
