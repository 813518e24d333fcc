/** One job that runs here: what it is told by its work, and how it ends. */
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { OrchestraError } from '../model/errors.ts'
import { closed, hasEnded, type Job, type JobKind, type JobLine, type JobResult, STOPPED } from '../model/job.ts'
import type { KeptJob } from '../store/jobs.ts'

/** What the work of a job is given. It waits until it says something. */
export interface Work {
  readonly id: string
  /** Aborted when somebody cancels it, or the daemon stops; the reason is a sentence. */
  readonly signal: AbortSignal
  /** The user; undefined: nobody has cancelled it. */
  readonly cancelledBy: string | undefined
  say(text: string): void
  progress(done: number, total: number): void
  /** How one machine came out, or stands. */
  result(one: JobResult): void
}

export interface JobEnd {
  readonly state: 'done' | 'failed' | 'cancelled'
  readonly because: string
}

export interface NewJob {
  readonly kind: JobKind
  /** For people: `import of debian-13`. */
  readonly title: string
  readonly by: string | undefined
  /** What is said until it begins. */
  readonly because: string
  /** Those that it is about, as they stand. */
  readonly results?: readonly JobResult[]
  /** What it throws is its end: a cancelled job when it was cancelled, else a failed one. */
  readonly run: (work: Work) => Promise<JobEnd>
}

/** `soon`: with others, a moment later. */
export type When = 'now' | 'soon'

export interface JobRun {
  /** Without what came of each machine. */
  brief(): Job
  job(): Job
  lines(): readonly JobLine[]
  kept(): KeptJob
  begin(): Promise<Job>
  /** Answers when it has ended. */
  /** @param by the user who cancels it; undefined: the daemon stops */
  abort(by: string | undefined): Promise<Job>
}

interface JobRunNeeds {
  readonly id: string
  readonly wanted: NewJob
  readonly clock: Clock
  readonly log: Pick<Log, 'error'>
  readonly said: (line: JobLine) => void
  readonly changed: (when: When) => void
}

const MOST_LINES = 2_000
const LONGEST = 1_000

export function createJobRun({ id, wanted, clock, log, said, changed }: JobRunNeeds): JobRun {
  const { kind, title, by = null, because } = wanted
  const stop = new AbortController()
  const results = wanted.results && new Map(wanted.results.map((one) => [one.system, one]))
  const lines: JobLine[] = []
  const { promise: ended, resolve } = Promise.withResolvers<Job>()
  let last = 0
  let now: Job = { id, kind, title, by, started: clock.now(), ended: null, state: 'waiting', because, progress: null }

  /** What waits for its turn need not wait to be cancelled. */
  const beforeItBegan = new Promise<JobEnd>((end) => {
    const endNow = () => now.state === 'waiting' && end({ state: 'cancelled', because: String(stop.signal.reason) })
    stop.signal.addEventListener('abort', endNow, { once: true })
  })

  const job = (): Job => (results ? { ...now, results: [...results.values()] } : now)

  function move(change: Partial<Job>, when: When): void {
    if (hasEnded(now)) return
    const isBegun = now.state === 'waiting'
    now = { ...now, ...(isBegun && { state: 'running' }), ...change }
    changed(isBegun ? 'now' : when)
  }

  let cancelledBy: string | undefined
  const work: Work = {
    id,
    signal: stop.signal,
    get cancelledBy() {
      return cancelledBy
    },
    say(text) {
      const line = { n: ++last, at: clock.now(), text: text.slice(0, LONGEST) }
      lines.push(line)
      if (lines.length > MOST_LINES) lines.shift()
      said(line)
      move({ because: line.text }, 'soon')
    },
    progress: (done, total) => move({ progress: { done, total } }, 'soon'),
    result(one) {
      results?.set(one.system, one)
      move({}, 'soon')
    },
  }

  async function run(): Promise<JobEnd> {
    try {
      return await wanted.run(work)
    } catch (error) {
      if (stop.signal.aborted) return { state: 'cancelled', because: String(stop.signal.reason) }
      if (error instanceof OrchestraError) return { state: 'failed', because: error.message }
      log.error({ err: error, job: title }, 'a job failed')
      return { state: 'failed', because: `something is broken in Orchestra; its log says what (${title})` }
    }
  }

  async function begin(): Promise<Job> {
    changed('now')
    const { state, because } = await Promise.race([run(), beforeItBegan])
    const isStopped = state === 'cancelled' && because === STOPPED
    const end = { state: isStopped ? 'failed' : state, because } as const
    const outcome = end.state === 'cancelled' ? 'cancelled' : 'failed'
    for (const one of closed([...(results?.values() ?? [])], outcome, because)) results?.set(one.system, one)
    if (because !== lines.at(-1)?.text) work.say(because)
    move({ ...end, ended: clock.now() }, 'now')
    resolve(job())
    return await ended
  }

  function abort(by: string | undefined): Promise<Job> {
    cancelledBy = by
    stop.abort(by === undefined ? STOPPED : `cancelled by ${by}`)
    return ended
  }

  const kept = () => ({ job: job(), lines: [...lines] })
  return { brief: () => now, job, lines: () => lines, kept, begin, abort }
}
