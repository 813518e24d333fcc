/** IPMI messages as a BMC reads and writes them: requests in, responses out. */
import { DecodeError } from '../../../src/lib/bytes.ts'

export interface Request {
  readonly netFn: number
  readonly command: number
  readonly sequence: number
  readonly data: Uint8Array
}

/** @throws DecodeError */
export function decodeRequest(bytes: Uint8Array): Request {
  const total = (part: Uint8Array) => part.reduce((sum, byte) => (sum + byte) & 0xff, 0)
  if (bytes.length < 7) throw new DecodeError('IPMI request is cut short')
  if (total(bytes.subarray(0, 3)) !== 0 || total(bytes.subarray(3)) !== 0) throw new DecodeError('checksum')
  const [, netFn = 0, , , sequence = 0, command = 0] = bytes
  return { netFn: netFn >> 2, sequence: sequence >> 2, command, data: bytes.slice(6, -1) }
}

export function encodeResponse({ netFn, sequence, command }: Request, completion: number, data: Uint8Array): Buffer {
  const sum = (bytes: readonly number[]) => -bytes.reduce((total, byte) => total + byte, 0) & 0xff
  const head = [0x81, (netFn | 1) << 2]
  const body = [0x20, sequence << 2, command, completion, ...data]
  return Buffer.from([...head, sum(head), ...body, sum(body)])
}
