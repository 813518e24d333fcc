/** The calls of the system that Node has no word for, through libc. Nothing but numbers and bytes. */
import koffi from 'koffi'

export const socket = (domain: number, type: number, protocol: number): number => libc().socket(domain, type, protocol)

export const setsockopt = (fd: number, level: number, option: number, value: Buffer): number =>
  libc().setsockopt(fd, level, option, value, value.length)

export const bind = (fd: number, address: Buffer): number => libc().bind(fd, address, address.length)

export const connect = (fd: number, address: Buffer): number => libc().connect(fd, address, address.length)

/** Fills in where a socket is bound. */
export function ownAddress(fd: number, address: Buffer): number {
  const size = Buffer.alloc(4)
  size.writeInt32LE(address.length)
  return libc().getsockname(fd, address, size)
}

/** Fills in the bytes of an address in words; false: it is none of this family. */
export const parseAddress = (family: number, text: string, into: Buffer): boolean =>
  libc().inet_pton(family, text, into) === 1

/** The address in words of its bytes; empty: it is none of this family. */
export function wordsOfAddress(family: number, bytes: Uint8Array): string {
  const text = Buffer.alloc(64)
  return libc().inet_ntop(family, bytes, text, text.length) === 0 ? '' : text.toString('latin1', 0, text.indexOf(0))
}

export const closeFd = (fd: number): number => libc().close(fd)

/** Of a network interface; 0: there is none of this name. */
export const indexOfInterface = (name: string): number => libc().if_nametoindex(name)

export const sendTo = (fd: number, bytes: Uint8Array, to: Buffer): number =>
  libc().sendto(fd, bytes, bytes.length, 0, to, to.length)

/** Many messages in one call, of an array of `struct mmsghdr`; answers how many, or -1. */
export const receiveMany = (fd: number, headers: Buffer, count: number): number =>
  libc().recvmmsg(fd, headers, count, 0, null)

/** The oldest of those that came back with an error. */
export const receiveError = (fd: number, header: Buffer): number => libc().recvmmsg(fd, header, 1, MSG_ERRQUEUE, null)

export const sendMany = (fd: number, headers: Buffer, count: number): number => libc().sendmmsg(fd, headers, count, 0)

/** Where these bytes lie in memory; they stay there as long as the buffer lives. */
export const placeOf = (bytes: Buffer): bigint => koffi.address(bytes)

/** A socket that Node has none of its own for. */
export interface Watch {
  /** Whether room to write is told of too. */
  wantRoom(wanted: boolean): void
  close(): void
}

/** @param tell called each time when there is something to read, or an error to take, until it was taken */
export function watch(fd: number, tell: () => void): Watch {
  let wanted = { readable: true, writable: false }
  // What it is told differs from what its types say. After an error it is deaf until it is started again (libuv's uv_poll).
  const told = (status: unknown) => {
    if (Number(status) < 0) handle.start(wanted, told)
    tell()
  }
  const handle = koffi.node.poll(fd, wanted, told)
  return {
    wantRoom(writable) {
      wanted = { readable: true, writable }
      handle.start(wanted, told)
    },
    close: () => handle.close(),
  }
}

/** A second number for an open file or socket, which is closed for itself; below 0: there is none. */
export const duplicateFd = (fd: number): number => libc().fcntl(fd, F_DUPFD_CLOEXEC, 0)

/** Bytes from a file into a socket; answers how many went, or -1. */
export function sendFile(out: number, from: number, offset: number, count: number): number {
  AT.writeBigInt64LE(BigInt(offset))
  return libc().sendfile(out, from, AT, count)
}

/** Fills `into` from an offset of an open file; answers how many bytes were there. May wait for the disk. */
export const readAt = (fd: number, into: Uint8Array, offset: number): number =>
  libc().pread(fd, into, into.length, offset)

/** As `readAt`, of what waits for no disk: how many of the first bytes; -1: none, or the system cannot tell. */
export const readCached = (fd: number, into: Uint8Array, offset: number): number =>
  libc().preadv2(fd, [{ base: into, length: into.length }], 1, offset, RWF_NOWAIT)

/** Whether reading these bytes waits for no disk, as far as a look at three of them tells; false also where the system cannot. */
export function isCached(fd: number, offset: number, count: number): boolean {
  const { preadv2 } = libc()
  const has = (at: number) => preadv2(fd, [{ base: PROBE, length: 1 }], 1, at, RWF_NOWAIT) === 1
  return count > 0 && has(offset) && has(offset + count - 1) && (count < 8192 || has(offset + (count >> 1)))
}

/** EPERM, ENODEV …: why the last call failed. */
export const lastError = (): string => errorName(koffi.errno())

export function errorName(number: number): string {
  const [code] = Object.entries(koffi.os.errno).find(([, value]) => value === number) ?? [`error ${number}`]
  return code
}

// The numbers of Linux.
const [F_DUPFD_CLOEXEC, RWF_NOWAIT, MSG_ERRQUEUE] = [1030, 8, 0x2000]
const [PROBE, AT] = [Buffer.alloc(1), Buffer.alloc(8)]

type Call = (...args: readonly unknown[]) => number
type Libc = Readonly<
  Record<
    | 'socket'
    | 'setsockopt'
    | 'bind'
    | 'connect'
    | 'getsockname'
    | 'inet_ntop'
    | 'inet_pton'
    | 'recvmmsg'
    | 'sendmmsg'
    | 'close'
    | 'fcntl'
    | 'sendfile'
    | 'pread'
    | 'preadv2'
    | 'if_nametoindex'
    | 'recvfrom'
    | 'sendto',
    Call
  >
>

let loaded: Libc | undefined

function libc(): Libc {
  if (loaded) return loaded
  // Null is this program itself, which has libc in it, whichever libc that is.
  const library = koffi.load(null)
  koffi.struct('iovec', { base: 'void *', length: 'size_t' })
  loaded = {
    socket: library.func('int socket(int domain, int type, int protocol)'),
    setsockopt: library.func('int setsockopt(int fd, int level, int option, const void *value, uint32_t length)'),
    bind: library.func('int bind(int fd, const void *address, uint32_t length)'),
    connect: library.func('int connect(int fd, const void *address, uint32_t length)'),
    getsockname: library.func('int getsockname(int fd, void *address, void *length)'),
    inet_ntop: library.func('uintptr_t inet_ntop(int family, const void *bytes, void *text, uint32_t length)'),
    inet_pton: library.func('int inet_pton(int family, const char *text, void *into)'),
    recvmmsg: library.func('int recvmmsg(int fd, void *headers, uint32_t count, int flags, void *timeout)'),
    sendmmsg: library.func('int sendmmsg(int fd, void *headers, uint32_t count, int flags)'),
    close: library.func('int close(int fd)'),
    if_nametoindex: library.func('uint32_t if_nametoindex(const char *name)'),
    recvfrom: library.func(
      'intptr_t recvfrom(int fd, void *into, size_t length, int flags, void *from, void *fromLength)',
    ),
    sendto: library.func(
      'intptr_t sendto(int fd, const void *bytes, size_t length, int flags, const void *to, uint32_t toLength)',
    ),
    fcntl: library.func('int fcntl(int fd, int command, int value)'),
    sendfile: library.func('intptr_t sendfile64(int out, int in, void *offset, size_t count)'),
    pread: library.func('intptr_t pread64(int fd, void *into, size_t length, int64_t offset)'),
    preadv2: library.func('intptr_t preadv64v2(int fd, iovec *into, int count, int64_t offset, int flags)'),
  }
  return loaded
}
