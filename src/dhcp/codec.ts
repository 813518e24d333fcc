/**
 * DHCP packets (RFC 2131 section 2), bytes to values and back.
 *
 * Pure: no socket, no clock. What a packet asks is request.ts, what to answer is decide.ts, who listens is server.ts.
 */
import { asBuffer, DecodeError } from '../lib/bytes.ts'
import { type Ipv4, ipv4OfNumber, ipv4ToNumber } from '../model/address.ts'
import { type DhcpOptions, decodeOptions, encodeOptions, OPTION, readU8, sizeOf } from './options.ts'

export interface DhcpPacket {
  readonly op: 'request' | 'reply'
  readonly htype: number
  /** Bytes of `chaddr` that count. */
  readonly hlen: number
  readonly hops: number
  readonly xid: number
  readonly secs: number
  /** The highest bit is BROADCAST. */
  readonly flags: number
  readonly ciaddr: Ipv4
  readonly yiaddr: Ipv4
  readonly siaddr: Ipv4
  readonly giaddr: Ipv4
  /** 16 bytes. */
  readonly chaddr: Uint8Array
  /** Empty when the field carries options. */
  readonly sname: string
  readonly file: string
  readonly options: DhcpOptions
  /** Options in place of the texts of these two; read, they are among the others. */
  readonly overload?: { readonly file?: DhcpOptions | undefined; readonly sname?: DhcpOptions | undefined }
}

export const BROADCAST = 0x8000
/** Bytes of text that the two fields hold, a NUL at the end. */
export const SNAME_ROOM = 63
export const FILE_ROOM = 127
/** Where options begin: 236 bytes of BOOTP and the magic cookie. */
export const HEADER_SIZE = 240

const COOKIE = 0x63825363
const OPS = { request: 1, reply: 2 } as const
/** BOOTP clients and relays drop what is shorter (RFC 1542 section 2.1). */
const LEAST_SIZE = 300
const [SNAME_AT, FILE_AT, COOKIE_AT] = [44, 108, 236]

/** @throws DecodeError */
export function decode(bytes: Uint8Array): DhcpPacket {
  const buf = asBuffer(bytes)
  if (buf.length < HEADER_SIZE) throw new DecodeError(`DHCP packet of ${buf.length} bytes`)
  if (buf.readUInt32BE(COOKIE_AT) !== COOKIE) throw new DecodeError('BOOTP packet without the DHCP cookie')
  const op = buf[0] === OPS.request ? 'request' : buf[0] === OPS.reply ? 'reply' : undefined
  if (op === undefined) throw new DecodeError(`DHCP op ${buf[0]}`)

  const sname = bytes.subarray(SNAME_AT, FILE_AT)
  const file = bytes.subarray(FILE_AT, COOKIE_AT)
  const options = new Map<number, Uint8Array>()
  decodeOptions(bytes.subarray(HEADER_SIZE), options)
  // RFC 2132 section 9.3: 1 = `file` holds options, 2 = `sname`, 3 = both; `file` is read first.
  const overload = readU8(options, OPTION.overload) ?? 0
  if (overload & 1) decodeOptions(file, options)
  if (overload & 2) decodeOptions(sname, options)
  options.delete(OPTION.overload)

  return {
    op,
    htype: buf.readUInt8(1),
    hlen: buf.readUInt8(2),
    hops: buf.readUInt8(3),
    xid: buf.readUInt32BE(4),
    secs: buf.readUInt16BE(8),
    flags: buf.readUInt16BE(10),
    ciaddr: ipv4OfNumber(buf.readUInt32BE(12)),
    yiaddr: ipv4OfNumber(buf.readUInt32BE(16)),
    siaddr: ipv4OfNumber(buf.readUInt32BE(20)),
    giaddr: ipv4OfNumber(buf.readUInt32BE(24)),
    chaddr: bytes.subarray(28, SNAME_AT),
    sname: overload & 2 ? '' : textOf(sname),
    file: overload & 1 ? '' : textOf(file),
    options,
  }
}

/** `sname` and `file` are cut where their fields end; options that are too long for one are split. */
export function encode(packet: DhcpPacket): Uint8Array {
  let size = HEADER_SIZE + 1
  for (const value of packet.options.values()) size += sizeOf(value)
  // All zeros: what is not written is padding.
  const buf = Buffer.alloc(Math.max(size, LEAST_SIZE))
  buf.writeUInt8(OPS[packet.op], 0)
  buf.writeUInt8(packet.htype, 1)
  buf.writeUInt8(packet.hlen, 2)
  buf.writeUInt8(packet.hops, 3)
  buf.writeUInt32BE(packet.xid, 4)
  buf.writeUInt16BE(packet.secs, 8)
  buf.writeUInt16BE(packet.flags, 10)
  buf.writeUInt32BE(ipv4ToNumber(packet.ciaddr), 12)
  buf.writeUInt32BE(ipv4ToNumber(packet.yiaddr), 16)
  buf.writeUInt32BE(ipv4ToNumber(packet.siaddr), 20)
  buf.writeUInt32BE(ipv4ToNumber(packet.giaddr), 24)
  buf.set(packet.chaddr.subarray(0, 16), 28)
  const { overload = {} } = packet
  if (overload.sname) encodeOptions(overload.sname, buf, SNAME_AT)
  else buf.write(packet.sname, SNAME_AT, SNAME_ROOM, 'latin1')
  if (overload.file) encodeOptions(overload.file, buf, FILE_AT)
  else buf.write(packet.file, FILE_AT, FILE_ROOM, 'latin1')
  buf.writeUInt32BE(COOKIE, COOKIE_AT)
  encodeOptions(packet.options, buf, HEADER_SIZE)
  return buf
}

function textOf(field: Uint8Array): string {
  const end = field.indexOf(0)
  return asBuffer(end < 0 ? field : field.subarray(0, end)).toString('latin1')
}
