/**
 * A session with one BMC as a state machine: an event comes in, what to do comes out. Pure: the socket, the timer and
 * whoever asks are link.ts; chance and time come in with the terms and the events.
 *
 * It is open only after the BMC has proven that it knows the password (RAKP 2) and has come to the same keys (RAKP 4),
 * and from then on hears nothing that is not proven by them. One question is under way at a time: many BMCs have no
 * room for a second.
 */
import { DecodeError } from '../../lib/bytes.ts'
import { type Datagram, decode, decodeResponse, type IpmiResponse, PAYLOAD, unseal } from './codec.ts'
import { askVersion, hearOpening, lateOpening } from './opening.ts'
import { closeRequest, hearPrivilege, restart } from './rakp.ts'
import {
  type Asked,
  ask,
  askNew,
  end,
  measured,
  type Session,
  type SessionEvent,
  type Step,
  sealed,
  windowed,
} from './session-state.ts'

/** Tries of a question before the session counts as lost. */
const TRIES = 4
const WAIT = { least: 300, first: 1000, most: 2000 }
/** After an order that takes its time, and must not be given twice lightly. */
const SLOW_WAITS = [2000, 3000, 4000]
const CLOSING = { tries: 2, ms: 400 }
/** Any level may ask it, and every BMC answers: Get Device ID. */
const KEEP_ALIVE = { netFn: 0x06, command: 0x01, data: new Uint8Array() }
const NODE_BUSY = 0xc0

/** @param at milliseconds of a clock that is never set back */
export function step(session: Session, event: SessionEvent, at: number): Step {
  const { phase } = session
  if (phase.is === 'ended') return [session, []]
  switch (event.event) {
    case 'start':
      return phase.is === 'new' ? askVersion(session, at) : [session, []]
    case 'bytes':
      return hear(session, event.bytes, at)
    case 'timeout':
      return late(session, at)
    case 'request': {
      const asked = { id: event.id, request: event.request }
      if (phase.is === 'closing') return [session, []]
      return next({ ...session, queue: [...session.queue, asked] }, at)
    }
    case 'cancel':
      return [{ ...session, queue: session.queue.filter(({ id }) => id !== event.id) }, []]
    case 'send-sol':
      return phase.is === 'ready' ? sealed(session, PAYLOAD.sol, event.payload) : [session, []]
    case 'close':
      return close(session, at)
  }
}

/** What cannot be read, or is not proven, was never said. */
function hear(session: Session, bytes: Uint8Array, at: number): Step {
  try {
    const datagram = decode(bytes)
    return session.secure ? hearSecure(session, datagram, at) : hearOpening(session, datagram, at)
  } catch (error) {
    if (error instanceof DecodeError) return [session, []]
    throw error
  }
}

function hearSecure(session: Session, datagram: Datagram, at: number): Step {
  const { secure, terms } = session
  if (!secure || datagram.format !== 'rmcp+' || datagram.sessionId !== terms.consoleId) return [session, []]
  const payload = unseal(secure.keys, datagram)
  const known = windowed(secure, datagram.sequence)
  if (!known) return [session, []]
  const heard: Session = { ...session, secure: known }
  if (datagram.payloadType === PAYLOAD.sol) return [heard, [{ do: 'sol', payload: Uint8Array.from(payload) }]]
  if (datagram.payloadType !== PAYLOAD.ipmi) return [heard, []]
  return hearResponse(heard, decodeResponse(payload), at)
}

function hearResponse(session: Session, response: IpmiResponse & { readonly sequence: number }, at: number): Step {
  const { asked, phase } = session
  if (!asked || response.sequence !== session.sequence) return [session, []]
  if (response.command !== asked.request.command || response.netFn !== asked.request.netFn) return [session, []]
  // It will be asked again when the time is up.
  if (response.completion === NODE_BUSY) return [{ ...session, busy: response }, []]
  if (phase.is === 'closing') return end(session, undefined)
  if (phase.is === 'raise') {
    const [opened, effects] = hearPrivilege(session, response.completion, response.data[0], at)
    if (opened.phase.is !== 'ready') return [opened, effects]
    const [busy, more] = next(opened, at)
    return [busy, [...effects, ...more]]
  }
  return answered(measured(session, at), asked, response, at)
}

function answered(session: Session, { id }: Asked, response: IpmiResponse, at: number): Step {
  const [idle, effects] = next({ ...session, asked: undefined, tries: 0, busy: undefined }, at)
  if (id === undefined) return [idle, effects]
  // The datagram's memory is not ours to keep.
  const answer = { ...response, data: Uint8Array.from(response.data) }
  return [idle, [{ do: 'answer', id, response: answer }, ...effects]]
}

/** The next question, if none is under way; else, a while of rest. */
function next(session: Session, at: number): Step {
  if (session.phase.is !== 'ready' || session.asked) return [session, []]
  const [asked, ...queue] = session.queue
  if (!asked) return [session, [{ do: 'wait', ms: session.terms.keepAliveMs }]]
  return asking(askNew({ ...session, queue }, asked, at))
}

function late(session: Session, at: number): Step {
  const { phase, asked, tries, busy } = session
  switch (phase.is) {
    case 'ready': {
      if (!asked) return asking(askNew(session, { id: undefined, request: KEEP_ALIVE }, at))
      // "Busy" was an answer: what is asked now is another question, not a repetition of the one that was answered.
      const sequence = busy ? (session.sequence + 1) & 0x3f : session.sequence
      if (tries < triesOf(asked)) return asking(ask({ ...session, sequence }, asked, at))
      return busy ? answered(session, asked, busy, at) : end(session, { what: 'lost' })
    }
    case 'raise':
      // A BMC that was restarted between RAKP 4 and here knows nothing of us.
      return asked && tries < TRIES ? asking(ask(session, asked, at)) : restart({ ...session, asked: undefined }, at)
    case 'closing':
      return asked && tries < CLOSING.tries ? closing(ask(session, asked, at)) : end(session, undefined)
    default:
      return lateOpening(session, at)
  }
}

/** Tells the BMC, so that it need not keep one of its few slots until it tires of waiting. */
function close(session: Session, at: number): Step {
  const { secure, phase } = session
  if (phase.is === 'closing') return [session, []]
  if (!secure) return end(session, undefined)
  const leaving: Session = { ...session, phase: { is: 'closing' }, queue: [] }
  return closing(askNew(leaving, { id: undefined, request: closeRequest(secure.managedId) }, at))
}

function closing([session, effects]: Step): Step {
  return [session, [...effects, { do: 'wait', ms: CLOSING.ms }]]
}

/** With the wait that belongs to the question and the number of the try. */
function asking([session, effects]: Step): Step {
  return [session, [...effects, { do: 'wait', ms: waitOf(session) }]]
}

function triesOf({ request }: Asked): number {
  return request.slow ? SLOW_WAITS.length : TRIES
}

/** It follows the round trip, and doubles with every try. */
function waitOf({ asked, tries, rtt }: Session): number {
  if (asked?.request.slow) return SLOW_WAITS[tries - 1] ?? WAIT.most
  const first = rtt < 0 ? WAIT.first : Math.min(WAIT.first, Math.max(WAIT.least, 4 * rtt))
  return Math.min(WAIT.most, first * 2 ** (tries - 1))
}
