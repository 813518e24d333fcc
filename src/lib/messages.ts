/** Room for many messages at once, as recvmmsg(2) and sendmmsg(2) want it: arrays of `struct mmsghdr`, of 64-bit Linux. */
import { errorName, placeOf, receiveError, receiveMany, sendMany } from './libc.ts'

/** Messages of one call. */
export const AT_ONCE = 64
/** Of a longer message the rest is cut off when it comes; it cannot be sent from here. */
export const LONGEST = 2048
/** `struct sockaddr_in6` is the longest that there is here. */
const ADDRESS = 28
const [HEADER, IOVEC] = [64, 16]
// In `struct mmsghdr`, and in `struct iovec`.
const [NAME, NAME_LENGTH, IOV, IOV_LENGTH, CONTROL, CONTROL_LENGTH, LENGTH] = [0, 8, 16, 24, 32, 40, 56]
const [BASE, BASE_LENGTH] = [0, 8]

export interface Messages {
  /** Takes what has come; answers how many, or -1. */
  receive(fd: number): number
  /** Of a message that has come: good until the next call. */
  bytes(at: number): Buffer
  /** Its sender's `struct sockaddr`. */
  address(at: number): Buffer
  /** Puts a message in a place from 0 on. */
  put(at: number, bytes: Uint8Array, to: Buffer): void
  /** Sends the first ones; answers how many went, or -1. */
  send(fd: number, count: number): number
}

export function messages(): Messages {
  const room = (size: number) => Buffer.alloc(AT_ONCE * size)
  const [headers, iovecs, addresses, contents] = [room(HEADER), room(IOVEC), room(ADDRESS), room(LONGEST)]
  const [iovecsAt, addressesAt, contentsAt] = [placeOf(iovecs), placeOf(addresses), placeOf(contents)]
  for (let at = 0; at < AT_ONCE; at++) {
    headers.writeBigUInt64LE(addressesAt + BigInt(at * ADDRESS), at * HEADER + NAME)
    headers.writeUInt32LE(ADDRESS, at * HEADER + NAME_LENGTH)
    headers.writeBigUInt64LE(iovecsAt + BigInt(at * IOVEC), at * HEADER + IOV)
    headers.writeUInt32LE(1, at * HEADER + IOV_LENGTH)
    iovecs.writeBigUInt64LE(contentsAt + BigInt(at * LONGEST), at * IOVEC + BASE)
    iovecs.writeUInt32LE(LONGEST, at * IOVEC + BASE_LENGTH)
  }
  let last = 0
  return {
    receive(fd) {
      // The system has written how long the last addresses were; the next ones may be longer.
      for (let at = 0; at < last; at++) headers.writeUInt32LE(ADDRESS, at * HEADER + NAME_LENGTH)
      const count = receiveMany(fd, headers, AT_ONCE)
      last = Math.max(0, count)
      return count
    },
    bytes: (at) => contents.subarray(at * LONGEST, at * LONGEST + headers.readUInt32LE(at * HEADER + LENGTH)),
    address: (at) => addresses.subarray(at * ADDRESS, at * ADDRESS + headers.readUInt32LE(at * HEADER + NAME_LENGTH)),
    put(at, bytes, to) {
      contents.set(bytes, at * LONGEST)
      addresses.set(to, at * ADDRESS)
      headers.writeUInt32LE(to.length, at * HEADER + NAME_LENGTH)
      iovecs.writeUInt32LE(bytes.length, at * IOVEC + BASE_LENGTH)
    },
    send: (fd, count) => sendMany(fd, headers, count),
  }
}

export interface Errors {
  /** What happened to a message that came back (RFC 1122, 4.1.3.3), and where it was to go; undefined: there is none. */
  take(fd: number): { readonly code: string; readonly to: Buffer } | undefined
}

/** For sockets that are told to keep such messages (IP_RECVERR). */
export function errors(): Errors {
  // In one, beyond the size of those that the garbage collector moves about.
  const all = Buffer.alloc(512)
  const [iovecAt, addressAt, controlAt, contentAt] = [64, 128, 192, 448]
  const address = all.subarray(addressAt, controlAt)
  const at = (offset: number) => placeOf(all) + BigInt(offset)
  all.writeBigUInt64LE(at(addressAt), NAME)
  all.writeBigUInt64LE(at(iovecAt), IOV)
  all.writeUInt32LE(1, IOV_LENGTH)
  all.writeBigUInt64LE(at(controlAt), CONTROL)
  all.writeBigUInt64LE(at(contentAt), iovecAt + BASE)
  all.writeUInt32LE(1, iovecAt + BASE_LENGTH)
  return {
    take(fd) {
      all.writeUInt32LE(address.length, NAME_LENGTH)
      all.writeUInt32LE(contentAt - controlAt, CONTROL_LENGTH)
      if (receiveError(fd, all) < 1) return undefined
      // Behind the `struct cmsghdr` comes a `struct sock_extended_err`, which begins with the number.
      const code = errorName(all.readUInt32LE(controlAt + 16))
      return { code, to: address.subarray(0, all.readUInt32LE(NAME_LENGTH)) }
    },
  }
}
