/**
 * What a first packet to the TFTP port is answered with, and on which terms a file is sent. Pure: whether the file is
 * there, and what it holds, is found by others.
 */
import { ERROR, type TftpOptions, type TftpPacket } from './codec.ts'

export interface ReadRequest {
  /** Without leading slashes; where it may lead is for whoever opens it to say. */
  readonly path: string
  readonly netascii: boolean
  readonly options: TftpOptions
}

export type TftpDecision =
  | { readonly answer: 'serve'; readonly request: ReadRequest }
  | { readonly answer: 'error'; readonly packet: TftpPacket; readonly because: string }
  | { readonly answer: 'silence'; readonly because: string }

export function decideTftp(packet: TftpPacket): TftpDecision {
  switch (packet.op) {
    case 'read':
      return decideRead(packet.path, packet.mode, packet.options)
    case 'write':
      return refuse(ERROR.accessViolation, 'this server is read-only')
    // RFC 1350, 5: an error is never acknowledged.
    case 'error':
      return { answer: 'silence', because: `an error that belongs to no transfer: ${packet.message}` }
    case 'ack':
    case 'data':
    case 'oack':
      return refuse(ERROR.unknownTransfer, 'no transfer is under way on this port')
  }
}

function decideRead(asked: string, mode: string, options: TftpOptions): TftpDecision {
  if (mode !== 'octet' && mode !== 'netascii')
    return refuse(ERROR.illegalOperation, `mode "${mode.slice(0, 32)}" is neither octet nor netascii`)
  if (/[\0\\]/.test(asked)) return refuse(ERROR.accessViolation, 'a backslash is no part of a path; use slashes')
  // Loaders build paths from a folder and a name, each with a slash of its own: shim asks for //grubx64.efi.
  const path = asked.replace(/\/{2,}/g, '/').replace(/^\//, '')
  if (path === '') return refuse(ERROR.notFound, 'the request names no file')
  return { answer: 'serve', request: { path, netascii: mode === 'netascii', options } }
}

function refuse(code: number, message: string): TftpDecision {
  return { answer: 'error', packet: errorPacket(code, message), because: message }
}

/** Long names are cut: an error is sent to an address that nobody has checked, so it stays small. */
export function errorPacket(code: number, message: string): TftpPacket {
  const clean = message.replace(/\p{Cc}/gu, '?')
  return { op: 'error', code, message: clean.length > 200 ? `${clean.slice(0, 199)}…` : clean }
}

/** What both sides hold to during a transfer. */
export interface Terms {
  readonly blockSize: number
  /** Blocks per acknowledgment, RFC 7440. */
  readonly window: number
  /** The wait that the client asked for, RFC 2349; undefined: ours, which adapts. */
  readonly timeoutMs: number | undefined
  /** The options granted, in the client's order; empty: none, and the first packet is DATA. */
  readonly granted: TftpOptions
}

const DEFAULT_BLOCK_SIZE = 512
const BLOCK_SIZE = { least: 8, most: 65_464 }
/** Blocks are kept until they are acknowledged: a client that asks for 65,535 gets what we care to keep for it. */
const WINDOW = { most: 64, bytes: 256 * 1024 }

/**
 * @param size undefined when it is not known: netascii, whose length is known at its end, gets no `tsize`.
 * @param most bytes of a block that go in one packet on the way; what is larger is cut up, and firmware often cannot put it together
 */
export function agree(
  { options, netascii }: ReadRequest,
  size: number | undefined,
  most: number = BLOCK_SIZE.most,
): Terms {
  const granted = new Map<string, string>()
  const blockSize = clamp(number(options.get('blksize')), BLOCK_SIZE.least, Math.min(most, BLOCK_SIZE.most))
  const fits = Math.max(1, Math.floor(WINDOW.bytes / (blockSize ?? DEFAULT_BLOCK_SIZE)))
  const window = clamp(number(options.get('windowsize')), 1, Math.min(WINDOW.most, fits))
  const seconds = number(options.get('timeout'))

  for (const name of options.keys()) {
    if (name === 'blksize' && blockSize !== undefined) granted.set(name, `${blockSize}`)
    if (name === 'windowsize' && window !== undefined) granted.set(name, `${window}`)
    // The server may refuse a timeout but not change it.
    if (name === 'timeout' && isTimeout(seconds)) granted.set(name, `${seconds}`)
    if (name === 'tsize' && !netascii && size !== undefined) granted.set(name, `${size}`)
  }
  return {
    blockSize: blockSize ?? DEFAULT_BLOCK_SIZE,
    window: window ?? 1,
    timeoutMs: isTimeout(seconds) ? seconds * 1000 : undefined,
    granted,
  }
}

function isTimeout(seconds: number | undefined): seconds is number {
  return seconds !== undefined && seconds >= 1 && seconds <= 255
}

/** Options are decimal digits in text; anything else was not understood, and is not granted. */
function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** Too much becomes the most; too little is refused, since no smaller value may be answered. */
function clamp(value: number | undefined, least: number, most: number): number | undefined {
  return value === undefined || value < least ? undefined : Math.min(value, most)
}
