/**
 * Why did it not boot? Rules over the trace of one boot and the time: what is missing, what shows that, and what to try. A
 * boot that goes on, or went well, is told too. The rules are tried in order; the first that fits is the verdict.
 */
import { type BootAttempt, lastSeen, type TraceEntry } from './trace.ts'
import { type Asked, RULES } from './verdict-rules.ts'
import type { Waits } from './verdict-waits.ts'
import { FAULTS, type FaultName, type Words } from './verdict-words.ts'

export type VerdictName = FaultName | 'under-way' | 'interrupted' | 'booted' | 'ready' | 'no-boot'

export interface Verdict {
  readonly verdict: VerdictName
  /** True: it stands still, or it failed. */
  readonly fault: boolean
  /** One sentence. */
  readonly says: string
  /** The step that should have come. */
  readonly missing: string | undefined
  /** What shows it. */
  readonly evidence: TraceEntry | undefined
  /** What a person can try next. */
  readonly next: string | undefined
}

export function verdictOf(attempt: BootAttempt, now: number, waits: Waits): Verdict {
  const asked = ask(attempt, now, waits)
  for (const [name, fits] of RULES) {
    const found = fits(asked)
    if (found) return told(name, found.evidence, found.about ?? '', attempt)
  }
  return calm(asked)
}

function told(name: FaultName, evidence: TraceEntry, about: string, attempt: BootAttempt): Verdict {
  const words: Words = FAULTS[name]
  const machine = attempt.system ?? attempt.mac ?? 'the machine'
  return {
    ...{ verdict: name, fault: true, evidence, missing: words.missing },
    says: words.says(machine, evidence, about),
    next: words.next(machine, evidence),
  }
}

function ask(attempt: BootAttempt, now: number, waits: Waits): Asked {
  const { entries, ended, endedBy } = attempt
  const at = (entry: TraceEntry) => entry.until ?? entry.at
  return {
    ...{ attempt, waits, reached: attempt.reached },
    last: (...signs) => entries.findLast(({ sign }) => sign !== undefined && signs.includes(sign)),
    since: (from, fits) => entries.findLast((entry) => (!from || at(entry) >= from.at) && fits(entry)),
    over: (entry, wait) => endedBy === 'machine' || (ended ?? now) - at(entry) >= wait,
  }
}

/** Nothing is wrong with it. */
function calm({ attempt, reached, last }: Asked): Verdict {
  const evidence = last('ready', 'disk', 'installed') ?? attempt.entries.at(-1)
  const none = { fault: false, missing: undefined, next: undefined, evidence }
  const name = attempt.system ?? attempt.mac ?? 'the machine'
  if (reached === 'ready') return { ...none, verdict: 'ready', says: `${name} is ready: the installed system called` }
  if (reached === 'disk') return { ...none, verdict: 'booted', says: `${name} was sent to its disk` }
  if (reached === 'installed' && attempt.ended === undefined)
    return { ...none, verdict: 'under-way', says: `${name} is installed, and should boot from its disk now` }
  if (attempt.entries.every(({ kind, boots }) => kind === 'api' || (kind === 'dhcp' && boots !== true)))
    return { ...none, verdict: 'no-boot', says: `${name} asked for an address, and not to boot` }
  if (attempt.ended !== undefined) {
    const says = `${name} was started again before this boot came to its end; it had reached: ${reached}`
    return { ...none, verdict: 'interrupted', says }
  }
  const seconds = Math.round((lastSeen(attempt) - attempt.started) / 1000)
  return { ...none, verdict: 'under-way', says: `${name} is on its way for ${seconds} s; it has reached: ${reached}` }
}
