/**
 * What each template said, when, and by whom: each save adds a version, by whatever door it came. What lay on the disk
 * before the first save, or was changed there by hand since the last, becomes a version of its own first.
 */
import type { Clock } from '../lib/clock.ts'
import { oneAtATime } from '../lib/one-at-a-time.ts'
import type { Db } from '../store/db.ts'
import { findTemplateVersions, insertTemplateVersion, type TemplateVersion } from '../store/template-versions.ts'
import type { Journal } from './journal.ts'

export type { TemplateVersion }

export interface TemplateChange {
  readonly path: string
  /** What was there; undefined: nothing. */
  readonly before: string | undefined
  /** When that was written, as the disk says; undefined: it is built in. */
  readonly beforeAt: number | undefined
  /** What is there now; undefined: nothing. */
  readonly after: string | undefined
  readonly by: string
  readonly comment: string
}

export interface TemplateHistory {
  /** A change that has been made. */
  note(change: TemplateChange): Promise<void>
  /** The newest first. */
  versions(path: string): Promise<readonly TemplateVersion[]>
}

/** Of each file. */
const KEPT = 50

export function createTemplateHistory({
  db,
  clock,
  record,
}: {
  readonly db: Db
  readonly clock: Clock
  readonly record: Journal['record']
}): TemplateHistory {
  const inTurn = oneAtATime()

  async function add({ path, before, beforeAt, after, by, comment }: TemplateChange): Promise<void> {
    const at = clock.now()
    await db.transaction().execute(async (tx) => {
      const last = (await findTemplateVersions(tx, path, 1))[0]
      let version = last?.version ?? 0
      const insert = (entry: Omit<TemplateVersion, 'version'>) =>
        insertTemplateVersion(tx, path, { ...entry, version: ++version }, KEPT)
      const seen = before ?? null
      const isUnseen = last ? last.text !== seen : before !== undefined
      if (isUnseen) {
        const comment = beforeAt === undefined ? 'built in' : last ? 'changed by hand' : 'before the first change'
        await insert({ at: beforeAt ?? at, by: null, comment: seen === null ? 'removed by hand' : comment, text: seen })
      }
      await insert({ at, by, comment, text: after ?? null })
    })
    record('template.changed', { path, by })
  }

  return {
    note: (change) => (change.before === change.after ? Promise.resolve() : inTurn(() => add(change))),
    versions: (path) => findTemplateVersions(db, path, KEPT),
  }
}
