/**
 * What a session with a BMC is at a moment, what can happen to it and what follows: the words of session.ts and
 * opening.ts, and the steps that both take. Pure.
 */
import type { IpmiRequest, IpmiResponse } from './codec.ts'
import { encodeRequest, PAYLOAD, seal } from './codec.ts'
import type { Exchange, SessionKeys, SuiteId } from './crypto.ts'
import { type Privilege, SUITES_BY_STRENGTH } from './handshake.ts'

export interface SessionTerms {
  readonly user: Uint8Array
  readonly password: Uint8Array
  /** Undefined: the strongest that the BMC offers. */
  readonly suite: SuiteId | undefined
  /** The least that does comes first; the next is tried where the BMC refuses it. */
  readonly privileges: readonly Privilege[]
  /** False: this BMC is known not to say which suites it has. */
  readonly listsSuites: boolean
  /** Our session id: what the BMC sends carries it. Not 0. */
  readonly consoleId: number
  /** So many bytes by chance. */
  readonly random: (bytes: number) => Uint8Array
  /** A session without a word for a minute is closed by the BMC (6.12.15): something is asked before. */
  readonly keepAliveMs: number
}

/** Why a session did not come about, or ended. */
export type Failure =
  /** The name leads to no address. */
  | { readonly what: 'no-address'; readonly host: string }
  /** This machine cannot send there. */
  | { readonly what: 'no-route'; readonly code: string }
  | { readonly what: 'silent'; readonly heard: 'nothing' | 'pong' | 'something' }
  /** It was open, and the BMC does not know it any more. */
  | { readonly what: 'lost' }
  | { readonly what: 'old' }
  | { readonly what: 'no-suite'; readonly offered: readonly number[] | undefined; readonly tried: readonly SuiteId[] }
  | { readonly what: 'unknown-user' }
  | { readonly what: 'wrong-password' }
  /** The password was right, the keys were not. */
  | { readonly what: 'bmc-key' }
  | { readonly what: 'privilege'; readonly wanted: Privilege }
  | { readonly what: 'no-slot' }
  | { readonly what: 'status'; readonly step: string; readonly status: number }

export interface SessionRequest extends IpmiRequest {
  /** An order that the BMC may take seconds over, and that is better not said twice. */
  readonly slow?: boolean
}

export type SessionEvent =
  | { readonly event: 'start' }
  | { readonly event: 'bytes'; readonly bytes: Uint8Array }
  | { readonly event: 'timeout' }
  | { readonly event: 'request'; readonly id: number; readonly request: SessionRequest }
  /** Nobody waits for this answer any more. */
  | { readonly event: 'cancel'; readonly id: number }
  | { readonly event: 'send-sol'; readonly payload: Uint8Array }
  | { readonly event: 'close' }

export type SessionEffect =
  | { readonly do: 'send'; readonly bytes: Uint8Array }
  /** (Re)starts the one timer. */
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'opened' }
  | { readonly do: 'answer'; readonly id: number; readonly response: IpmiResponse }
  | { readonly do: 'sol'; readonly payload: Uint8Array }
  /** @property failure undefined: it was closed as asked */
  | { readonly do: 'end'; readonly failure: Failure | undefined }

export type Phase =
  | { readonly is: 'new' | 'version' | 'raise' | 'ready' | 'closing' | 'ended' }
  /** @property list what was heard of it so far */
  | { readonly is: 'suites'; readonly list: Uint8Array }
  | { readonly is: 'open' }
  | { readonly is: 'rakp1'; readonly managedId: number; readonly random: Uint8Array }
  | { readonly is: 'rakp3'; readonly exchange: Exchange; readonly sik: Uint8Array }

/** An open session: keys, ids and sequence numbers of both directions. */
export interface Secure {
  readonly keys: SessionKeys
  readonly managedId: number
  /** Sent last. */
  readonly sent: number
  /** The highest heard, and which of the 31 below it were heard too: bit 0 is the highest itself. */
  readonly highest: number
  readonly heard: number
}

export interface Asked {
  /** Undefined: our own question. */
  readonly id: number | undefined
  readonly request: SessionRequest
}

export interface Session {
  readonly terms: SessionTerms
  readonly phase: Phase
  readonly heard: 'nothing' | 'pong' | 'something'
  /** Still to be tried; the first is being tried, or the one that was taken. */
  readonly suites: readonly SuiteId[]
  readonly privileges: readonly Privilege[]
  /** What the BMC says it has; undefined: it does not say. */
  readonly offered: readonly number[] | undefined
  /** How often the handshake was begun anew because the BMC had forgotten it. */
  readonly restarts: number
  /** Of the last message of the handshake. */
  readonly tag: number
  /** Of the last IPMI message, 0-63. */
  readonly sequence: number
  /** What is said again if no answer comes, outside of a session. */
  readonly last: Uint8Array
  readonly tries: number
  readonly sentAt: number
  /** Round trip in milliseconds; negative: not measured yet. */
  readonly rtt: number
  readonly secure: Secure | undefined
  readonly asked: Asked | undefined
  /** "Node busy", should nothing better come. */
  readonly busy: IpmiResponse | undefined
  readonly queue: readonly Asked[]
}

export type Step = readonly [Session, readonly SessionEffect[]]

export function newSession(terms: SessionTerms): Session {
  return {
    terms,
    phase: { is: 'new' },
    heard: 'nothing',
    suites: terms.suite === undefined ? SUITES_BY_STRENGTH : [terms.suite],
    privileges: terms.privileges,
    offered: undefined,
    restarts: 0,
    // Answers to one who asked from this port before must not be taken for ours.
    tag: terms.random(1)[0] ?? 0,
    sequence: (terms.random(1)[0] ?? 0) & 0x3f,
    last: new Uint8Array(),
    tries: 0,
    sentAt: 0,
    rtt: -1,
    secure: undefined,
    asked: undefined,
    busy: undefined,
    queue: [],
  }
}

export function isOpen({ phase }: Session): boolean {
  return phase.is === 'ready'
}

export function end(session: Session, failure: Failure | undefined): Step {
  // The keys go with the session.
  const ended: Session = { ...session, phase: { is: 'ended' }, secure: undefined, asked: undefined, queue: [] }
  return [ended, [{ do: 'end', failure }]]
}

/** After each try, so long; a slow BMC needs a second and more for a code. */
export const WAITS: Readonly<Record<'version' | 'suites' | 'open' | 'rakp1' | 'rakp3', readonly number[]>> = {
  version: [1000, 1000, 2000, 2000, 2000],
  // Many do not know the question, and say nothing; without an answer, 17 is tried and then 3.
  suites: [700],
  open: [1000, 1000, 2000, 2000, 2000],
  rakp1: [1000, 1000, 2000],
  rakp3: [1000, 2000, 2000],
}
/** Says something outside of sessions. */
export function say(session: Session, phase: Phase & { is: keyof typeof WAITS }, bytes: Uint8Array, at: number): Step {
  const next: Session = { ...session, phase, last: bytes, tries: 1, sentAt: at }
  return [
    next,
    [
      { do: 'send', bytes },
      { do: 'wait', ms: WAITS[phase.is][0] ?? 0 },
    ],
  ]
}

/** Says something within the session, under the next sequence number. */
export function sealed(session: Session, payloadType: number, payload: Uint8Array): Step {
  const { secure, terms } = session
  if (!secure) return [session, []]
  // 0 is for packets outside of sessions (6.12.8).
  const sent = (secure.sent + 1) >>> 0 || 1
  const packet = { payloadType, sessionId: secure.managedId, sequence: sent, payload }
  const bytes = seal(secure.keys, packet, terms.random(16))
  return [{ ...session, secure: { ...secure, sent } }, [{ do: 'send', bytes }]]
}

/** Says the question again, or for the first time: the same IPMI sequence number lets the BMC notice a repetition. */
export function ask(session: Session, asked: Asked, at: number): Step {
  const [next, effects] = sealed(session, PAYLOAD.ipmi, encodeRequest(asked.request, session.sequence))
  return [{ ...next, asked, tries: session.tries + 1, sentAt: at }, effects]
}

/** Asks something new. */
export function askNew(session: Session, asked: Asked, at: number): Step {
  return ask({ ...session, sequence: (session.sequence + 1) & 0x3f, tries: 0, busy: undefined }, asked, at)
}

/** Karn: an answer to what was said twice says nothing about the time that one of them took. */
export function measured(session: Session, at: number): Session {
  if (session.tries !== 1) return session
  const sample = Math.max(0, at - session.sentAt)
  return { ...session, rtt: session.rtt < 0 ? sample : session.rtt + (sample - session.rtt) / 8 }
}

/** Whether a sequence number is new, and what is known of them then; undefined: heard before, or too old to tell. */
export function windowed(secure: Secure, sequence: number): Secure | undefined {
  // Proven packets may jump ahead as far as they like: after a burst of loss, a narrow window would never open again.
  const ahead = (sequence - secure.highest) | 0
  if (ahead > 0) {
    const heard = ahead > 31 ? 1 : ((secure.heard << ahead) | 1) >>> 0
    return { ...secure, highest: sequence, heard }
  }
  if (ahead < -31) return undefined
  const bit = (1 << -ahead) >>> 0
  return (secure.heard & bit) !== 0 ? undefined : { ...secure, heard: (secure.heard | bit) >>> 0 }
}
