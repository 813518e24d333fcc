/** What is written down of jobs and told of them: written behind, and not more often than anybody reads it. */
import type { Log } from '../lib/log.ts'
import { hasEnded, type Job } from '../model/job.ts'
import type { Db } from '../store/db.ts'
import { forgetOldJobs, type KeptJob, saveJobs } from '../store/jobs.ts'
import type { When } from './job-run.ts'
import type { Journal } from './journal.ts'

export interface JobNotes {
  /** @param kept as it stands when it is written */
  keep(id: string, kept: () => KeptJob, when: When): void
  /** An event of the journal. */
  announce(job: Job, when: When): void
  flushed(): Promise<void>
}

interface Needs {
  readonly db: Db
  readonly log: Pick<Log, 'error'>
  readonly record: Journal['record']
  readonly written: (ids: readonly string[]) => void
}

/** Milliseconds: a change of state waits for others of its moment; what goes on is written now and then. */
const [MOMENT, WHILE] = [100, 2_000]
/** Between two events of a job that only goes on. */
const REST = 400
/** So many go into one transaction, which nothing else can run beside. */
const MOST_AT_ONCE = 100
/** Jobs that are written between two looks for those that are too old. */
const LOOK = 200

export function openJobNotes({ db, log, record, written }: Needs): JobNotes {
  const dirty = new Map<string, () => KeptJob>()
  /** What is still to be told of jobs that were told of a moment ago. */
  const resting = new Map<string, Job | undefined>()
  let timer: NodeJS.Timeout | undefined
  let due = Number.POSITIVE_INFINITY
  let writing: Promise<void> = Promise.resolve()
  let sinceLook = LOOK

  function soon(delay: number): void {
    const at = performance.now() + delay
    if (at >= due) return
    clearTimeout(timer)
    due = at
    timer = setTimeout(flushed, delay)
  }

  function flushed(): Promise<void> {
    clearTimeout(timer)
    due = Number.POSITIVE_INFINITY
    writing = writing.then(writeAll)
    return writing
  }

  async function writeAll(): Promise<void> {
    while (dirty.size > 0) {
      const batch = [...dirty].slice(0, MOST_AT_ONCE)
      for (const [id] of batch) dirty.delete(id)
      sinceLook += batch.length
      try {
        await db.transaction().execute(async (tx) => {
          await saveJobs(
            tx,
            batch.map(([, kept]) => kept()),
          )
          if (sinceLook > LOOK) await forgetOldJobs(tx)
        })
        if (sinceLook > LOOK) sinceLook = 0
        // What changed meanwhile is written once more.
        written(batch.map(([id]) => id).filter((id) => !dirty.has(id)))
      } catch (error) {
        log.error({ err: error, jobs: batch.length }, 'jobs could not be written; they are known until the next start')
      }
      // Whoever waits for an answer comes first.
      await new Promise((next) => setImmediate(next))
    }
  }

  function tell({ id, kind, state, progress }: Job): void {
    record('job.changed', { id, kind, state, progress })
    if (hasEnded({ state })) return
    resting.set(id, undefined)
    setTimeout(() => {
      const next = resting.get(id)
      resting.delete(id)
      if (next) tell(next)
    }, REST).unref()
  }

  return {
    keep(id, kept, when) {
      dirty.set(id, kept)
      soon(when === 'now' ? MOMENT : WHILE)
    },
    announce(job, when) {
      if (when === 'soon' && resting.has(job.id)) return void resting.set(job.id, job)
      if (hasEnded(job)) resting.delete(job.id)
      tell(job)
    },
    flushed,
  }
}
