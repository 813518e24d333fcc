/** The system's `struct sockaddr_in` and `sockaddr_in6`, from words and back. */
import { indexOfInterface, parseAddress, wordsOfAddress } from './libc.ts'

export interface SocketAddress {
  readonly address: string
  readonly port: number
}

// The numbers of Linux.
export const [AF_INET, AF_INET6] = [2, 10]

export function familyOf(address: string): number {
  return address.includes(':') ? AF_INET6 : AF_INET
}

/**
 * Sixteen bytes, or 28 of IPv6: the family as the machine writes it, the port as the network does.
 * @param address one of a link with its interface, as `fe80::1%eth0`
 */
export function socketAddress(address: string, port: number): Buffer {
  const family = familyOf(address)
  const [plain = '', link] = address.split('%')
  const bytes = Buffer.alloc(family === AF_INET ? 16 : 28)
  bytes.writeUInt16LE(family, 0)
  bytes.writeUInt16BE(port, 2)
  const isAddress = family === AF_INET ? putIpv4(plain, bytes) : parseAddress(family, plain, bytes.subarray(8))
  if (!isAddress) throw new Error(`${address} is no IP address`)
  if (link !== undefined && family === AF_INET6) bytes.writeUInt32LE(Number(link) || indexOfInterface(link), 24)
  return bytes
}

function putIpv4(text: string, bytes: Buffer): boolean {
  const parts = text.split('.')
  bytes.set(parts.map(Number), 4)
  return parts.length === 4 && parts.every((part) => /^\d+$/.test(part) && Number(part) < 256)
}

/** Without the interface of an address of a link. */
export function readSocketAddress(bytes: Buffer): SocketAddress {
  const port = bytes.readUInt16BE(2)
  const family = bytes.readUInt16LE(0)
  if (family === AF_INET) return { address: `${bytes[4]}.${bytes[5]}.${bytes[6]}.${bytes[7]}`, port }
  return { address: wordsOfAddress(family, bytes.subarray(8, 24)), port }
}

/** What tells two senders apart. */
export function senderKey(bytes: Buffer): string {
  if (bytes.readUInt16LE(0) === AF_INET) return bytes.toString('latin1', 2, 8)
  return bytes.toString('latin1', 2, 4) + bytes.toString('latin1', 8, 28)
}
