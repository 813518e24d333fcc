/**
 * The handshake that opens a session: open session, RAKP 1-4 and the privilege (IPMI 2.0, 13.17-13.24). What comes before
 * is opening.ts. Pure.
 */
import { encodePlain, encodeRequest, PAYLOAD } from './codec.ts'
import { type Exchange, isSame, keysOf, rakp2Code, rakp3Code, rakp4Code, SUITES, sessionKey } from './crypto.ts'
import {
  decodeOpenResponse,
  decodeRakp2,
  decodeRakp4,
  encodeOpenRequest,
  encodeRakp1,
  encodeRakp3,
  isSuite,
  type OpenResponse,
  PRIVILEGES,
  roleOf,
  STATUS,
  SUITES_BY_STRENGTH,
} from './handshake.ts'
import { askNew, end, type Phase, type Session, type SessionRequest, type Step, say, sealed } from './session-state.ts'

const RESTARTS = 3
const SET_PRIVILEGE = { netFn: 0x06, command: 0x3b }
const CLOSE_SESSION = { netFn: 0x06, command: 0x3c }
const PRIVILEGE_DENIED = [0x80, 0x81]

const SUITE_REFUSED: readonly number[] = [
  STATUS.badAuthentication,
  STATUS.badIntegrity,
  STATUS.noAuthentication,
  STATUS.noIntegrity,
  STATUS.badConfidentiality,
  STATUS.noSuite,
]

/** Begins the handshake again: the BMC has lost its thread, or we have. */
export function restart(session: Session, at: number): Step {
  if (session.restarts === RESTARTS) return end(session, { what: 'silent', heard: session.heard })
  return requestOpen({ ...session, restarts: session.restarts + 1, secure: undefined }, at)
}

/** Ends a session that the BMC holds open: its slots are few. */
export function closeRequest(managedId: number): SessionRequest {
  const data = Buffer.alloc(4)
  data.writeUInt32LE(managedId)
  return { ...CLOSE_SESSION, data }
}

/** Every session begins at "user": the privilege is asked for (22.18). */
export function hearPrivilege(session: Session, completion: number, level: number | undefined, at: number): Step {
  const [privilege = 'user'] = session.privileges
  if (completion === 0 && (level === undefined || (level & 0x0f) >= PRIVILEGES[privilege])) {
    return [{ ...session, phase: { is: 'ready' }, asked: undefined, tries: 0 }, [{ do: 'opened' }]]
  }
  const [left, effects] = goodbye(session)
  const denied = completion === 0 || PRIVILEGE_DENIED.includes(completion)
  const [next, more] = denied
    ? nextPrivilege(left, at)
    : end(left, { what: 'status', step: 'the privilege', status: completion })
  return [next, [...effects, ...more]]
}

export function requestOpen(session: Session, at: number): Step {
  const { suites, privileges, terms } = session
  const [suite] = suites
  const [privilege] = privileges
  const tag = (session.tag + 1) & 0xff
  if (suite === undefined) {
    const tried = terms.suite
      ? [terms.suite]
      : SUITES_BY_STRENGTH.filter((one) => session.offered?.includes(one) ?? true)
    return end(session, { what: 'no-suite', offered: session.offered, tried })
  }
  if (privilege === undefined) return end(session, { what: 'privilege', wanted: terms.privileges[0] ?? 'operator' })
  const payload = encodeOpenRequest(tag, privilege, terms.consoleId, SUITES[suite])
  return say({ ...session, tag }, { is: 'open' }, encodePlain(PAYLOAD.openRequest, payload), at)
}

export function hearOpen(session: Session, payload: Uint8Array, at: number): Step {
  const response = decodeOpenResponse(payload)
  if (!isOurs(session, response)) return [session, []]
  const heard: Session = { ...session, heard: 'something' }
  const [id = 17] = session.suites
  if (SUITE_REFUSED.includes(response.status)) return requestOpen({ ...heard, suites: session.suites.slice(1) }, at)
  if (response.status !== STATUS.ok) return refused(heard, 'opening a session', response.status, at)
  // It took the request for something weaker: with that, nothing would be proven.
  if (!isSuite(response as OpenResponse, SUITES[id]))
    return requestOpen({ ...heard, suites: session.suites.slice(1) }, at)
  const { terms, privileges } = session
  const random = terms.random(16)
  const tag = (session.tag + 1) & 0xff
  const message = encodeRakp1(tag, response.managedId, random, roleOf(privileges[0] ?? 'operator'), terms.user)
  const phase = { is: 'rakp1', managedId: response.managedId, random } as const
  return say({ ...heard, tag }, phase, encodePlain(PAYLOAD.rakp1, message), at)
}

export function hearRakp2(session: Session, phase: Phase & { is: 'rakp1' }, payload: Uint8Array, at: number): Step {
  const { terms, privileges } = session
  const suite = SUITES[session.suites[0] ?? 17]
  const response = decodeRakp2(payload, suite)
  if (!isOurs(session, response)) return [session, []]
  if (response.status !== STATUS.ok) return refused(session, 'RAKP 2', response.status, at)
  const exchange: Exchange = {
    suite,
    consoleId: terms.consoleId,
    managedId: phase.managedId,
    consoleRandom: phase.random,
    // The datagram's memory is not ours to keep.
    managedRandom: Uint8Array.from(response.random),
    guid: Uint8Array.from(response.guid),
    role: roleOf(privileges[0] ?? 'operator'),
    user: terms.user,
  }
  const tag = (session.tag + 1) & 0xff
  const rakp3 = (status: number, code: Uint8Array) =>
    encodePlain(PAYLOAD.rakp3, encodeRakp3(tag, status, phase.managedId, code))
  if (!isSame(rakp2Code(exchange, terms.password), response.code)) {
    const [ended, effects] = end(session, { what: 'wrong-password' })
    // So that the BMC forgets the half-open session.
    return [ended, [{ do: 'send', bytes: rakp3(STATUS.badCode, new Uint8Array()) }, ...effects]]
  }
  const next = { is: 'rakp3', exchange, sik: sessionKey(exchange, terms.password) } as const
  return say({ ...session, tag }, next, rakp3(STATUS.ok, rakp3Code(exchange, terms.password)), at)
}

export function hearRakp4(
  session: Session,
  { exchange, sik }: Phase & { is: 'rakp3' },
  payload: Uint8Array,
  at: number,
): Step {
  const response = decodeRakp4(payload, exchange.suite)
  if (!isOurs(session, response)) return [session, []]
  if (response.status !== STATUS.ok) return refused(session, 'RAKP 4', response.status, at)
  if (!isSame(rakp4Code(exchange, sik), response.code)) return end(session, { what: 'bmc-key' })
  const keys = keysOf(exchange.suite, sik)
  const secure = { keys, managedId: exchange.managedId, sent: 0, highest: 0, heard: 1 }
  const [privilege = 'operator'] = session.privileges
  const request = { ...SET_PRIVILEGE, data: Uint8Array.of(PRIVILEGES[privilege]) }
  const [next, effects] = askNew({ ...session, phase: { is: 'raise' }, secure }, { id: undefined, request }, at)
  return [next, [...effects, { do: 'wait', ms: 1000 }]]
}

/** Says that a session is over, without waiting for an answer. */
function goodbye(session: Session): Step {
  const managedId = session.secure?.managedId ?? 0
  return sealed(session, PAYLOAD.ipmi, encodeRequest(closeRequest(managedId), session.sequence + 1))
}

/** The status of an answer that is no yes. */
function refused(session: Session, step: string, status: number, at: number): Step {
  switch (status) {
    case STATUS.invalidSession:
    case STATUS.inactiveSession:
      // It has forgotten the first half: it was restarted, or what was said twice was taken for a second beginning.
      return session.restarts < RESTARTS ? restart(session, at) : end(session, { what: 'status', step, status })
    case STATUS.badRole:
    case STATUS.roleDenied:
      return nextPrivilege(session, at)
    case STATUS.noResources:
    case STATUS.noResourcesForRole:
      return end(session, { what: 'no-slot' })
    case STATUS.unknownUser:
    case STATUS.badNameLength:
      return end(session, { what: 'unknown-user' })
    case STATUS.badCode:
      return end(session, { what: 'wrong-password' })
    default:
      return end(session, { what: 'status', step, status })
  }
}

function nextPrivilege(session: Session, at: number): Step {
  return requestOpen({ ...session, privileges: session.privileges.slice(1), secure: undefined, asked: undefined }, at)
}

/** A refusal may leave the session id out, or say 0; the tag is always there. */
function isOurs(
  { tag, terms }: Session,
  head: { tag: number; status: number; consoleId: number | undefined },
): boolean {
  if (head.tag !== tag) return false
  return head.consoleId === terms.consoleId || (head.status !== STATUS.ok && !head.consoleId)
}
