/** What is new in a machine's trace, as frames of a stream: entries in the order in which they came, and verdicts that changed. */
import type { BootAttempt, TraceEntry } from '../model/trace.ts'
import type { Verdict } from '../model/verdict.ts'

export interface TraceFrame {
  /** Rises within one machine, also over its boots and over restarts. */
  readonly id: number
  readonly name: 'entry' | 'verdict'
  /** The id of its boot. */
  readonly boot: number
  readonly started: number
  readonly system: string | null
  readonly mac: string | null
  readonly entry?: TraceEntry
  readonly verdict?: Pick<Verdict, 'verdict' | 'fault' | 'says' | 'missing' | 'next'>
}

/** A boot has fewer revisions than this, and each leaves room for its verdicts. */
const [BOOT, REVISION] = [10_000_000, 10]

/** Answers what is new in an attempt; without one, whether the verdict on the last has changed meanwhile. */
export function traceFrames(verdictOf: (attempt: BootAttempt) => Verdict): (grown?: BootAttempt) => TraceFrame[] {
  let last: BootAttempt | undefined
  let told = ''
  let frame = 0
  return (grown) => {
    const attempt = grown ?? last
    if (!attempt || (last && attempt.id < last.id)) return []
    const seen = last?.id === attempt.id ? last.revision : 0
    last = attempt
    const of = { boot: attempt.id, started: attempt.started, system: attempt.system ?? null, mac: attempt.mac ?? null }
    const base = attempt.id * BOOT
    const news = attempt.entries
      .filter(({ revision }) => revision > seen)
      .sort((one, other) => one.revision - other.revision)
      .map((entry): TraceFrame => ({ id: base + entry.revision * REVISION, name: 'entry', ...of, entry }))
    const { verdict, fault, says, missing, next } = verdictOf(attempt)
    const now = `${attempt.id} ${verdict}`
    if (now === told) return news
    told = now
    frame = Math.max(frame + 1, base + attempt.revision * REVISION + 1)
    return [...news, { id: frame, name: 'verdict', ...of, verdict: { verdict, fault, says, missing, next } }]
  }
}
