/**
 * The trace of a boot: all that was seen of a machine from power-on to ready, in one row, and where one boot ends and the
 * next begins. What it means when a boot does not come to its end is verdict.ts.
 */
import type { Ipv4, Mac } from './address.ts'
import type { Firmware } from './firmware.ts'
import type { Packet } from './packet.ts'

export type TraceKind = 'dhcp' | 'tftp' | 'http' | 'dns' | 'syslog' | 'power' | 'api' | 'decision' | 'step'
export type TraceOutcome = 'ok' | 'refused' | 'missing' | 'error'

/** What an entry shows of the way of a boot; an entry without one is part of the story only. */
export type TraceSign =
  | 'power-order' // somebody wants it on
  | 'order-refused' // its controller did not take the order to boot by network
  | 'power-on'
  | 'power-off'
  | 'power-failed'
  | 'discover' // it asked for an address and was offered none
  | 'offer'
  | 'elsewhere' // it took the offer of another server
  | 'address'
  | 'loader'
  | 'install' // it was told to install
  | 'disk' // it was told to boot from its disk
  | 'kernel'
  | 'preseed'
  | 'installing'
  | 'installed'
  | 'ready'
  | 'failed'
  | 'broken' // nobody is given it until it is mended
  | 'netboot-on'
  | 'netboot-off'

/** What was seen, as whoever saw it tells it. */
export interface Sighted {
  readonly kind: TraceKind
  readonly outcome: TraceOutcome
  /** One sentence. */
  readonly text: string
  readonly because?: string | undefined
  readonly bytes?: number | undefined
  readonly milliseconds?: number | undefined
  /** What was fetched; of DHCP the loader that was named. */
  readonly path?: string | undefined
  readonly sign?: TraceSign | undefined
  /** Of DHCP: it wants to boot. */
  readonly boots?: boolean | undefined
  readonly firmware?: Firmware | undefined
  /** That it is to install with. */
  readonly profile?: string | undefined
  /** What its boot is to be, where that was known. */
  readonly wants?: 'install' | 'disk' | undefined
  /** Another server that was named. */
  readonly server?: Ipv4 | undefined
  /** The power task that it is part of. */
  readonly task?: string | undefined
}

export interface TraceEntry extends Sighted {
  /** Its number in the attempt, from 1. */
  readonly n: number
  /** All times are milliseconds since 1970. */
  readonly at: number
  /** When the same was seen last, and how often; undefined: once. */
  readonly until?: number
  readonly times?: number
  /** The revision of the attempt that brought it, or its last repetition. */
  readonly revision: number
}

/** How far a boot came, in order. */
export const REACHED = [
  'power',
  'asked',
  'address',
  'loader',
  'config',
  'kernel',
  'preseed',
  'installing',
  'installed',
  'disk',
  'ready',
] as const
export type Reached = (typeof REACHED)[number]

export interface BootAttempt {
  /** Never used twice; rises with each attempt of any machine. */
  readonly id: number
  readonly mac: Mac | undefined
  readonly uid: string | undefined
  /** System name, if it is one of ours. */
  readonly system: string | undefined
  readonly started: number
  /** When the next boot of this machine began. */
  readonly ended: number | undefined
  /** Who ended it: the machine booted again by itself, or somebody turned it on. */
  readonly endedBy: 'machine' | 'power' | undefined
  readonly reached: Reached
  /** Boots that the machine began by itself right before this one, told to install, and did not come to the end of. */
  readonly repeats: number
  readonly entries: readonly TraceEntry[]
  /** Entries that were dropped for want of room. */
  readonly dropped: number
  /** Rises with each change. */
  readonly revision: number
}

export interface Whose {
  readonly mac: Mac | undefined
  readonly uid: string | undefined
  readonly system: string | undefined
}

/** A loader comes back within this; a machine that starts over takes longer, or comes with another sign of it. */
const QUIET = 60_000
/** Its system asks for an address again and again while it runs. */
const RUNS = 600_000
const DAY = 24 * 3_600_000
const MOST_ENTRIES = 400
/** The beginning is never dropped. */
const FIRST = 100
/** A firmware that gets no answer goes in circles: this many entries are looked at for the same. */
const CIRCLE = 6

const rank = (reached: Reached): number => REACHED.indexOf(reached)
const isFrom = (attempt: BootAttempt, reached: Reached): boolean => rank(attempt.reached) >= rank(reached)

/** When the machine was seen last; what people ask of it is no sight of it. */
export function lastSeen({ started, entries }: Pick<BootAttempt, 'started' | 'entries'>): number {
  return entries.reduce((last, { kind, at, until }) => (kind === 'api' ? last : Math.max(last, until ?? at)), started)
}

/** Does this begin a boot, go on with the one before, or belong to none? */
export function placeOf(before: BootAttempt | undefined, seen: Sighted, at: number): 'new' | 'same' | 'none' {
  if (!before || before.ended !== undefined) return isBeginning(seen) ? 'new' : 'none'
  // What runs asks for names and logs all day long.
  const isChatter = seen.kind === 'syslog' || seen.kind === 'dns'
  if (isChatter && isAtRest(before, at)) return 'none'
  return startsOver(before, seen, at) ? 'new' : 'same'
}

function isAtRest(attempt: BootAttempt, at: number): boolean {
  return isFrom(attempt, 'disk') || at - attempt.started > DAY
}

/** Are its packets kept? Of a boot that goes on, from when it shows that it is one: others only ask for addresses. */
export function isWorthPackets(attempt: BootAttempt, packets: readonly Packet[], at: number): boolean {
  if (attempt.ended !== undefined) return false
  if (packets.every(({ protocol }) => protocol === 'syslog' || protocol === 'dns') && isAtRest(attempt, at))
    return false
  return attempt.entries.some(({ kind, boots }) => kind !== 'dhcp' || boots === true)
}

/** Asking for an address is a beginning; getting one again, or what people do to a machine that lies still, is none. */
const BEGINNINGS: ReadonlySet<TraceSign> = new Set([
  ...(['power-order', 'power-on', 'discover', 'offer', 'loader', 'install', 'disk', 'kernel'] as const),
  ...(['preseed', 'installing', 'installed', 'ready', 'failed'] as const),
])

const isBeginning = ({ sign }: Sighted): boolean => sign !== undefined && BEGINNINGS.has(sign)

function startsOver(before: BootAttempt, { kind, sign, boots, firmware, wants, task }: Sighted, at: number): boolean {
  const quiet = at - lastSeen(before)
  switch (sign) {
    case 'power-order':
      return !before.entries.some((entry) => entry.task !== undefined && entry.task === task)
    case 'power-on':
      // With a task it follows its order; without, somebody saw that it was turned on.
      return task === undefined && kind === 'power' && (before.reached !== 'power' || quiet > RUNS)
    case 'discover':
    case 'offer': {
      if (!boots) return (isFrom(before, 'disk') || before.reached === 'address') && quiet > RUNS
      if (before.reached === 'power') return quiet > 3 * RUNS
      if (before.reached === 'installed') return wants === 'install'
      if (isFrom(before, 'config')) return true
      // iPXE asks again for itself; a firmware that does has lost its loader.
      return quiet > QUIET || (before.reached === 'loader' && firmware !== 'ipxe')
    }
    case 'install':
      return isFrom(before, 'kernel') || (before.reached === 'config' && quiet > 2 * QUIET)
    case 'disk':
      if (before.reached === 'disk') return quiet > 2 * QUIET
      return isFrom(before, 'kernel') && before.reached !== 'installed'
    case 'loader':
      return before.reached === 'ready' || (isFrom(before, 'kernel') && before.reached !== 'installed')
    case 'kernel':
    case 'preseed':
      return isFrom(before, 'installed')
    default:
      return false
  }
}

/** @param before the machine's last attempt, whether it has ended or not */
export function firstOf(id: number, whose: Whose, seen: Sighted, at: number, before?: BootAttempt): BootAttempt {
  const empty: BootAttempt = {
    ...{ id, mac: whose.mac ?? before?.mac, uid: whose.uid, system: whose.system, started: at },
    ...{ ended: undefined, endedBy: undefined, reached: 'power', repeats: before ? repeatsAfter(before, seen) : 0 },
    ...{ entries: [], dropped: 0, revision: 0 },
  }
  return grown(empty, seen, at)
}

function repeatsAfter(before: BootAttempt, { kind, wants, sign }: Sighted): number {
  // Somebody who turns it off and on is no loop: then it counts what the machine does by itself.
  if (kind === 'power') return 0
  const installsAgain = before.reached === 'installed' && (wants === 'install' || sign === 'install')
  if (isFrom(before, 'installed')) return installsAgain ? before.repeats + 1 : 0
  return isFrom(before, 'config') ? before.repeats + 1 : before.repeats
}

export function ended(attempt: BootAttempt, at: number, by: Sighted): BootAttempt {
  const endedBy = by.kind === 'power' || by.sign === 'power-on' ? 'power' : 'machine'
  return { ...attempt, ended: at, endedBy, revision: attempt.revision + 1 }
}

/** The attempt with one thing more that was seen. */
export function grown(before: BootAttempt, seen: Sighted, at: number, whose?: Whose): BootAttempt {
  const revision = before.revision + 1
  const of = before.entries
  const same = of.findLastIndex((entry, index) => index >= of.length - CIRCLE && isSame(entry, seen))
  const again = of[same]
  const entries = again
    ? of.with(same, { ...again, ...seen, until: at, times: (again.times ?? 1) + 1, revision })
    : [...of, { n: (of.at(-1)?.n ?? 0) + 1, at, ...seen, revision }]
  const isFull = entries.length > MOST_ENTRIES
  const known = whose?.uid === undefined ? {} : { uid: whose.uid, system: whose.system }
  return {
    ...before,
    ...known,
    mac: before.mac ?? whose?.mac,
    entries: isFull ? entries.toSpliced(leastWanted(entries), 1) : entries,
    dropped: before.dropped + (isFull ? 1 : 0),
    repeats: seen.sign === 'netboot-on' ? 0 : before.repeats,
    reached: further(before.reached, seen),
    revision,
  }
}

function isSame(one: Sighted, other: Sighted): boolean {
  if (one.kind !== other.kind || one.outcome !== other.outcome || one.sign !== other.sign) return false
  if (one.kind === 'syslog' || one.kind === 'dns') return true
  // Names that a loader tries one after the other are refused for one reason.
  return one.outcome === 'refused' && one.because !== undefined
    ? one.because === other.because
    : one.text === other.text
}

function leastWanted(entries: readonly TraceEntry[]): number {
  const plain = entries.findIndex(({ sign }, index) => index >= FIRST && sign === undefined)
  return plain < 0 ? FIRST : plain
}

const LEADS_TO: Partial<Record<TraceSign, Reached>> = {
  discover: 'asked',
  offer: 'asked',
  elsewhere: 'asked',
  address: 'address',
  loader: 'loader',
  install: 'config',
  disk: 'disk',
  kernel: 'kernel',
  preseed: 'preseed',
  installing: 'installing',
  installed: 'installed',
  ready: 'ready',
}

function further(reached: Reached, { sign, outcome }: Sighted): Reached {
  // To those who turn netboot off themselves this is the end of an install.
  const isEnd = sign === 'netboot-off' && rank(reached) >= rank('kernel')
  const to = isEnd ? 'installed' : sign && LEADS_TO[sign]
  if (to === undefined || (outcome !== 'ok' && sign !== 'discover' && sign !== 'elsewhere')) return reached
  return rank(to) > rank(reached) ? to : reached
}

/** What was seen and why, in one line. */
export function commentOf({ text, because }: Pick<Sighted, 'text' | 'because'>): string {
  return because === undefined || text.includes(because) ? text : `${text}; because: ${because}`
}
