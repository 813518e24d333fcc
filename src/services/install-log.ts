/**
 * The installer's log, machine by machine: kept within bounds, read in pages, followed live.
 *
 * Nobody waits for a line to be written: those of a moment go to disk in one transaction, so that a hundred machines that
 * install at once cost a few commits a second. Who follows hears of a line when it is written.
 */
import type { Clock } from '../lib/clock.ts'
import { eventBus } from '../lib/events.ts'
import type { Log } from '../lib/log.ts'
import type { BootEvent } from '../model/event.ts'
import type { LogLine } from '../model/log-line.ts'
import type { Db } from '../store/db.ts'
import {
  countLogLines,
  existingUids,
  forgetLogLines,
  insertLogLines,
  type KeptLine,
  lastLogId,
  logLines,
} from '../store/install-log.ts'
import type { Journal } from './journal.ts'
import type { MaskSecrets } from './log-secrets.ts'

export type NewLine = Omit<LogLine, 'id' | 'at'>

export interface LogPage {
  /** Lines with a greater id, the oldest first; undefined: the last ones. */
  readonly after?: number | undefined
  readonly limit: number
}

export interface InstallLog {
  /** @param uid of the system; a line of one that is gone is dropped */
  append(uid: string, line: NewLine): void
  of(uid: string, page: LogPage): Promise<LogLine[]>
  /** Every line of one machine from now on. Answers how to stop. */
  follow(uid: string, listener: (line: LogLine) => void): () => void
  /** Resolves when all that was appended is in the store. */
  flushed(): Promise<void>
}

export interface InstallLogOptions {
  readonly db: Db
  readonly clock: Clock
  readonly log: Log
  /** Of each machine. */
  readonly keepLines: number
  readonly mask: MaskSecrets
  /** Told of each line at once, its secrets hidden; must not wait. */
  readonly heard?: ((uid: string, line: NewLine) => void) | undefined
}

/** Milliseconds for which a line may wait for others to be written with it. */
const MOMENT = 250
/** So many go into one transaction, which nothing else can run beside. */
const MOST_AT_ONCE = 2000
/** More are not held in memory, should the disk not keep up. */
const MOST_WAITING = 100_000

export async function openInstallLog({
  db,
  clock,
  log,
  keepLines,
  mask,
  heard,
}: InstallLogOptions): Promise<InstallLog> {
  const bus = eventBus<{ written: KeptLine }>((error) => log.error({ err: error }, 'a follower of a log failed'))
  /** How many lines the store has of a machine; only of those that were heard since the start. */
  const counts = new Map<string, number>()
  let lastId = await lastLogId(db)
  let waiting: KeptLine[] = []
  let writing: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(writeAll)
    return writing
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MOST_AT_ONCE)
      waiting = waiting.slice(MOST_AT_ONCE)
      try {
        for (const line of await write(batch)) bus.emit('written', line)
      } catch (error) {
        counts.clear()
        log.error({ err: error, lines: batch.length }, 'lines of installers could not be written')
      }
      // Whoever waits for an address comes first.
      await new Promise((next) => setImmediate(next))
    }
  }

  /** Answers what was written: a system may have been removed in between. */
  async function write(batch: readonly KeptLine[]): Promise<KeptLine[]> {
    return await db.transaction().execute(async (tx) => {
      const uids = await existingUids(tx, [...new Set(batch.map(({ uid }) => uid))])
      const kept = batch.filter(({ uid }) => uids.has(uid))
      for (const { uid } of batch) if (!uids.has(uid)) counts.delete(uid)
      for (const uid of uids) if (!counts.has(uid)) counts.set(uid, await countLogLines(tx, uid))
      await insertLogLines(tx, kept)
      for (const { uid } of kept) counts.set(uid, (counts.get(uid) ?? 0) + 1)
      for (const uid of uids) {
        const tooMany = (counts.get(uid) ?? 0) - keepLines
        if (tooMany <= 0) continue
        await forgetLogLines(tx, uid, tooMany)
        counts.set(uid, keepLines)
      }
      return kept
    })
  }

  return {
    append(uid, { severity, app, message }) {
      if (waiting.length >= MOST_WAITING) return
      const line = { severity, app, message: mask(uid, message) }
      waiting.push({ id: ++lastId, uid, at: clock.now(), ...line })
      heard?.(uid, line)
      timer ??= setTimeout(flush, MOMENT)
    },
    async of(uid, { after, limit }) {
      await flush()
      return await logLines(db, uid, after, limit)
    },
    follow: (uid, listener) =>
      bus.on('written', ({ uid: whose, ...line }) => {
        if (whose === uid) listener(line)
      }),
    flushed: flush,
  }
}

/** Where a boot begins and how it ends, written into the machine's log as the journal hears of it. Answers how to stop. */
export function markBoots(
  journal: Pick<Journal, 'watch'>,
  uidOf: (system: string) => string | undefined,
  append: InstallLog['append'],
): () => void {
  /** The last mark of each machine: a loader that reads its config twice boots once. */
  const marked = new Map<string, { readonly message: string; readonly at: number }>()
  return journal.watch(({ name, payload, at }) => {
    if (name !== 'boot.step') return
    const { system, step, because } = payload as BootEvent
    const mark = MARKS[step]
    const uid = system === undefined || mark === undefined ? undefined : uidOf(system)
    if (uid === undefined || mark === undefined) return
    const message = `${mark.words}: ${because}`
    const before = marked.get(uid)
    marked.set(uid, { message, at })
    if (before?.message === message && at - before.at < SAME_BOOT) return
    append(uid, { severity: mark.severity, app: 'orchestra', message })
  })
}

const SAME_BOOT = 10_000

const MARKS: Partial<Record<BootEvent['step'], { readonly words: string; readonly severity: number }>> = {
  config: { words: '----- a new boot', severity: 5 },
  'first-boot': { words: '----- a new boot', severity: 5 },
  installed: { words: 'installed', severity: 5 },
  failed: { words: 'failed', severity: 3 },
}
