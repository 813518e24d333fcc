/**
 * Jobs: every long task in one place, with what it says while it goes on. Work that is done here runs by itself; power tasks
 * are shown as power.ts has them, and only written down. What has ended is in the store, within bounds; what was under way
 * when the daemon ended says so after the next start.
 */
import type { Clock } from '../lib/clock.ts'
import { eventBus } from '../lib/events.ts'
import type { Log } from '../lib/log.ts'
import { OrchestraError } from '../model/errors.ts'
import { abandoned, hasEnded, type Job, type JobLine, type JobState, jobOfTask } from '../model/job.ts'
import type { PowerTask } from '../model/power.ts'
import type { Db } from '../store/db.ts'
import { endedJobs, findJob, type JobPlace, unendedJobs } from '../store/jobs.ts'
import { openJobNotes } from './job-notes.ts'
import { createJobRun, type JobRun, type NewJob } from './job-run.ts'
import type { Journal } from './journal.ts'
import type { Power } from './power.ts'

export interface JobPage {
  readonly state?: JobState | undefined
  /** Older ones than this; undefined: from the newest on. */
  readonly before?: JobPlace | undefined
  readonly limit: number
}

/** What a follower hears: a line, or the job as it has ended. */
export type JobNews = { readonly line: JobLine } | { readonly end: Job }

export interface Jobs {
  /** Begins at once, and answers before anything of it has happened. */
  start(wanted: NewJob): { readonly job: Job; readonly ended: Promise<Job> }
  /** The newest first, without what came of each machine. */
  list(page: JobPage): Promise<Job[]>
  get(id: string): Promise<Job | undefined>
  /** What does not happen any more, and what is not followed any further, is said by the job. @throws OrchestraError */
  cancel(id: string, by: string): Promise<Job>
  /** With a greater number than `after`. */
  lines(id: string, after: number): Promise<readonly JobLine[]>
  /** Answers how to stop. */
  follow(id: string, listener: (news: JobNews) => void): () => void
  /** A power task is new, or stands otherwise. */
  noteTask(task: PowerTask): void
  /** All that is known is in the store. */
  flushed(): Promise<void>
  /** Ends what runs; power tasks end with power. */
  stop(): Promise<void>
}

export interface JobsOptions {
  readonly db: Db
  readonly clock: Clock
  readonly log: Pick<Log, 'error'>
  readonly record: Journal['record']
  readonly newId: () => string
  readonly power: Pick<Power, 'task' | 'underWay' | 'cancel' | 'finished'>
}

export async function openJobs({ db, clock, log, record, newId, power }: JobsOptions): Promise<Jobs> {
  const bus = eventBus<{ news: { readonly id: string; readonly news: JobNews } }>((error) =>
    log.error({ err: error }, 'a follower of a job failed'),
  )
  /** Those that run here, and those that ended and are not in the store yet. */
  const runs = new Map<string, JobRun>()
  /** What power tasks that are no part of another job have said. */
  const said = new Map<string, JobLine[]>()
  const notes = openJobNotes({
    ...{ db, log, record },
    written: (ids) => {
      for (const id of ids) {
        const run = runs.get(id)
        if (run && hasEnded(run.brief())) runs.delete(id)
      }
    },
  })
  for (const { job, lines } of await unendedJobs(db)) {
    notes.keep(job.id, () => ({ job: abandoned(job, clock.now()), lines }), 'now')
  }
  await notes.flushed()

  const tell = (id: string, news: JobNews) => bus.emit('news', { id, news })

  function noteTask(task: PowerTask): void {
    const job = jobOfTask(task)
    if (task.job === undefined) {
      const lines = said.get(task.id) ?? []
      const last = lines.at(-1)
      if (last?.text !== task.because) {
        const line = { n: (last?.n ?? 0) + 1, at: clock.now(), text: task.because }
        lines.push(line)
        tell(task.id, { line })
      }
      if (hasEnded(job)) said.delete(task.id)
      else said.set(task.id, lines)
      notes.keep(job.id, () => ({ job, lines }), 'now')
      notes.announce(job, 'now')
    }
    if (hasEnded(job)) tell(task.id, { end: job })
  }

  /** Those that are not only in the store. */
  function live(): Job[] {
    const tasks = power.underWay().filter((task) => task.job === undefined)
    return [...[...runs.values()].map((run) => run.brief()), ...tasks.map(jobOfTask)]
  }

  return {
    start(wanted) {
      const id = newId()
      const run = createJobRun({
        ...{ id, wanted, clock, log },
        said: (line) => tell(id, { line }),
        changed(when) {
          notes.keep(id, run.kept, when)
          notes.announce(run.brief(), when)
          if (hasEnded(run.brief())) tell(id, { end: run.brief() })
        },
      })
      runs.set(id, run)
      return { job: run.job(), ended: run.begin() }
    },

    async list({ state, before, limit }) {
      await notes.flushed()
      const here = live()
      const known = new Set(here.map(({ id }) => id))
      const isWanted = (job: Job) =>
        (state === undefined || job.state === state) && (before === undefined || newestFirst(before, job) < 0)
      // Those that ended a moment ago may be in both.
      const stored = await endedJobs(db, { state, before, limit: limit + runs.size })
      return [...here.filter(isWanted), ...stored.filter(({ id }) => !known.has(id))]
        .sort(newestFirst)
        .slice(0, limit)
        .map(({ results: _, ...job }) => job)
    },

    async get(id) {
      const run = runs.get(id)
      if (run) return run.job()
      const task = power.task(id)
      if (task) return jobOfTask(task)
      await notes.flushed()
      return (await findJob(db, id))?.job
    },

    async cancel(id, by) {
      const run = runs.get(id)
      if (run && !hasEnded(run.brief())) return await run.abort(by)
      if (power.task(id)) {
        power.cancel(id, by)
        return jobOfTask(await power.finished(id))
      }
      const job = run?.job() ?? (await findJob(db, id))?.job
      if (!job) throw new OrchestraError('item.missing', `there is no job ${id}`)
      throw new OrchestraError('item.invalid', `${job.title} has ended: ${job.because}`)
    },

    async lines(id, after) {
      const task = power.task(id)
      const here = runs.get(id)?.lines() ?? said.get(id)
      if (!here) await notes.flushed()
      const all = here ?? (await findJob(db, id))?.lines ?? (task ? [lineOf(task)] : [])
      return all.filter(({ n }) => n > after)
    },

    follow: (id, listener) => bus.on('news', (told) => told.id === id && listener(told.news)),
    noteTask,
    flushed: notes.flushed,
    async stop() {
      await Promise.all([...runs.values()].map((run) => run.abort(undefined)))
      await notes.flushed()
    },
  }
}

/** Of a task that is part of another job, which has its lines. */
function lineOf({ because, ended, started }: PowerTask): JobLine {
  return { n: 1, at: ended ?? started, text: because }
}

function newestFirst(one: JobPlace, other: JobPlace): number {
  if (one.started !== other.started) return other.started - one.started
  return one.id < other.id ? 1 : one.id > other.id ? -1 : 0
}
