/**
 * Where a machine stands in its life, and how what happens moves it on. Not whose it is (mgmt-class.ts), nor what it boots
 * (boot/decide.ts): only what was seen, until when the next thing must be seen, and what is wrong when it is not.
 */
import type { BootStep } from './event.ts'
import type { Custody } from './mgmt-class.ts'
import type { PowerAction, PowerState } from './power.ts'
import {
  begin,
  breakDown,
  enter,
  isAnotherBoot,
  isAwaitingBoot,
  isMended,
  isOneTooMany,
  limitOf,
  loopOf,
  rest,
  restarted,
  see,
  startAnew,
  stop,
} from './standing-moves.ts'
import { inWords } from './standing-words.ts'

export const STAGES = [
  'unmanaged', // in no class of an orchestrator, and nothing is under way
  'available', // free
  'acquired', // taken, and not powered on since
  'booting', // powered on to be installed, no boot config asked for yet
  'installing',
  'installed', // the installer's last call came; the installed system has not called yet
  'ready', // it has
  'broken', // an install failed: nobody is given it until a person or a later install says that it works
] as const
export type Stage = (typeof STAGES)[number]

/** What a saved system says of itself. */
export interface StandingFacts {
  readonly custody: Custody['state']
  /** The acquired class that it has; empty when nobody has taken it. */
  readonly holder: string
  /** True: its next boot is to install it. */
  readonly netboot: boolean
}

export interface Standing extends StandingFacts {
  readonly stage: Stage
  /** All times are milliseconds since 1970. */
  readonly since: number
  /** What was seen last. */
  readonly evidence: { readonly at: number; readonly text: string }
  /** Until when the next thing must be seen; undefined: nothing is waited for. */
  readonly deadline: number | undefined
  /** The deadline has passed. */
  readonly overdue: boolean
  /** Installs begun one after another, of which none has ended. */
  readonly installs: number
  readonly attempt: Attempt | undefined
  /** Why its next boots do not install it though netboot is on. */
  readonly stopped: string | undefined
  readonly broken: Broken | undefined
}

/** The last install that was begun. */
export interface Attempt {
  /** When the first of those began of which none has ended. */
  readonly first: number
  readonly asked: number
  readonly reached: 'config' | 'kernel' | 'preseed' | 'installing'
  /** Since then a sign of a new boot was seen: what comes next is another install. */
  readonly restarted: boolean
  readonly failed: boolean
}

interface Broken {
  readonly at: number
  readonly because: string
  /** Only time speaks against it: when the very install that was given up ends after all, it is mended. */
  readonly isLate: boolean
}

/** Milliseconds that each stage may take, and installs in a row. */
export interface Limits {
  readonly acquired: number
  readonly booting: number
  readonly installing: number
  readonly installed: number
  readonly installs: number
}

export type Happening = { readonly at: number } & (
  | { readonly happens: 'step'; readonly step: BootStep; readonly because: string }
  | {
      readonly happens: 'power'
      readonly state: PowerState
      readonly action: PowerAction | undefined
      readonly because: string
    }
  | { readonly happens: 'saved'; readonly facts: StandingFacts }
  /** Time goes by: is a deadline over? */
  | { readonly happens: 'time' }
  /** Orchestra is back, and has not seen what happened meanwhile. */
  | { readonly happens: 'return' }
  /** The journal has it that this was found out before. */
  | { readonly happens: 'told-broken'; readonly because: string }
  | { readonly happens: 'told-overdue' }
  | { readonly happens: 'repair'; readonly by: string }
)

type Step = { readonly at: number; readonly because: string }
type Rule = (standing: Standing, step: Step, limits: Limits) => Standing

/** At least so long is waited after a return, unless the limit itself is shorter. */
const GRACE = 600_000

/** How a machine stands of which nothing was seen yet. @param at when it was saved last */
export function firstStanding(facts: StandingFacts, at: number, limits: Limits): Standing {
  const evidence = { at, text: 'nothing was seen of it yet' }
  const empty = { installs: 0, attempt: undefined, stopped: undefined, broken: undefined, deadline: undefined }
  return rest({ ...facts, ...empty, stage: 'unmanaged', since: at, evidence, overdue: false }, at, limits)
}

/** The same object when nothing has changed. */
export function advance(standing: Standing, happening: Happening, limits: Limits): Standing {
  const { at } = happening
  switch (happening.happens) {
    case 'step':
      return AFTER_STEP[happening.step](see(standing, at, happening.because), happening, limits)
    case 'power':
      return afterPower(standing, happening, limits)
    case 'saved':
      return afterSave(standing, happening.facts, at, limits)
    case 'time':
      return afterTime(standing, at)
    case 'return':
      return afterReturn(standing, at, limits)
    case 'told-broken':
      // Of the causes only time leaves no step of its own in the journal.
      return standing.broken ? standing : breakDown(standing, at, happening.because, standing.stage === 'installing')
    case 'told-overdue':
      return standing.deadline === undefined || standing.overdue ? standing : { ...standing, overdue: true }
    case 'repair':
      return afterRepair(standing, happening.by, at, limits)
  }
}

/** Why its next boot is not to install it, though netboot is on; undefined: nothing speaks against it. */
export function stoppedBecause(standing: Standing, now: number, limits: Limits): string | undefined {
  if (!standing.netboot) return undefined
  return standing.stopped ?? (isOneTooMany(standing, now, limits) ? loopOf(standing, now) : undefined)
}

const AFTER_STEP: Record<BootStep, Rule> = {
  power: (before, { at }, limits) => {
    const standing = restarted(before)
    return isAwaitingBoot(standing) || standing.stage === 'booting' ? enter(standing, 'booting', at, limits) : standing
  },
  address: (standing) => standing,
  loader: (before, { at }, limits) => {
    const standing = restarted(before)
    const isNews = isAwaitingBoot(standing) || (standing.stage === 'booting' && standing.overdue)
    return isNews ? enter(standing, 'booting', at, limits) : standing
  },
  config: askForConfig,
  'first-boot': askForConfig,
  kernel: (standing, { at }, limits) => goOn(standing, 'kernel', at, limits),
  preseed: (standing, { at }, limits) => goOn(standing, 'preseed', at, limits),
  installing: (standing, { at }, limits) => goOn(standing, 'installing', at, limits),
  installed: (before, { at }, limits) => {
    // With netboot on it will install again, however well it ended: that is the loop that the counter is there for.
    const standing = before.netboot ? restarted(before) : { ...before, installs: 0 }
    if (standing.broken) {
      if (standing.netboot || !isMended(standing)) return standing
      return enter({ ...standing, broken: undefined, attempt: undefined }, 'installed', at, limits)
    }
    const isOld = standing.stage === 'available' || standing.stage === 'installed' || standing.stage === 'ready'
    return isOld ? standing : enter(standing, 'installed', at, limits)
  },
  ready: (standing, { at }, limits) => {
    const { stage, netboot } = standing
    const ended = { ...standing, installs: 0, attempt: undefined }
    if (standing.broken) {
      return isMended(standing) ? enter({ ...ended, broken: undefined }, 'ready', at, limits) : standing
    }
    if (stage === 'ready') return ended
    // A former system that calls, on a machine that is free or is to be installed anew, is not what is waited for.
    if (stage === 'available' || (netboot && (stage === 'acquired' || stage === 'booting'))) return standing
    return enter(ended, 'ready', at, limits)
  },
  failed: (standing, { at, because }) => {
    const { stage, netboot } = standing
    const isNoInstall =
      !netboot && (stage === 'unmanaged' || stage === 'available' || stage === 'acquired' || stage === 'ready')
    return isNoInstall ? standing : breakDown(standing, at, because, false)
  },
}

function askForConfig(standing: Standing, { at }: Step, limits: Limits): Standing {
  if (!standing.netboot || standing.stopped !== undefined) return standing
  if (isOneTooMany(standing, at, limits)) {
    return stop({ ...standing, installs: standing.installs + 1 }, loopOf(standing, at), at)
  }
  return isAnotherBoot(standing.attempt, at)
    ? begin(standing, 'config', at, limits)
    : goOn(standing, 'config', at, limits)
}

/** An installer that comes nearer to its end, or is seen for the first time. */
function goOn(standing: Standing, reached: Attempt['reached'], at: number, limits: Limits): Standing {
  const { attempt, stage } = standing
  // What is said after the end, or by a machine that was not to be installed, moves nothing.
  if (!standing.netboot) return standing
  if (!attempt) {
    // Anybody may look at the preseed of a free machine.
    const isOnlooker = standing.custody === 'available' && stage !== 'booting' && reached !== 'installing'
    return isOnlooker ? standing : begin(standing, reached, at, limits)
  }
  if (reached === 'preseed' && attempt.reached === 'installing' && attempt.restarted) {
    return begin(standing, reached, at, limits)
  }
  const isFurther = ORDER[reached] > ORDER[attempt.reached]
  const next = { ...standing, attempt: isFurther ? { ...attempt, reached } : attempt }
  const isSeenAgain = stage === 'unmanaged' || stage === 'available' || stage === 'acquired' || stage === 'booting'
  return isSeenAgain ? enter(next, 'installing', at, limits) : next
}

const ORDER: Record<Attempt['reached'], number> = { config: 0, kernel: 1, preseed: 2, installing: 3 }

function afterPower(standing: Standing, power: Happening & { happens: 'power' }, limits: Limits): Standing {
  const { at, state, action, because } = power
  // A task to turn it on begins with the state that was seen before.
  if (state === 'off' && (action === 'off' || action === undefined)) {
    const off = restarted(see(standing, at, because))
    return off.stage === 'booting' || off.stage === 'installing' ? rest(off, at, limits) : off
  }
  const isNews = action !== undefined || (state === 'on' && isAwaitingBoot(standing))
  return isNews ? see(standing, at, because) : standing
}

function afterSave(before: Standing, facts: StandingFacts, at: number, limits: Limits): Standing {
  const { custody, holder, netboot } = facts
  if (custody === before.custody && holder === before.holder && netboot === before.netboot) return before
  const standing = { ...before, ...facts }
  if (holder !== before.holder && holder !== '') {
    return rest(startAnew(see(standing, at, `it was taken: it has the class ${holder} now`)), at, limits)
  }
  if (custody === 'available' && before.custody !== 'available') {
    return rest(startAnew(see(standing, at, 'it is free: it has an available class now')), at, limits)
  }
  if (netboot && !before.netboot) {
    return rest(startAnew(see(standing, at, 'netboot was turned on: its next boot installs it')), at, limits)
  }
  if (!netboot && before.netboot) {
    const off = { ...see(standing, at, 'netboot was turned off: its next boot goes to the disk'), installs: 0 }
    // To those who write it themselves this is the end of an install, as it was in 2011.
    if (off.stage === 'installing') return enter(off, 'installed', at, limits)
    return off.stage === 'acquired' || off.stage === 'booting' ? rest(off, at, limits) : off
  }
  const changed = see(standing, at, `its management classes were changed: ${custody}`)
  return changed.stage === 'available' || changed.stage === 'acquired' ? rest(changed, at, limits) : changed
}

function afterTime(standing: Standing, now: number): Standing {
  const { deadline, overdue, stage, since, evidence } = standing
  if (deadline === undefined || overdue || now < deadline) return standing
  if (stage !== 'installing') return { ...standing, overdue: true }
  const because = `the install did not end within ${inWords(deadline - since)}; last seen: ${evidence.text}`
  return breakDown(standing, now, because, true)
}

const AWAY = ' (Orchestra was away when its time was up, and gives it as much again)'

/** What nobody could see is held against nobody. */
function afterReturn(standing: Standing, now: number, limits: Limits): Standing {
  const { deadline, overdue, evidence } = standing
  const limit = limitOf(standing, limits)
  if (deadline === undefined || limit === undefined || overdue) return standing
  if (deadline > now) return { ...standing, deadline: Math.max(deadline, now + Math.min(limit, GRACE)) }
  const text = evidence.text.endsWith(AWAY) ? evidence.text : evidence.text + AWAY
  return { ...standing, deadline: now + limit, evidence: { ...evidence, text } }
}

function afterRepair(before: Standing, by: string, at: number, limits: Limits): Standing {
  const { broken, attempt, overdue, stage, installs } = before
  if (!broken && !overdue) return installs === 0 ? before : { ...before, installs: 0 }
  const was = broken ? `, which was broken: ${broken.because}` : ''
  const standing = startAnew({ ...see(before, at, `${by} has mended it${was}`), broken: undefined })
  if (!broken) {
    // By design there may be nobody in the installed system who calls.
    return stage === 'installed'
      ? { ...standing, overdue: false, deadline: undefined }
      : enter(standing, stage, at, limits)
  }
  const isUnderWay = before.netboot && attempt && !attempt.failed && !attempt.restarted
  if (!isUnderWay) return rest(standing, at, limits)
  return enter({ ...standing, installs: 1, attempt: { ...attempt, first: attempt.asked } }, 'installing', at, limits)
}
