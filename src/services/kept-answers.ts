/** Answers by the key that came with a request: the same request with the same key gets the same answer for a day. */
import type { Clock } from '../lib/clock.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Db, Tx } from '../store/db.ts'
import { findAnswer, keyOfUser, putAnswer } from '../store/idempotency.ts'

/** Who asks, and the key by which the same request is known again. */
export interface Asker {
  readonly user: string
  readonly key?: string | undefined
}

export interface KeptAnswers {
  /** Undefined when there is none, or no key. @throws OrchestraError request.reused */
  find<Answer>(asker: Asker, asked: string): Promise<Answer | undefined>
  /** To be written in the transaction of what it tells of; writes nothing without a key. */
  put(tx: Tx, asker: Asker, asked: string, answer: object): Promise<void>
  /** Undefined without a key. */
  idOf(asker: Asker): string | undefined
}

export function keptAnswers(db: Db, clock: Clock): KeptAnswers {
  const idOf = ({ user, key }: Asker) => (key === undefined ? undefined : keyOfUser(user, key))
  return {
    idOf,

    async find<Answer>(asker: Asker, asked: string) {
      const id = idOf(asker)
      const kept = id === undefined ? undefined : await findAnswer(db, id, clock.now())
      if (!kept) return undefined
      if (kept.request === asked) return JSON.parse(kept.answer) as Answer
      throw new OrchestraError(
        'request.reused',
        `the key "${asker.key}" was used for another request within the last day; use another key`,
      )
    },

    async put(tx, asker, asked, answer) {
      const key = idOf(asker)
      if (key !== undefined)
        await putAnswer(tx, { key, request: asked, answer: JSON.stringify(answer), at: clock.now() })
    },
  }
}
