/** The calls of the system that Node has no word for, through libc. Nothing but numbers and bytes. */
import koffi from 'koffi'

export const socket = (domain: number, type: number, protocol: number): number => libc().socket(domain, type, protocol)

export const setsockopt = (fd: number, level: number, option: number, value: Buffer): number =>
  libc().setsockopt(fd, level, option, value, value.length)

export const bind = (fd: number, address: Buffer): number => libc().bind(fd, address, address.length)

export const closeFd = (fd: number): number => libc().close(fd)

/** Of a network interface; 0: there is none of this name. */
export const indexOfInterface = (name: string): number => libc().if_nametoindex(name)

export const sendTo = (fd: number, bytes: Uint8Array, to: Buffer): number =>
  libc().sendto(fd, bytes, bytes.length, 0, to, to.length)

/** Messages read in one turn: others wait for theirs. */
const AT_ONCE = 32

/**
 * Hears a socket that Node has none of its own for; answers how to stop.
 * @param most bytes of a message; of more the rest is cut off
 * @param addressSize bytes of a sender's address
 * @param onMessage both are only good until it returns
 */
export function hear(
  fd: number,
  { most, addressSize }: { readonly most: number; readonly addressSize: number },
  onMessage: (message: Buffer, from: Buffer) => void,
): () => void {
  const [buffer, from, size] = [Buffer.alloc(most), Buffer.alloc(addressSize), Buffer.alloc(4)]
  // What its callback is told differs from what its types say; that it was called is enough.
  const handle = koffi.node.poll(fd, () => {
    for (let times = 0; times < AT_ONCE; times++) {
      size.writeInt32LE(addressSize)
      const length = libc().recvfrom(fd, buffer, most, 0, from, size)
      if (length < 0) return
      onMessage(buffer.subarray(0, length), from)
    }
  })
  return () => handle.close()
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

/** Whether reading these bytes waits for no disk, as far as a look at three of them tells; false also where the system cannot. */
export function isCached(fd: number, offset: number, count: number): boolean {
  const { preadv2 } = libc()
  const has = (at: number) => preadv2(fd, [{ base: PROBE, length: 1 }], 1, at, RWF_NOWAIT) === 1
  return count > 0 && has(offset) && has(offset + count - 1) && (count < 8192 || has(offset + (count >> 1)))
}

/** EPERM, ENODEV …: why the last call failed. */
export function lastError(): string {
  const number = koffi.errno()
  const [code] = Object.entries(koffi.os.errno).find(([, value]) => value === number) ?? [`error ${number}`]
  return code
}

// The numbers of Linux.
const [F_DUPFD_CLOEXEC, RWF_NOWAIT] = [1030, 8]
const [PROBE, AT] = [Buffer.alloc(1), Buffer.alloc(8)]

type Call = (...args: readonly unknown[]) => number
type Libc = Readonly<
  Record<
    | 'socket'
    | 'setsockopt'
    | 'bind'
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
