/**
 * A UDP socket that hears and speaks on one network interface only (SO_BINDTODEVICE). Node cannot make one, so libc is
 * called for it; Node takes the file descriptor over: `createSocket('udp4').bind({ fd })`.
 */
import koffi from 'koffi'

// The numbers of Linux on x86-64 and arm64.
const [AF_INET, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC] = [2, 2, 0o4000, 0o2000000]
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
  const { socket, setsockopt, bind, close } = libc()
  const fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
  if (fd < 0) throw failure('socket')
  const set = (option: number, value: Buffer) => setsockopt(fd, SOL_SOCKET, option, value, value.length)
  try {
    if (set(SO_BINDTODEVICE, Buffer.from(`${device}\0`)) < 0) throw failure('SO_BINDTODEVICE')
    if (set(SO_BROADCAST, ofInt(1)) < 0) throw failure('SO_BROADCAST')
    if (isShared && set(SO_REUSEADDR, ofInt(1)) < 0) throw failure('SO_REUSEADDR')
    // FORCE goes over the system's limit and needs CAP_NET_ADMIN; without it the limit is what we get.
    if (set(SO_RCVBUFFORCE, ofInt(RECEIVE_BUFFER)) < 0) set(SO_RCVBUF, ofInt(RECEIVE_BUFFER))
    const address = anyAddress(port)
    if (bind(fd, address, address.length) < 0) throw failure('bind')
    return fd
  } catch (error) {
    close(fd)
    throw error
  }
}

interface Libc {
  socket(domain: number, type: number, protocol: number): number
  setsockopt(fd: number, level: number, option: number, value: Buffer, length: number): number
  bind(fd: number, address: Buffer, length: number): number
  close(fd: number): number
}

let loaded: Libc | undefined

function libc(): Libc {
  if (loaded) return loaded
  // Null is this program itself, which has libc in it, whichever libc that is.
  const library = koffi.load(null)
  loaded = {
    socket: library.func('int socket(int domain, int type, int protocol)'),
    setsockopt: library.func('int setsockopt(int fd, int level, int option, const void *value, uint32_t length)'),
    bind: library.func('int bind(int fd, const void *address, uint32_t length)'),
    close: library.func('int close(int fd)'),
  }
  return loaded
}

function failure(call: string): SocketError {
  const number = koffi.errno()
  const [code] = Object.entries(koffi.os.errno).find(([, value]) => value === number) ?? [`error ${number}`]
  return new SocketError(call, code)
}

function ofInt(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

/** `struct sockaddr_in` of 0.0.0.0: the family as the machine writes it, the port as the network does. */
function anyAddress(port: number): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt16LE(AF_INET, 0)
  bytes.writeUInt16BE(port, 2)
  return bytes
}
