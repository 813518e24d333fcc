/**
 * What each machine's installer was really sent the last time that it asked: to hold against what it would be sent now.
 * Written behind, the last of each system alone; nobody waits for it.
 */
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { System } from '../model/system.ts'
import type { Db } from '../store/db.ts'
import { findSentPreseed, putSentPreseeds, type SentPreseed } from '../store/sent-preseeds.ts'

export interface SentPreseeds {
  /** @param masked the same text for those who may not see passwords */
  keep(system: System, text: string, masked: string): void
  /** Undefined: nobody has asked yet. */
  last(uid: string): Promise<SentPreseed | undefined>
  settled(): Promise<void>
}

export interface SentPreseedsOptions {
  readonly db: Db
  readonly clock: Clock
  /** The boot that the machine is in. */
  readonly bootOf: (system: System) => Promise<number | undefined>
  readonly log: Pick<Log, 'error'>
}

interface Waiting {
  readonly system: System
  readonly sent: Omit<SentPreseed, 'boot'>
}

export function openSentPreseeds({ db, clock, bootOf, log }: SentPreseedsOptions): SentPreseeds {
  /** By uid: of a machine that asks twice before the disk has come round, the later. */
  const waiting = new Map<string, Waiting>()
  let writing: Promise<void> | undefined

  async function write(): Promise<void> {
    while (waiting.size > 0) {
      const batch = [...waiting.values()]
      try {
        const rows = await Promise.all(
          batch.map(async ({ system, sent }) => ({ ...sent, boot: (await bootOf(system)) ?? null })),
        )
        await db.transaction().execute((tx) => putSentPreseeds(tx, rows))
      } catch (error) {
        log.error({ err: error }, 'what installers were sent could not be written')
      }
      for (const one of batch) if (waiting.get(one.sent.uid) === one) waiting.delete(one.sent.uid)
    }
    writing = undefined
  }

  return {
    keep(system, text, masked) {
      const { uid } = system
      waiting.set(uid, { system, sent: { uid, at: clock.now(), text, masked } })
      writing ??= write()
    },
    async last(uid) {
      await writing
      return await findSentPreseed(db, uid)
    },
    settled: async () => await writing,
  }
}
