/**
 * Messages that pass through us: a client's question as it is put to a resolver, and the resolver's answer as the client gets
 * it. Records are handed on as they came, of whatever type; only their bounds are looked at. Pure.
 */
import { asBuffer, DecodeError } from '../lib/bytes.ts'
import { type DnsQuery, encodeAnswer, FLAG, HEADER, OUR_UDP_SIZE, RCODE } from './codec.ts'

const OPT = 41
const SOA = 6
const DNSSEC_OK = 0x8000

/** EDNS is from one hop to the next (RFC 6891, 6.2.6): of the client's only that it is there, and the DO bit, go on. */
export function encodeForward({ wire, edns, checkingDisabled }: DnsQuery, id: number): Uint8Array {
  const header = Buffer.alloc(HEADER)
  header.writeUInt16BE(id, 0)
  header.writeUInt16BE(FLAG.recursionDesired | (checkingDisabled ? FLAG.checkingDisabled : 0), 2)
  header.writeUInt16BE(1, 4)
  if (!edns) return Buffer.concat([header, wire])
  header.writeUInt16BE(1, 10)
  const opt = Buffer.alloc(11)
  opt.writeUInt16BE(OPT, 1)
  opt.writeUInt16BE(OUR_UDP_SIZE, 3)
  opt.writeUInt16BE(edns.dnssecOk ? DNSSEC_OK : 0, 7)
  return Buffer.concat([header, wire, opt])
}

/** Who forges an answer must know the id, the port and the question (RFC 5452, 9.1). */
export function isAnswerTo({ wire }: DnsQuery, id: number, bytes: Uint8Array): boolean {
  const buffer = asBuffer(bytes)
  if (buffer.length < HEADER + wire.length || buffer.readUInt16BE(0) !== id) return false
  const flags = buffer.readUInt16BE(2)
  if ((flags & FLAG.response) === 0 || ((flags >> 11) & 15) !== 0 || buffer.readUInt16BE(4) !== 1) return false
  const [asked, answered] = [asBuffer(wire), buffer.subarray(HEADER, HEADER + wire.length)]
  const name = wire.length - 4
  return (
    asked.subarray(name).equals(answered.subarray(name)) &&
    lettersOf(asked.subarray(0, name)) === lettersOf(answered.subarray(0, name))
  )
}

const lettersOf = (name: Buffer): string => name.toString('latin1').toLowerCase()

export function isTruncated(answer: Uint8Array): boolean {
  return (asBuffer(answer).readUInt16BE(2) & FLAG.truncated) !== 0
}

export function rcodeOf(answer: Uint8Array): number {
  return (answer[3] ?? 0) & 15
}

export interface Life {
  /** How long it may be kept; 0: not at all. */
  readonly seconds: number
  /** Where its TTLs stand. */
  readonly ttls: readonly number[]
}

/** A record that says a week is asked for again after an hour; that there is none, after a minute. */
const [MOST_SECONDS, MOST_NEGATIVE_SECONDS] = [3600, 60]

/**
 * Walks through all records of an answer.
 * @throws DecodeError when they are not all there
 */
export function lifeOf({ wire }: DnsQuery, answer: Uint8Array): Life {
  const buffer = asBuffer(answer)
  const counts = [6, 8, 10].map((at) => buffer.readUInt16BE(at))
  const [answers = 0] = counts
  const ttls: number[] = []
  let [at, seconds, soa] = [HEADER + wire.length, MOST_SECONDS, 0]
  const all = counts.reduce((sum, count) => sum + count)
  for (let index = 0; index < all; index++) {
    at = afterName(buffer, at)
    if (at + 10 > buffer.length) throw new DecodeError('a DNS answer that ends within a record')
    const type = buffer.readUInt16BE(at)
    if (type !== OPT) {
      const ttl = buffer.readUInt32BE(at + 4)
      ttls.push(at + 4)
      // RFC 2181, section 8: one with the highest bit is zero.
      if (index < answers) seconds = Math.min(seconds, ttl > 0x7fff_ffff ? 0 : ttl)
      else if (type === SOA) soa = Math.min(ttl, MOST_NEGATIVE_SECONDS)
    }
    at += 10 + buffer.readUInt16BE(at + 8)
    if (at > buffer.length) throw new DecodeError('a DNS answer that ends within a record')
  }
  const rcode = rcodeOf(answer)
  const isKept = (rcode === RCODE.noError || rcode === RCODE.nxDomain) && !isTruncated(answer)
  // RFC 2308, section 5: that there is nothing lives as long as the SOA beside it.
  const kept = answers === 0 || rcode === RCODE.nxDomain ? Math.min(seconds, soa) : seconds
  return { seconds: isKept ? kept : 0, ttls }
}

/** Pointers are not followed: where they lead is the client's matter, and who does not follow cannot run in circles. */
function afterName(buffer: Buffer, start: number): number {
  let at = start
  while (true) {
    const length = buffer[at]
    if (length === undefined) throw new DecodeError('a DNS answer that ends within a name')
    if (length >= 0xc0) return at + 2
    if (length >= 64) throw new DecodeError('a DNS answer with a label of an unknown kind')
    at += 1 + length
    if (length === 0) return at
  }
}

/**
 * A resolver's answer as our client gets it: its own id and letters, and not on our authority.
 * @param age seconds since it came
 * @param limit bytes that the client can take
 */
export function encodeRelayed(
  query: DnsQuery,
  answer: Uint8Array,
  { ttls }: Life,
  age: number,
  limit: number,
): Uint8Array {
  if (answer.length > limit) {
    const none = {
      rcode: rcodeOf(answer),
      authoritative: false,
      recursionAvailable: true,
      answers: [],
      authorities: [],
    }
    return encodeAnswer(query, none, 0)
  }
  const buffer = Buffer.from(answer)
  const flags = buffer.readUInt16BE(2) & ~(FLAG.authoritative | FLAG.recursionDesired)
  buffer.writeUInt16BE(query.id, 0)
  buffer.writeUInt16BE(flags | FLAG.recursionAvailable | (query.recursionDesired ? FLAG.recursionDesired : 0), 2)
  buffer.set(query.wire, HEADER)
  for (const at of ttls) buffer.writeUInt32BE(Math.max(0, buffer.readUInt32BE(at) - age), at)
  return buffer
}
