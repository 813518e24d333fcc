/** Who changed what, from where: added to and read, never changed. Names of fields are kept, never what was in them. */
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { type AuditEntry, type AuditFilter, findAudit, insertAudit } from '../store/audit.ts'
import type { Db } from '../store/db.ts'

export type { AuditEntry, AuditFilter }

/** `denied`: he was not allowed to; `failed`: he was, and it went wrong. */
export const OUTCOMES = ['ok', 'denied', 'failed'] as const

export interface Deed {
  readonly user: string
  readonly peer: string
  readonly door: 'api' | 'xmlrpc' | 'webdav' | 'login'
  /** What was done and to what: `PATCH /api/systems/node1`. */
  readonly action: string
  readonly fields?: readonly string[]
  /** Names of the systems that it was done to; kept with their traces, and not here. */
  readonly systems?: readonly string[]
  readonly outcome: (typeof OUTCOMES)[number]
}

export interface Audit {
  /** Answers when it is in the store. Never throws: the log is told. */
  record(deed: Deed): Promise<void>
  /** For doors where many small changes make one: those of a moment are written together, and nobody waits. */
  note(deed: Deed): void
  /** The newest first. */
  find(filter: AuditFilter, before: number, limit: number): Promise<AuditEntry[]>
  flushed(): Promise<void>
}

/** Milliseconds for which a note may wait for others. */
const MOMENT = 50
const LONGEST = 300
const MOST_FIELDS = 50

export interface AuditOptions {
  readonly db: Db
  readonly clock: Clock
  readonly log: Log
  /** Told of each deed at once; must not wait. */
  readonly heard?: (deed: Deed) => void
}

export function createAudit({ db, clock, log, heard }: AuditOptions): Audit {
  let waiting: Omit<AuditEntry, 'id'>[] = []
  let writing: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  async function write(): Promise<void> {
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    try {
      await db.transaction().execute((tx) => insertAudit(tx, batch))
    } catch (error) {
      log.error({ err: error, deeds: batch.length }, 'what was done could not be written to the audit')
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(write)
    return writing
  }

  function add(done: Deed): void {
    heard?.(done)
    const { fields = [], systems: _, ...deed } = done
    const [user, action] = [deed.user.slice(0, LONGEST), deed.action.slice(0, LONGEST)]
    // Names are kept with blanks between them.
    const named = fields.slice(0, MOST_FIELDS).map((field) => field.replace(/\s/g, '_').slice(0, LONGEST))
    waiting.push({ ...deed, user, action, fields: named, at: clock.now() })
  }

  return {
    record(deed) {
      add(deed)
      return flush()
    },
    note(deed) {
      add(deed)
      timer ??= setTimeout(flush, MOMENT)
    },
    async find(filter, before, limit) {
      await flush()
      return await findAudit(db, filter, before, limit)
    },
    flushed: flush,
  }
}
