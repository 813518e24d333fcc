/**
 * Questions to BMCs: a session with each is opened when it is first asked, kept while it is asked again within minutes,
 * and closed when nobody does. A BMC that has forgotten its session (it was restarted) is asked again in a new one, once.
 */
import { createHash } from 'node:crypto'
import type { IpmiResponse } from './codec.ts'
import type { SuiteId } from './crypto.ts'
import { COMPLETION, SessionError } from './failure.ts'
import type { Privilege } from './handshake.ts'
import { createLinks, type Link, type LinksNeeds } from './links.ts'
import type { SessionRequest } from './session-state.ts'
import { findPeer } from './socket.ts'
import { createTimers, type Timer } from './timers.ts'

export interface IpmiTarget {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Undefined: 17 where the BMC has it, else 3. */
  readonly suite?: SuiteId | undefined
  /** Undefined: operator where that is enough, else administrator. */
  readonly privilege?: Privilege | undefined
}

export interface IpmiClient {
  /** @throws SessionError, or what the signal was aborted with */
  ask(target: IpmiTarget, request: SessionRequest, signal: AbortSignal): Promise<IpmiResponse>
  /** A session of one's own, as a console needs it. @throws SessionError */
  dedicate(target: IpmiTarget, signal: AbortSignal): Promise<Link>
  /** Sessions at present. */
  sessions(): number
  close(): Promise<void>
}

export interface IpmiTimes {
  /** A session that nobody used for so long is closed. */
  readonly idle: number
  /** BMCs close a session that is silent for a minute (6.12.15). */
  readonly keepAlive: number
}

const TIMES: IpmiTimes = { idle: 150_000, keepAlive: 25_000 }
/** Sessions kept; the one that was not used the longest makes room. */
const KEPT = 4096

/**
 * BMCs that are asked at once: of a thousand questions in one moment, the last would wait so long for its turn that it
 * counted as lost, and was said again.
 */
const AT_ONCE = 64
/** Milliseconds after which one that says nothing is no reason for others to wait. */
const SILENT = 1500

/** What was learnt of a BMC, so that the next session opens sooner. */
interface Learnt {
  readonly listsSuites: boolean
  readonly administrator: boolean
}

const UNKNOWN: Learnt = { listsSuites: true, administrator: false }

interface Kept {
  readonly link: Promise<Link>
  /** Which BMC: host and port. */
  readonly place: string
  /** Opened with the knowledge that operator is too low. */
  readonly isRaised: boolean
  readonly idle: Timer
  /** Questions under way. */
  users: number
}

export function createIpmiClient(needs: LinksNeeds, times: Partial<IpmiTimes> = {}): IpmiClient {
  const { idle, keepAlive } = { ...TIMES, ...times }
  const links = createLinks(needs)
  const timers = createTimers(needs.clock)
  const kept = new Map<string, Kept>()
  const learnt = new Map<string, Learnt>()

  async function open(target: IpmiTarget, key: string): Promise<Link> {
    const peer = await findPeer(target.host, target.port)
    if (!peer) throw new SessionError({ what: 'no-address', host: target.host })
    const known = learnt.get(key) ?? UNKNOWN
    const link = links.open(peer, termsOf(target, known, keepAlive))
    try {
      await link.opened
    } catch (error) {
      learnt.delete(key)
      throw error
    }
    if (known.listsSuites && target.suite === undefined && link.offered() === undefined) {
      remember(learnt, key, { ...known, listsSuites: false })
    }
    return link
  }

  function hold(target: IpmiTarget, key: string): Kept {
    const held = kept.get(key)
    if (held) {
      // To the end of the line of those that make room.
      kept.delete(key)
      kept.set(key, held)
      return held
    }
    const link = open(target, key)
    const isRaised = learnt.get(key)?.administrator ?? false
    const place = `${target.host} ${target.port}`
    const fresh: Kept = { link, place, isRaised, users: 0, idle: timers.timer(() => void drop(key, fresh)) }
    kept.set(key, fresh)
    const forget = () => {
      if (kept.get(key) === fresh) kept.delete(key)
      fresh.idle.clear()
    }
    link.then(({ ended }) => ended.then(forget), forget)
    for (const [old, entry] of kept) {
      // A BMC has few places: somebody who tries passwords and options must not take them all.
      const isReplaced = entry.place === place && entry !== fresh
      if ((isReplaced || kept.size > KEPT) && entry.users === 0) void drop(old, entry)
    }
    return fresh
  }

  /** The session is nobody's any more. */
  async function drop(key: string, held: Kept): Promise<void> {
    if (kept.get(key) === held) kept.delete(key)
    held.idle.clear()
    await held.link.then((link) => link.close()).catch(() => {})
  }

  async function askOn(held: Kept, request: SessionRequest, signal: AbortSignal): Promise<IpmiResponse> {
    held.users++
    held.idle.clear()
    try {
      const link = await unlessAborted(held.link, signal)
      return await link.request(request, signal)
    } finally {
      held.users--
      if (held.users === 0) held.idle.set(idle)
    }
  }

  const pass = turnstile(AT_ONCE)

  /** Asks in a session that is open, or in a new one; in a new one too where the BMC has forgotten what was open. */
  async function askOnce(target: IpmiTarget, key: string, request: SessionRequest, signal: AbortSignal) {
    const held = hold(target, key)
    try {
      return { held, answer: await askOn(held, request, signal) }
    } catch (error) {
      const lost = error instanceof SessionError && error.failure.what === 'lost'
      if (!lost || signal.aborted) throw error
      if (kept.get(key) === held) kept.delete(key)
      const fresh = hold(target, key)
      return { held: fresh, answer: await askOn(fresh, request, signal) }
    }
  }

  async function askNow(target: IpmiTarget, request: SessionRequest, signal: AbortSignal): Promise<IpmiResponse> {
    const key = keyOf(target)
    const { held, answer } = await askOnce(target, key, request, signal)
    const isLow = answer.completion === COMPLETION.privilege && target.privilege === undefined
    if (!isLow || held.isRaised) return answer
    // Operator is too low for this here: as administrator, if the user may be that.
    remember(learnt, key, { ...(learnt.get(key) ?? UNKNOWN), administrator: true })
    if (kept.get(key) === held) await drop(key, held)
    try {
      return (await askOnce(target, key, request, signal)).answer
    } catch (error) {
      if (error instanceof SessionError && error.failure.what === 'privilege') return answer
      throw error
    }
  }

  return {
    async ask(target, request, signal) {
      const leave = await pass(signal)
      const silent = timers.timer(leave)
      silent.set(SILENT)
      try {
        return await askNow(target, request, signal)
      } finally {
        silent.clear()
        leave()
      }
    },
    async dedicate(target, signal) {
      const opening = open(target, keyOf(target))
      return unlessAborted(opening, signal, (link) => void link.close())
    },
    sessions: links.count,
    async close() {
      timers.stop()
      kept.clear()
      await links.close()
    },
  }
}

function termsOf(target: IpmiTarget, known: Learnt, keepAliveMs: number) {
  const found: readonly Privilege[] = known.administrator ? ['administrator'] : ['operator', 'administrator']
  return {
    user: Buffer.from(target.user),
    password: Buffer.from(target.password),
    suite: target.suite,
    privileges: target.privilege ? [target.privilege] : found,
    listsSuites: known.listsSuites,
    keepAliveMs,
  }
}

/** Sessions are shared by those who ask the same BMC as the same user. A hash: the password stays where it was. */
function keyOf({ host, port, user, password, suite, privilege }: IpmiTarget): string {
  const words = JSON.stringify([host, port, user, password, suite, privilege])
  return createHash('sha256').update(words).digest('base64')
}

function remember(learnt: Map<string, Learnt>, key: string, what: Learnt): void {
  learnt.set(key, what)
  for (const old of learnt.keys()) {
    if (learnt.size <= KEPT) break
    learnt.delete(old)
  }
}

/** Lets so many in at once, in their order; who is let in says when they leave. Who gives up leaves the line. */
function turnstile(limit: number): (signal: AbortSignal) => Promise<() => void> {
  const line = new Set<() => void>()
  let inside = 0
  const place = () => {
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      const [next] = line
      if (next) next()
      else inside--
    }
  }
  return (signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      if (inside < limit) {
        inside++
        return resolve(place())
      }
      const enter = () => {
        line.delete(enter)
        signal.removeEventListener('abort', giveUp)
        resolve(place())
      }
      const giveUp = () => {
        line.delete(enter)
        reject(signal.reason)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      line.add(enter)
    })
}

/** What comes after nobody waits any more is handed to `late`. */
function unlessAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
  late: (value: Value) => void = () => {},
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(
      (value) => {
        signal.removeEventListener('abort', abort)
        if (signal.aborted) late(value)
        resolve(value)
      },
      (error: unknown) => {
        signal.removeEventListener('abort', abort)
        reject(error)
      },
    )
  })
}
