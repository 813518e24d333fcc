/** Job: a long task as people see it, whatever does it: how far it is, what it said, and how each of its machines came out. */
import type { PowerTask } from './power.ts'

export const JOB_KINDS = ['power', 'import', 'bulk', 'probe'] as const
export type JobKind = (typeof JOB_KINDS)[number]

export const JOB_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const
export type JobState = (typeof JOB_STATES)[number]

/** How one of many machines came out, or stands. */
export interface JobResult {
  /** System name. */
  readonly system: string
  readonly outcome: JobState
  readonly because: string
}

export interface JobProgress {
  /** Machines, or bytes. */
  readonly done: number
  readonly total: number
}

export interface Job {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly kind: JobKind
  /** For people: `power on of node1`. */
  readonly title: string
  /** The user whose request it is; null: nobody's. */
  readonly by: string | null
  /** Milliseconds since 1970. */
  readonly started: number
  readonly ended: number | null
  readonly state: JobState
  /** One sentence on how it stands, or how it ended. */
  readonly because: string
  /** Null: nobody can tell. */
  readonly progress: JobProgress | null
  /** Of those that are about several machines; left out in lists. */
  readonly results?: readonly JobResult[]
}

/** What it said, in order. */
export interface JobLine {
  /** From 1, without gaps; the first ones may be forgotten. */
  readonly n: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly text: string
}

export function hasEnded({ state }: Pick<Job, 'state'>): boolean {
  return state !== 'waiting' && state !== 'running'
}

const STATES: Record<PowerTask['state'], JobState> = {
  queued: 'waiting',
  running: 'running',
  complete: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** A power task is a job of its own, unless it is part of another. */
export function jobOfTask({ id, system, action, by, state, because, started, ended }: PowerTask): Job {
  const outcome = STATES[state]
  return {
    ...{ id, kind: 'power', title: `power ${action} of ${system}`, by: by ?? null, started, ended: ended ?? null },
    ...{ state: outcome, because, progress: null, results: [{ system, outcome, because }] },
  }
}

/** Why a job that was under way when the daemon ended is over. */
export const STOPPED = 'the daemon was stopped'

/** As it is found after a start, when it was under way before. */
export function abandoned(job: Job, at: number): Job {
  const results = job.results && closed(job.results, 'failed', STOPPED)
  return { ...job, state: 'failed', because: STOPPED, ended: at, ...(results && { results }) }
}

/** What has not come to its end will not. */
export function closed(
  results: readonly JobResult[],
  outcome: 'failed' | 'cancelled',
  because: string,
): readonly JobResult[] {
  return results.map((one) => (hasEnded({ state: one.outcome }) ? one : { ...one, outcome, because }))
}
