/**
 * A UDP socket that hears and speaks on one network interface only (SO_BINDTODEVICE). Node cannot make one, so libc is
 * called for it; Node takes the file descriptor over: `createSocket('udp4').bind({ fd })`.
 */
import { bind, closeFd, lastError, setsockopt, socket } from './libc.ts'
import { AF_INET, socketAddress } from './socket-address.ts'

// The numbers of Linux on x86-64 and arm64.
export const [SOCK_DGRAM, SOCK_RAW] = [2, 3]
const [SOCK_NONBLOCK, SOCK_CLOEXEC] = [0o4000, 0o2000000]
const [SOL_SOCKET, SO_REUSEADDR, SO_BROADCAST, SO_RCVBUF, SO_BINDTODEVICE, SO_RCVBUFFORCE] = [1, 2, 6, 8, 25, 33]

/**
 * A burst of a whole machine room switched on at once finds room here: about two thousand small packets. Not more: what
 * waits longer than its sender does is answered in vain, and those behind it are late for that.
 */
const RECEIVE_BUFFER = 1024 * 1024

export class SocketError extends Error {
  override readonly name = 'SocketError'
  /** EPERM, ENODEV, EADDRINUSE … */
  readonly code: string
  constructor(call: string, code: string) {
    super(`${call}: ${code}`)
    this.code = code
  }
}

/**
 * Binds to `port` of every address, on `device` alone, broadcasts allowed; answers the file descriptor. No address is
 * shared, unless that is asked for: a second server on the same interface and port is an error.
 * @throws SocketError
 */
export function openDeviceSocket(device: string, port: number, isShared = false): number {
  return openSocket([AF_INET, SOCK_DGRAM, 0], (fd) => {
    const set = (option: number, value: Buffer) => setsockopt(fd, SOL_SOCKET, option, value)
    if (set(SO_BINDTODEVICE, Buffer.from(`${device}\0`)) < 0) throw failure('SO_BINDTODEVICE')
    if (set(SO_BROADCAST, ofInt(1)) < 0) throw failure('SO_BROADCAST')
    if (isShared && set(SO_REUSEADDR, ofInt(1)) < 0) throw failure('SO_REUSEADDR')
    // FORCE goes over the system's limit and needs CAP_NET_ADMIN; without it the limit is what we get.
    if (set(SO_RCVBUFFORCE, ofInt(RECEIVE_BUFFER)) < 0) set(SO_RCVBUF, ofInt(RECEIVE_BUFFER))
    if (bind(fd, socketAddress('0.0.0.0', port)) < 0) throw failure('bind')
  })
}

/**
 * One that never waits and that no child inherits; answers its file descriptor.
 * @param prepare when it throws, the socket is closed
 * @throws SocketError
 */
export function openSocket(
  [family, type, protocol]: readonly [family: number, type: number, protocol: number],
  prepare: (fd: number) => void,
): number {
  const fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol)
  if (fd < 0) throw failure('socket')
  try {
    prepare(fd)
    return fd
  } catch (error) {
    closeFd(fd)
    throw error
  }
}

export function failure(call: string): SocketError {
  return new SocketError(call, lastError())
}

export function ofInt(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}
