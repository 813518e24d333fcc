/**
 * IPMI over LAN, bytes to values and back: RMCP and ASF's ping (IPMI 2.0, 13.1-13.3), the session headers of IPMI 1.5
 * and RMCP+ (13.6), and IPMI messages with their checksums (13.8). The messages that open a session are handshake.ts,
 * what the codes prove is crypto.ts. Pure.
 */
import { asBuffer, DecodeError } from '../../lib/bytes.ts'
import { decryptPayload, encryptPayload, isSame, packetCode, type SessionKeys } from './crypto.ts'

export const PAYLOAD = {
  ipmi: 0x00,
  sol: 0x01,
  openRequest: 0x10,
  openResponse: 0x11,
  rakp1: 0x12,
  rakp2: 0x13,
  rakp3: 0x14,
  rakp4: 0x15,
} as const

export type Datagram =
  | { readonly format: 'ping'; readonly tag: number }
  /** @property ipmi it says that it speaks IPMI */
  | { readonly format: 'pong'; readonly tag: number; readonly ipmi: boolean }
  /** IPMI 1.5. */
  | { readonly format: 'v1.5'; readonly sessionId: number; readonly sequence: number; readonly payload: Uint8Array }
  | RmcpPlus

export interface RmcpPlus {
  readonly format: 'rmcp+'
  readonly payloadType: number
  readonly encrypted: boolean
  readonly authenticated: boolean
  readonly sessionId: number
  readonly sequence: number
  readonly payload: Uint8Array
  /** The datagram from the session header to its end: what the trailer is about, and the trailer. */
  readonly session: Uint8Array
}

export interface IpmiRequest {
  readonly netFn: number
  readonly command: number
  readonly data: Uint8Array
}

export interface IpmiResponse {
  readonly netFn: number
  readonly command: number
  readonly completion: number
  readonly data: Uint8Array
}

const RMCP = { version: 6, noAck: 0xff, asf: 6, ipmi: 7 } as const
const ASF = { iana: 4542, pong: 0x40, ping: 0x80 } as const
const RMCP_PLUS = 6
const BMC_ADDRESS = 0x20
/** What remote consoles call themselves (5.5). */
const CONSOLE_ADDRESS = 0x81
const NEXT_HEADER = 7

/** @throws DecodeError */
export function decode(bytes: Uint8Array): Datagram {
  const buffer = asBuffer(bytes)
  if (buffer.length < 4) throw new DecodeError(`RMCP datagram of ${buffer.length} bytes`)
  if (buffer[0] !== RMCP.version) throw new DecodeError(`RMCP version ${buffer[0]}`)
  switch (buffer[3]) {
    case RMCP.asf:
      return decodeAsf(buffer.subarray(4))
    case RMCP.ipmi:
      return buffer[4] === RMCP_PLUS ? decodeRmcpPlus(buffer.subarray(4)) : decodeOld(buffer.subarray(4))
    default:
      throw new DecodeError(`RMCP class ${buffer[3]}`)
  }
}

function decodeAsf(asf: Buffer): Datagram {
  if (asf.length < 8 || asf.readUInt32BE(0) !== ASF.iana) throw new DecodeError('no ASF message')
  const [type, tag = 0] = asf.subarray(4)
  if (type === ASF.ping) return { format: 'ping', tag }
  if (type !== ASF.pong) throw new DecodeError(`ASF message ${type}`)
  if (asf.length < 24) throw new DecodeError('ASF pong is cut short')
  return { format: 'pong', tag, ipmi: ((asf[16] ?? 0) & 0x80) !== 0 }
}

function decodeOld(session: Buffer): Datagram {
  if (session[0] !== 0) throw new DecodeError(`IPMI 1.5 authentication ${session[0]}`)
  const length = session[9]
  if (length === undefined || session.length < 10 + length) throw new DecodeError('IPMI 1.5 message is cut short')
  return {
    format: 'v1.5',
    sequence: session.readUInt32LE(1),
    sessionId: session.readUInt32LE(5),
    payload: session.subarray(10, 10 + length),
  }
}

function decodeRmcpPlus(session: Buffer): RmcpPlus {
  if (session.length < 12) throw new DecodeError('RMCP+ header is cut short')
  const flags = session[1] ?? 0
  // The OEM payload's six more bytes are nothing that we ask for.
  if ((flags & 0x3f) === 2) throw new DecodeError('RMCP+ OEM payload')
  const length = session.readUInt16LE(10)
  if (session.length < 12 + length) throw new DecodeError('RMCP+ payload is cut short')
  return {
    format: 'rmcp+',
    payloadType: flags & 0x3f,
    encrypted: (flags & 0x80) !== 0,
    authenticated: (flags & 0x40) !== 0,
    sessionId: session.readUInt32LE(2),
    sequence: session.readUInt32LE(6),
    payload: session.subarray(12, 12 + length),
    session,
  }
}

/** The datagram of one that asks whether anybody speaks RMCP there. */
export function encodePing(tag: number): Buffer {
  return Buffer.from([RMCP.version, 0, RMCP.noAck, RMCP.asf, 0, 0, 0x11, 0xbe, ASF.ping, tag, 0, 0])
}

/** Outside of any session, as IPMI 1.5 has it. */
export function encodeOld(payload: Uint8Array): Buffer {
  return Buffer.concat([rmcp(), Buffer.alloc(9), Buffer.from([payload.length]), payload])
}

/** Outside of any session, as RMCP+ has it. */
export function encodePlain(payloadType: number, payload: Uint8Array): Buffer {
  return Buffer.concat([rmcp(), header(payloadType, 0, 0, payload.length), payload])
}

/** Within a session: encrypted, and proven. @param iv 16 random bytes */
export function seal(
  keys: SessionKeys,
  packet: Pick<RmcpPlus, 'payloadType' | 'sessionId' | 'sequence' | 'payload'>,
  iv: Uint8Array,
): Buffer {
  const payload = encryptPayload(keys, packet.payload, iv)
  const head = header(0xc0 | packet.payloadType, packet.sessionId, packet.sequence, payload.length)
  // The trailer is filled so that what is proven is a multiple of four (13.28.4).
  const pad = (4 - ((head.length + payload.length + 2) % 4)) % 4
  const signed = Buffer.concat([head, payload, Buffer.alloc(pad, 0xff), Buffer.from([pad, NEXT_HEADER])])
  return Buffer.concat([rmcp(), signed, packetCode(keys, signed)])
}

/** The payload of a packet of a session. @throws DecodeError if it is not proven, not encrypted or damaged */
export function unseal(keys: SessionKeys, { encrypted, authenticated, payload, session }: RmcpPlus): Buffer {
  if (!encrypted || !authenticated) throw new DecodeError('RMCP+ packet that is not proven and encrypted')
  const end = session.length - keys.suite.shortLength
  // Payload, at least the two bytes of pad length and next header, and the code.
  if (end < 12 + payload.length + 2) throw new DecodeError('RMCP+ trailer is cut short')
  if (!isSame(packetCode(keys, session.subarray(0, end)), session.subarray(end))) {
    throw new DecodeError('RMCP+ packet with a wrong code')
  }
  return decryptPayload(keys, payload)
}

export function encodeRequest({ netFn, command, data }: IpmiRequest, sequence: number): Buffer {
  const message = Buffer.alloc(7 + data.length)
  message[0] = BMC_ADDRESS
  message[1] = netFn << 2
  message[2] = checksum(message, 0, 2)
  message[3] = CONSOLE_ADDRESS
  message[4] = (sequence & 0x3f) << 2
  message[5] = command
  message.set(data, 6)
  message[message.length - 1] = checksum(message, 3, message.length - 1)
  return message
}

/** @throws DecodeError */
export function decodeResponse(bytes: Uint8Array): IpmiResponse & { readonly sequence: number } {
  // Some BMCs fill short messages: what counts is that the header's sum is right, and a sum ends what follows.
  if (bytes.length < 8) throw new DecodeError(`IPMI response of ${bytes.length} bytes`)
  if (checksum(bytes, 0, 2) !== bytes[2]) throw new DecodeError('IPMI header with a wrong checksum')
  if (checksum(bytes, 3, bytes.length - 1) !== bytes[bytes.length - 1])
    throw new DecodeError('IPMI message with a wrong checksum')
  const netFn = (bytes[1] ?? 0) >> 2
  if ((netFn & 1) === 0) throw new DecodeError('IPMI request where a response should be')
  return {
    netFn: netFn & ~1,
    sequence: (bytes[4] ?? 0) >> 2,
    command: bytes[5] ?? 0,
    completion: bytes[6] ?? 0,
    data: bytes.subarray(7, -1),
  }
}

/** Two's complement of the sum: with it, all bytes add up to zero. */
export function checksum(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0
  for (let at = from; at < to; at++) sum += bytes[at] ?? 0
  return -sum & 0xff
}

function rmcp(): Buffer {
  return Buffer.from([RMCP.version, 0, RMCP.noAck, RMCP.ipmi])
}

function header(flags: number, sessionId: number, sequence: number, length: number): Buffer {
  const head = Buffer.alloc(12)
  head[0] = RMCP_PLUS
  head[1] = flags
  head.writeUInt32LE(sessionId, 2)
  head.writeUInt32LE(sequence, 6)
  head.writeUInt16LE(length, 10)
  return head
}
