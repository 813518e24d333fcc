/** Jobs in the database, with what they said: rows in, values out; the newest so many of each kind. */
import { JOB_KINDS, type Job, type JobKind, type JobLine, type JobState } from '../model/job.ts'
import type { Db, Tx } from './db.ts'

/** A job with all that it said. */
export interface KeptJob {
  readonly job: Job
  readonly lines: readonly JobLine[]
}

/** The place of a job in a list that has the newest first. */
export type JobPlace = Pick<Job, 'started' | 'id'>

/** People order machines by thousands; what else they did must not go with that. */
const KEPT: Record<JobKind, number> = { power: 5_000, import: 500, bulk: 500, probe: 100 }

/** Those that are there already are replaced. */
export async function saveJobs(tx: Tx, jobs: readonly KeptJob[]): Promise<void> {
  for (const { job, lines } of jobs) {
    const { results = null, ...body } = job
    const { id, kind, state, started, ended } = job
    const texts = { body: JSON.stringify(body), results: JSON.stringify(results), lines: JSON.stringify(lines) }
    await tx
      .insertInto('job')
      .values({ id, kind, state, started, ended, ...texts })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ state, ended, ...texts }))
      .execute()
  }
}

/** Those that have ended, the newest first, without what came of each machine. @param before undefined: from the newest on */
export async function endedJobs(
  db: Db,
  { state, before, limit }: { state: JobState | undefined; before: JobPlace | undefined; limit: number },
): Promise<Job[]> {
  let query = db.selectFrom('job').select('body').where('ended', 'is not', null)
  if (state !== undefined) query = query.where('state', '=', state)
  if (before !== undefined) {
    const { started, id } = before
    query = query.where((build) =>
      build.or([build('started', '<', started), build.and([build('started', '=', started), build('id', '<', id)])]),
    )
  }
  const rows = await query.orderBy('started', 'desc').orderBy('id', 'desc').limit(limit).execute()
  return rows.map(({ body }) => JSON.parse(body) as Job)
}

export async function findJob(db: Db, id: string): Promise<KeptJob | undefined> {
  const row = await db.selectFrom('job').select(['body', 'results', 'lines']).where('id', '=', id).executeTakeFirst()
  return row && keptOf(row)
}

/** Those that were under way when they were written last. */
export async function unendedJobs(db: Db): Promise<KeptJob[]> {
  const rows = await db.selectFrom('job').select(['body', 'results', 'lines']).where('ended', 'is', null).execute()
  return rows.map(keptOf)
}

export async function forgetOldJobs(tx: Tx): Promise<void> {
  for (const kind of JOB_KINDS) {
    await tx
      .deleteFrom('job')
      .where('id', 'in', (build) =>
        build
          .selectFrom('job')
          .select('id')
          .where('kind', '=', kind)
          .orderBy('started', 'desc')
          .orderBy('id', 'desc')
          .limit(1_000_000)
          .offset(KEPT[kind]),
      )
      .execute()
  }
}

function keptOf({ body, results, lines }: { body: string; results: string; lines: string }): KeptJob {
  const of = JSON.parse(results) as Job['results'] | null
  return { job: { ...(JSON.parse(body) as Job), ...(of && { results: of }) }, lines: JSON.parse(lines) as JobLine[] }
}
