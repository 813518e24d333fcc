/**
 * The messages that open an RMCP+ session (IPMI 2.0, 13.17-13.23), bytes to values and back, and the two questions that
 * come before (22.13, 22.15). Our side only: what a console says and what it hears. Pure.
 */
import { asBuffer, DecodeError } from '../../lib/bytes.ts'
import type { IpmiRequest } from './codec.ts'
import type { Suite, SuiteId } from './crypto.ts'

export const PRIVILEGES = { user: 2, operator: 3, administrator: 4 } as const
export type Privilege = keyof typeof PRIVILEGES

/** Table 13-15, as far as something follows from it. */
export const STATUS = {
  ok: 0x00,
  noResources: 0x01,
  invalidSession: 0x02,
  badAuthentication: 0x04,
  badIntegrity: 0x05,
  noAuthentication: 0x06,
  noIntegrity: 0x07,
  inactiveSession: 0x08,
  badRole: 0x09,
  roleDenied: 0x0a,
  noResourcesForRole: 0x0b,
  badNameLength: 0x0c,
  unknownUser: 0x0d,
  badCode: 0x0f,
  badConfidentiality: 0x10,
  noSuite: 0x11,
} as const

/** The user is looked up by name alone, whatever privilege is asked for (13.20). */
const NAME_ONLY = 0x10
const THIS_CHANNEL = 0x0e
const APP = 0x06

/** Get Channel Authentication Capabilities: with bit 7, what a BMC of IPMI 2.0 can do is told too. */
export const ASK_VERSION: IpmiRequest = {
  netFn: APP,
  command: 0x38,
  data: Uint8Array.of(0x80 | THIS_CHANNEL, PRIVILEGES.operator),
}

/** True if it speaks RMCP+. @throws DecodeError */
export function decodeVersion(data: Uint8Array): boolean {
  if (data.length < 4) throw new DecodeError('IPMI authentication capabilities are cut short')
  return ((data[1] ?? 0) & 0x80) !== 0 && ((data[3] ?? 0) & 0x02) !== 0
}

/** Get Channel Cipher Suites: sixteen bytes of the list at a time. */
export function askSuites(index: number): IpmiRequest {
  return { netFn: APP, command: 0x54, data: Uint8Array.of(THIS_CHANNEL, 0, 0x80 | index) }
}

/** Bytes of the list in one answer; fewer end it. */
export const SUITES_AT_ONCE = 16

/** The numbers of standard suites in the list (table 22-19); what OEMs added is passed over. */
export function decodeSuites(list: Uint8Array): number[] {
  const suites: number[] = []
  for (let at = 0; at < list.length; ) {
    const kind = list[at]
    if (kind === 0xc0 && at + 1 < list.length) suites.push(list[at + 1] ?? 0)
    at += kind === 0xc1 ? 5 : 2
    // The algorithms, each marked by its two highest bits: the next record begins with both set.
    while (at < list.length && ((list[at] ?? 0) & 0xc0) !== 0xc0) at++
  }
  return suites
}

export function roleOf(privilege: Privilege): number {
  return NAME_ONLY | PRIVILEGES[privilege]
}

export function encodeOpenRequest(tag: number, privilege: Privilege, consoleId: number, suite: Suite): Buffer {
  const { authentication, integrity, confidentiality } = suite
  const algorithm = (type: number, number: number) => [type, 0, 0, 8, number, 0, 0, 0]
  return Buffer.concat([
    Buffer.from([tag, PRIVILEGES[privilege], 0, 0]),
    u32(consoleId),
    Buffer.from([...algorithm(0, authentication), ...algorithm(1, integrity), ...algorithm(2, confidentiality)]),
  ])
}

/** What RAKP 2, RAKP 4 and the open session response begin with; in a refusal some BMCs end after the status. */
interface Head {
  readonly tag: number
  readonly status: number
  /** Undefined only in a refusal that leaves it out. */
  readonly consoleId: number | undefined
}

export interface OpenResponse extends Head {
  readonly managedId: number
  readonly algorithms: readonly [authentication: number, integrity: number, confidentiality: number]
}

/** @throws DecodeError */
export function decodeOpenResponse(bytes: Uint8Array): OpenResponse {
  const head = decodeHead(bytes)
  if (head.status !== STATUS.ok) return { ...head, managedId: 0, algorithms: [0, 0, 0] }
  if (bytes.length < 36) throw new DecodeError('open session response is cut short')
  const managedId = asBuffer(bytes).readUInt32LE(8)
  // Null algorithms are wildcards only in a request; a BMC names what it chose.
  return { ...head, managedId, algorithms: [bytes[16] ?? 0, bytes[24] ?? 0, bytes[32] ?? 0] }
}

/** True if the BMC took the very algorithms that were asked for, and none weaker. */
export function isSuite(
  { algorithms: [authentication, integrity, confidentiality] }: OpenResponse,
  suite: Suite,
): boolean {
  return (
    authentication === suite.authentication &&
    integrity === suite.integrity &&
    confidentiality === suite.confidentiality
  )
}

export function encodeRakp1(
  tag: number,
  managedId: number,
  random: Uint8Array,
  role: number,
  user: Uint8Array,
): Buffer {
  return Buffer.concat([
    Buffer.from([tag, 0, 0, 0]),
    u32(managedId),
    random,
    Buffer.from([role, 0, 0, user.length]),
    user,
  ])
}

export interface Rakp2 extends Head {
  readonly random: Uint8Array
  readonly guid: Uint8Array
  readonly code: Uint8Array
}

/** @throws DecodeError */
export function decodeRakp2(bytes: Uint8Array, suite: Suite): Rakp2 {
  const head = decodeHead(bytes)
  const none = new Uint8Array()
  if (head.status !== STATUS.ok) return { ...head, random: none, guid: none, code: none }
  if (bytes.length < 40 + suite.codeLength) throw new DecodeError('RAKP 2 is cut short')
  return {
    ...head,
    random: bytes.subarray(8, 24),
    guid: bytes.subarray(24, 40),
    code: bytes.subarray(40, 40 + suite.codeLength),
  }
}

export function encodeRakp3(tag: number, status: number, managedId: number, code: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, status, 0, 0]), u32(managedId), code])
}

/** @throws DecodeError */
export function decodeRakp4(bytes: Uint8Array, suite: Suite): Head & { readonly code: Uint8Array } {
  const head = decodeHead(bytes)
  if (head.status !== STATUS.ok) return { ...head, code: new Uint8Array() }
  if (bytes.length < 8 + suite.shortLength) throw new DecodeError('RAKP 4 is cut short')
  return { ...head, code: bytes.subarray(8, 8 + suite.shortLength) }
}

function decodeHead(bytes: Uint8Array): Head {
  const [tag, status] = bytes
  if (tag === undefined || status === undefined) throw new DecodeError('RMCP+ answer is cut short')
  if (bytes.length >= 8) return { tag, status, consoleId: asBuffer(bytes).readUInt32LE(4) }
  if (status === STATUS.ok) throw new DecodeError('RMCP+ answer is cut short')
  return { tag, status, consoleId: undefined }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** Weakest last: the order in which they are tried. */
export const SUITES_BY_STRENGTH: readonly SuiteId[] = [17, 3]
