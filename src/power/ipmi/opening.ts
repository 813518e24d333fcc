/**
 * What is asked of a BMC before the handshake: what it speaks, and which suites it has. The handshake itself is rakp.ts.
 * Pure, as session.ts, which does the rest.
 */
import { type Datagram, decodeResponse, encodeOld, encodePing, encodePlain, encodeRequest, PAYLOAD } from './codec.ts'
import { ASK_VERSION, askSuites, decodeSuites, decodeVersion, SUITES_AT_ONCE, SUITES_BY_STRENGTH } from './handshake.ts'
import { hearOpen, hearRakp2, hearRakp4, requestOpen, restart } from './rakp.ts'
import { end, measured, type Phase, type Session, type Step, say, WAITS } from './session-state.ts'

/** The list has 64 parts at most (22.15). */
const LAST_PART = 0x3f

export function askVersion(session: Session, at: number): Step {
  const sequence = (session.sequence + 1) & 0x3f
  return say({ ...session, sequence }, { is: 'version' }, encodeOld(encodeRequest(ASK_VERSION, sequence)), at)
}

/** A datagram that belongs to none of the sessions, or to the handshake. @throws DecodeError */
export function hearOpening(session: Session, datagram: Datagram, at: number): Step {
  const { phase } = session
  if (datagram.format === 'pong')
    return [{ ...session, heard: session.heard === 'nothing' ? 'pong' : session.heard }, []]
  if (datagram.format === 'ping') return [session, []]
  if (phase.is === 'version' || phase.is === 'suites') {
    if (datagram.format === 'rmcp+' && datagram.payloadType !== PAYLOAD.ipmi) return [session, []]
    if (datagram.sessionId !== 0) return [session, []]
    return hearAnswer(session, phase, datagram.payload, at)
  }
  if (datagram.format !== 'rmcp+' || datagram.encrypted || datagram.authenticated) return [session, []]
  if (phase.is === 'open' && datagram.payloadType === PAYLOAD.openResponse)
    return hearOpen(session, datagram.payload, at)
  if (phase.is === 'rakp1' && datagram.payloadType === PAYLOAD.rakp2)
    return hearRakp2(session, phase, datagram.payload, at)
  if (phase.is === 'rakp3' && datagram.payloadType === PAYLOAD.rakp4)
    return hearRakp4(session, phase, datagram.payload, at)
  return [session, []]
}

/** No answer in time. */
export function lateOpening(session: Session, at: number): Step {
  const { phase, last, tries } = session
  if (
    phase.is !== 'version' &&
    phase.is !== 'suites' &&
    phase.is !== 'open' &&
    phase.is !== 'rakp1' &&
    phase.is !== 'rakp3'
  ) {
    return [session, []]
  }
  const ms = WAITS[phase.is][tries]
  if (ms !== undefined) {
    const again = { do: 'send', bytes: last } as const
    // Whether anybody is there at all is worth knowing when nobody answers.
    const ping = { do: 'send', bytes: encodePing(tries) } as const
    const effects = phase.is === 'version' && tries > 1 ? [again, ping] : [again]
    return [{ ...session, tries: tries + 1, sentAt: at }, [...effects, { do: 'wait', ms }]]
  }
  if (phase.is === 'suites') return requestOpen(session, at)
  if (phase.is === 'rakp1' || phase.is === 'rakp3') return restart(session, at)
  return end(session, { what: 'silent', heard: session.heard })
}

function hearAnswer(session: Session, phase: Phase, payload: Uint8Array, at: number): Step {
  const response = decodeResponse(payload)
  const asked = phase.is === 'suites' ? askSuites(0) : ASK_VERSION
  if (response.sequence !== session.sequence || response.command !== asked.command) return [session, []]
  const heard: Session = { ...measured(session, at), heard: 'something' }
  if (phase.is === 'suites') return hearSuites(heard, phase.list, response, at)
  // A BMC of IPMI 1.5 may refuse the bit that asks for more.
  if (response.completion !== 0 || !decodeVersion(response.data)) return end(heard, { what: 'old' })
  const { suite, listsSuites } = session.terms
  return suite === undefined && listsSuites ? askPart(heard, new Uint8Array(), at) : requestOpen(heard, at)
}

function askPart(session: Session, list: Uint8Array, at: number): Step {
  const sequence = (session.sequence + 1) & 0x3f
  const request = encodeRequest(askSuites(list.length / SUITES_AT_ONCE), sequence)
  // As ipmitool asks: firmware is tested with that.
  return say({ ...session, sequence }, { is: 'suites', list }, encodePlain(PAYLOAD.ipmi, request), at)
}

function hearSuites(
  session: Session,
  list: Uint8Array,
  { completion, data }: { completion: number; data: Uint8Array },
  at: number,
): Step {
  const part = data.subarray(1)
  if (completion !== 0 || data.length === 0) return requestOpen(session, at)
  const whole = Buffer.concat([list, part])
  if (part.length === SUITES_AT_ONCE && whole.length / SUITES_AT_ONCE <= LAST_PART) return askPart(session, whole, at)
  const offered = decodeSuites(whole)
  const suites = SUITES_BY_STRENGTH.filter((suite) => offered.includes(suite))
  // A list without a single suite is no list.
  if (offered.length === 0) return requestOpen(session, at)
  if (suites.length === 0) return end({ ...session, offered }, { what: 'no-suite', offered, tried: [] })
  return requestOpen({ ...session, offered, suites }, at)
}
