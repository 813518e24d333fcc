/**
 * The moves of standing.ts, one fact each: a stage is entered, an install begins, one too many is stopped, a machine breaks.
 * When which of them is made is decided there.
 */
import type { Attempt, Limits, Stage, Standing } from './standing.ts'
import { loopWords } from './standing-words.ts'

/** A loader asks for its config again within seconds; one that asks after this long is another boot. */
const ANOTHER_BOOT = 120_000

export function begin(before: Standing, reached: Attempt['reached'], at: number, limits: Limits): Standing {
  const first = before.installs > 0 ? (before.attempt?.first ?? at) : at
  const attempt = { first, asked: at, reached, restarted: false, failed: false }
  const standing = enter({ ...before, installs: before.installs + 1, attempt }, 'installing', at, limits)
  // Only a preseed can get here: it came without a boot config of ours, so nothing could be withheld.
  return standing.installs > limits.installs && standing.stopped === undefined
    ? stop(standing, loopWords(standing.installs, at - first), at)
    : standing
}

export function isAnotherBoot(attempt: Attempt | undefined, now: number): boolean {
  return !attempt || attempt.restarted || attempt.reached !== 'config' || now - attempt.asked >= ANOTHER_BOOT
}

/** Were this boot to install, it would be one install too many. */
export function isOneTooMany({ installs, attempt }: Standing, now: number, limits: Limits): boolean {
  return installs >= limits.installs && isAnotherBoot(attempt, now)
}

export function loopOf({ installs, attempt }: Standing, now: number): string {
  return loopWords(installs + 1, now - (attempt?.first ?? now))
}

export function stop(standing: Standing, because: string, at: number): Standing {
  return breakDown({ ...standing, stopped: because }, at, because, false)
}

export function isAwaitingBoot({ netboot, stage }: Standing): boolean {
  return netboot && stage !== 'booting' && stage !== 'installing' && stage !== 'broken'
}

export function see(standing: Standing, at: number, text: string): Standing {
  return { ...standing, evidence: { at, text } }
}

export function restarted(standing: Standing): Standing {
  return standing.attempt ? { ...standing, attempt: { ...standing.attempt, restarted: true } } : standing
}

/** What was begun before counts no more. */
export function startAnew(standing: Standing): Standing {
  const broken = standing.broken && { ...standing.broken, isLate: false }
  return { ...standing, installs: 0, attempt: undefined, stopped: undefined, broken }
}

export function breakDown(standing: Standing, at: number, because: string, isLate: boolean): Standing {
  const since = standing.broken ? standing.since : at
  const attempt = standing.attempt && { ...standing.attempt, restarted: true, failed: true }
  const ended = { stage: 'broken', deadline: undefined, overdue: false } as const
  return { ...standing, ...ended, since, attempt, broken: { at, because, isLate } }
}

/** The stage in which nothing is under way. */
export function rest(standing: Standing, at: number, limits: Limits): Standing {
  const { custody } = standing
  return enter(standing, custody === 'none' || custody === 'contradictory' ? 'unmanaged' : custody, at, limits)
}

/** A broken machine stays broken, whatever is tried with it. */
export function enter(standing: Standing, stage: Stage, at: number, limits: Limits): Standing {
  if (standing.broken) return { ...standing, stage: 'broken', deadline: undefined, overdue: false }
  const next = { ...standing, stage, since: at, overdue: false }
  const limit = limitOf(next, limits)
  return { ...next, deadline: limit === undefined ? undefined : at + limit }
}

export function limitOf({ stage, netboot }: Standing, limits: Limits): number | undefined {
  // Taken and not to be installed: nothing is to come.
  if (stage === 'acquired' && !netboot) return undefined
  return stage === 'acquired' || stage === 'booting' || stage === 'installing' || stage === 'installed'
    ? limits[stage]
    : undefined
}

/**
 * A later install that has come to its end is proof: disk, network and profile did then what they did not before. That of
 * the install that failed is none, for an installer that has told of a failure goes on to its last call all the same. The one
 * that was only late has nothing but time against it, and its own end takes that back. Neither time, nor a restart, nor an
 * owner who gives the machine back says anything of what is wrong with it.
 */
export function isMended({ stopped, broken, attempt }: Standing): boolean {
  return stopped === undefined && broken !== undefined && (broken.isLate || (attempt !== undefined && !attempt.failed))
}
