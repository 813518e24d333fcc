/**
 * DNS messages (RFC 1035, EDNS0 of RFC 6891), a thin layer over dns-packet: queries from bytes, answers to bytes.
 *
 * Pure: what to answer is decide.ts; who listens is server.ts.
 */
import packet from 'dns-packet'
import { asBuffer, DecodeError } from '../lib/bytes.ts'

export const RCODE = { noError: 0, formErr: 1, servFail: 2, nxDomain: 3, notImp: 4, refused: 5, badVers: 16 } as const
export const OPCODE_QUERY = 0

export interface DnsQuestion {
  /** In the letters as asked (some resolvers mix them and want them back), without the last dot; empty for the root. */
  readonly name: string
  /** `A`, `PTR` …, `UNKNOWN_65` for one that has no name here. */
  readonly type: string
  readonly class: string
}

export interface DnsQuery {
  readonly id: number
  readonly opcode: number
  readonly recursionDesired: boolean
  readonly questions: readonly DnsQuestion[]
  /** The question section as it came: it is sent back as it is. */
  readonly wire: Uint8Array
  /** Undefined: the client knows nothing of EDNS. */
  readonly edns: { readonly version: number; readonly udpSize: number; readonly dnssecOk: boolean } | undefined
  /** The client checks signatures by itself (RFC 4035, 3.2.2). */
  readonly checkingDisabled: boolean
}

export type DnsRecord =
  | {
      readonly type: 'A' | 'AAAA' | 'CNAME' | 'PTR' | 'NS'
      readonly name: string
      readonly ttl: number
      readonly data: string
    }
  | { readonly type: 'SOA'; readonly name: string; readonly ttl: number; readonly data: Soa }

export interface Soa {
  readonly mname: string
  readonly rname: string
  readonly serial: number
  readonly refresh: number
  readonly retry: number
  readonly expire: number
  readonly minimum: number
}

export interface DnsAnswer {
  readonly rcode: number
  readonly authoritative: boolean
  /** Of other names too, for this client; unset: no. */
  readonly recursionAvailable?: boolean
  readonly answers: readonly DnsRecord[]
  readonly authorities: readonly DnsRecord[]
}

export const HEADER = 12
export const FLAG = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  checkingDisabled: 0x0010,
} as const
/** What is said of ourselves in EDNS: fits every path without fragments (the figure of the DNS flag day). */
export const OUR_UDP_SIZE = 1232

/** @throws DecodeError */
export function decodeQuery(bytes: Uint8Array): DnsQuery {
  const buffer = asBuffer(bytes)
  const decoded = decodePacket(buffer)
  if (decoded.flag_qr) throw new DecodeError('a DNS answer instead of a question')
  const { id = 0, flags = 0, questions = [], additionals = [] } = decoded
  const opts = additionals.filter(({ type }) => type === 'OPT')
  if (opts.length > 1) throw new DecodeError('a DNS query with two OPT records')
  const [opt] = opts
  return {
    id,
    opcode: (flags >> 11) & 15,
    recursionDesired: decoded.flag_rd,
    questions: questions.map(({ name, type, class: ofClass = 'IN' }) => ({
      name: name === '.' ? '' : name,
      type,
      class: ofClass,
    })),
    wire: buffer.subarray(HEADER, HEADER + questionsLength(buffer, questions.length)),
    edns:
      opt?.type === 'OPT'
        ? { version: opt.ednsVersion, udpSize: opt.udpPayloadSize, dnssecOk: opt.flag_do }
        : undefined,
    checkingDisabled: decoded.flag_cd,
  }
}

function decodePacket(buffer: Buffer): packet.DecodedPacket {
  try {
    return packet.decode(buffer)
  } catch (cause) {
    throw new DecodeError(`DNS message: ${cause instanceof Error ? cause.message : 'not understood'}`, { cause })
  }
}

/** Questions come first, so that no name in them can be shortened by a pointer but to itself. */
function questionsLength(buffer: Buffer, count: number): number {
  let at = HEADER
  for (let i = 0; i < count; i++) {
    while (true) {
      const length = buffer[at] ?? 0
      if (length >= 64) throw new DecodeError('a DNS question with a pointer in its name')
      at += 1 + length
      if (length === 0) break
    }
    at += 4
  }
  return at - HEADER
}

/**
 * @param limit bytes that the client can take; more becomes an answer without records that says so, and it asks by TCP
 */
export function encodeAnswer(query: DnsQuery, answer: DnsAnswer, limit: number): Uint8Array {
  const whole = encodeMessage(query, answer, 0)
  return whole.length <= limit
    ? whole
    : encodeMessage(query, { ...answer, answers: [], authorities: [] }, FLAG.truncated)
}

function encodeMessage(query: DnsQuery, answer: DnsAnswer, more: number): Uint8Array {
  const { id, opcode, recursionDesired, questions, wire, edns } = query
  const { rcode, authoritative, answers, authorities } = answer
  const message = packet.encode({
    type: 'response',
    id,
    flags:
      (opcode << 11) |
      (authoritative ? FLAG.authoritative : 0) |
      (recursionDesired ? FLAG.recursionDesired : 0) |
      (answer.recursionAvailable ? FLAG.recursionAvailable : 0) |
      (rcode & 15) |
      more,
    answers: [...answers],
    authorities: [...authorities],
    additionals: edns ? [optOf(rcode)] : [],
  })
  // The library writes every name whole, so nothing in it points to where it stands.
  const header = message.subarray(0, HEADER)
  header.writeUInt16BE(questions.length, 4)
  return Buffer.concat([header, wire, message.subarray(HEADER)])
}

function optOf(rcode: number): packet.OptAnswer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: OUR_UDP_SIZE,
    extendedRcode: rcode >> 4,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  }
}

/** What a query that nobody can read is answered with; undefined for what is no query at all: it gets silence. */
export function encodeFormErr(bytes: Uint8Array): Uint8Array | undefined {
  const buffer = asBuffer(bytes)
  if (buffer.length < HEADER || (buffer.readUInt16BE(2) & FLAG.response) !== 0) return undefined
  const answer = Buffer.alloc(HEADER)
  answer.writeUInt16BE(buffer.readUInt16BE(0), 0)
  const kept = buffer.readUInt16BE(2) & (0x7800 | FLAG.recursionDesired)
  answer.writeUInt16BE(FLAG.response | kept | RCODE.formErr, 2)
  return answer
}

/** RFC 1035, 4.2.1: 512 bytes by UDP, unless EDNS says more; never more than goes without fragments. */
export function udpLimit({ edns }: DnsQuery): number {
  return Math.min(Math.max(edns?.udpSize ?? 512, 512), OUR_UDP_SIZE)
}
