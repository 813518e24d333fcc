/**
 * TFTP packets (RFC 1350) and their options (RFC 2347), bytes to values and back.
 *
 * Pure: no socket, no clock, no file. What to answer is decide.ts and transfer.ts; who listens is server.ts.
 */
import { asBuffer, DecodeError } from '../lib/bytes.ts'

/** Option names in lower case: RFC 2347 makes them case-insensitive. */
export type TftpOptions = ReadonlyMap<string, string>

export type TftpPacket =
  | { readonly op: 'read' | 'write'; readonly path: string; readonly mode: string; readonly options: TftpOptions }
  | { readonly op: 'data'; readonly block: number; readonly bytes: Uint8Array }
  | { readonly op: 'ack'; readonly block: number }
  | { readonly op: 'error'; readonly code: number; readonly message: string }
  | { readonly op: 'oack'; readonly options: TftpOptions }

const OPCODES = { read: 1, write: 2, data: 3, ack: 4, error: 5, oack: 6 } as const

/** Error codes, RFC 1350 appendix and RFC 2347. */
export const ERROR = {
  undefined: 0,
  notFound: 1,
  accessViolation: 2,
  illegalOperation: 4,
  unknownTransfer: 5,
  optionRefused: 8,
} as const

/** Bytes before the payload of a DATA packet. */
export const DATA_HEADER = 4

/** @throws DecodeError */
export function decode(bytes: Uint8Array): TftpPacket {
  if (bytes.length < 4) throw new DecodeError(`TFTP packet of ${bytes.length} bytes`)
  const opcode = u16(bytes, 0)
  switch (opcode) {
    case OPCODES.read:
    case OPCODES.write: {
      const [path, mode, ...rest] = strings(bytes.subarray(2))
      if (path === undefined || mode === undefined) throw new DecodeError('TFTP request without file name or mode')
      return { op: opcode === 1 ? 'read' : 'write', path, mode: mode.toLowerCase(), options: pairs(rest) }
    }
    case OPCODES.data:
      return { op: 'data', block: u16(bytes, 2), bytes: bytes.subarray(DATA_HEADER) }
    // Bytes behind the four are accepted: some network firmware pads short datagrams.
    case OPCODES.ack:
      return { op: 'ack', block: u16(bytes, 2) }
    case OPCODES.error:
      return { op: 'error', code: u16(bytes, 2), message: firstString(bytes.subarray(4)) }
    case OPCODES.oack:
      return { op: 'oack', options: pairs(strings(bytes.subarray(2))) }
    default:
      throw new DecodeError(`TFTP opcode ${opcode}`)
  }
}

export function encode(packet: TftpPacket): Uint8Array {
  switch (packet.op) {
    case 'read':
    case 'write':
      return join(OPCODES[packet.op], packet.path, packet.mode, ...[...packet.options].flat())
    case 'oack':
      return join(OPCODES.oack, ...[...packet.options].flat())
    case 'error':
      return Buffer.concat([header(OPCODES.error, packet.code), text(packet.message)])
    case 'ack':
      return header(OPCODES.ack, packet.block)
    case 'data':
      return Buffer.concat([header(OPCODES.data, packet.block), packet.bytes])
  }
}

/**
 * Puts the header of a DATA packet in front of a payload that is there already; block numbers wrap from 65,535 to 0.
 */
export function writeDataHeader(packet: Uint8Array, block: number): void {
  packet[0] = 0
  packet[1] = OPCODES.data
  packet[2] = (block >>> 8) & 0xff
  packet[3] = block & 0xff
}

/** True for an ERROR packet, however broken: an error is never answered, or two servers could talk for ever. */
export function isError(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && u16(bytes, 0) === OPCODES.error
}

export function isData(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && u16(bytes, 0) === OPCODES.data
}

/** True for what was meant as a read or write request, however broken. */
export function isRequest(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && (u16(bytes, 0) === OPCODES.read || u16(bytes, 0) === OPCODES.write)
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

function header(opcode: number, value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt16BE(opcode, 0)
  buffer.writeUInt16BE(value & 0xffff, 2)
  return buffer
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'utf8')
}

function join(opcode: number, ...values: string[]): Buffer {
  return Buffer.concat([Buffer.from([0, opcode]), ...values.map(text)])
}

/** Every string must be ended: a PXE ROM that forgets the last NUL has sent half a packet. */
function strings(bytes: Uint8Array): string[] {
  if (bytes.at(-1) !== 0) throw new DecodeError('TFTP string without its NUL')
  return asBuffer(bytes).toString('utf8').split('\0').slice(0, -1)
}

/** The message of an ERROR is for people: one that is not ended is read as far as it goes. */
function firstString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return asBuffer(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8')
}

function pairs(values: readonly string[]): Map<string, string> {
  const options = new Map<string, string>()
  for (let i = 0; i < values.length; i += 2) {
    const name = values[i]?.toLowerCase() ?? ''
    const value = values[i + 1]
    // Empty names are padding: NULs up to the size of the ROM's buffer.
    if (name === '') continue
    if (value === undefined) throw new DecodeError(`TFTP option ${name} without a value`)
    // RFC 2347: an option may be given once; of two, the first counts.
    if (!options.has(name)) options.set(name, value)
  }
  return options
}
