/**
 * Many conversations over few sockets, each on a fresh port (our TID, RFC 1350, 4): what a machine room sends at once is then
 * read and answered at once. Who is alone has a port of his own; one port serves so many clients in its life, and none twice.
 */
import { type Datagrams, datagrams } from '../lib/datagrams.ts'
import { failure, ofInt, openSocket, SOCK_DGRAM } from '../lib/device-socket.ts'
import { bind, closeFd, connect, ownAddress, setsockopt } from '../lib/libc.ts'
import {
  AF_INET6,
  familyOf,
  readSocketAddress,
  type SocketAddress,
  senderKey,
  socketAddress,
} from '../lib/socket-address.ts'

export interface Talk {
  readonly peer: SocketAddress
  /** The bytes are only good until it returns. */
  readonly onMessage: (bytes: Buffer) => void
  /** The peer's port is closed. */
  readonly onRefused: () => void
}

export interface Conversation {
  /** Ours. */
  readonly address: string
  readonly port: number
  /** The bytes must stay as they are until the peer has answered. */
  send(bytes: Uint8Array): void
  close(): void
}

export interface ConversationsOptions {
  /** Ours; 0.0.0.0 or ::, the route to the peer chooses. */
  readonly address: string
  /** Answers what comes from somebody with whom there is no conversation. The bytes are only good until it returns. */
  readonly onStranger: (bytes: Buffer, port: number) => Uint8Array | undefined
}

/** A socket that is shared. */
interface Line {
  readonly port: number
  readonly wire: Datagrams
  readonly talks: Map<string, Talk>
  /** All that there ever were: whoever has ended says nothing new, and is no stranger either. */
  readonly known: Set<string>
  close(): void
}

// The numbers of Linux on x86-64 and arm64.
const [SOL_SOCKET, SO_SNDBUF, SO_RCVBUF, SOL_IP, IP_RECVERR, SOL_IPV6, IPV6_RECVERR] = [1, 7, 8, 0, 11, 41, 25]
/** Conversations of one socket. */
const MOST = 64
const ROOM = 1024 * 1024
const ANY = new Set(['0.0.0.0', '::'])

export interface Conversations {
  /** @throws SocketError */
  open(talk: Talk): Conversation
}

export function conversations({ address, onStranger }: ConversationsOptions): Conversations {
  let newest: Line | undefined

  function lineFor(key: string): Line {
    if (!newest || newest.known.size >= MOST || newest.known.has(key)) newest = openLine()
    return newest
  }

  function openLine(): Line {
    const fd = openFor(address)
    const [talks, known] = [new Map<string, Talk>(), new Set<string>()]
    const wire = datagrams(fd, {
      onMessage(bytes, from) {
        const key = senderKey(from)
        const talk = talks.get(key)
        if (talk) return talk.onMessage(bytes)
        const answer = known.has(key) ? undefined : onStranger(bytes, readSocketAddress(from).port)
        if (answer) wire.send(answer, Buffer.from(from))
      },
      onError(code, to) {
        if (code === 'ECONNREFUSED') talks.get(senderKey(to))?.onRefused()
      },
    })
    const close = () => {
      wire.close()
      closeFd(fd)
    }
    return { port: addressOf(fd).port, wire, talks, known, close }
  }

  return {
    open(talk) {
      const to = socketAddress(talk.peer.address, talk.peer.port)
      const key = senderKey(to)
      const own = ANY.has(address) ? addressTowards(to) : address
      const line = lineFor(key)
      line.known.add(key)
      line.talks.set(key, talk)
      return {
        ...{ address: own, port: line.port },
        send: (bytes) => line.wire.send(bytes, to),
        close() {
          if (!line.talks.delete(key) || line.talks.size > 0) return
          line.close()
          if (newest === line) newest = undefined
        },
      }
    },
  }
}

function openFor(address: string): number {
  const family = familyOf(address)
  return openSocket([family, SOCK_DGRAM, 0], (fd) => {
    // Who has closed his port is told of. A socket of IPv6 speaks IPv4 too.
    setsockopt(fd, SOL_IP, IP_RECVERR, ofInt(1))
    if (family === AF_INET6) setsockopt(fd, SOL_IPV6, IPV6_RECVERR, ofInt(1))
    for (const option of [SO_SNDBUF, SO_RCVBUF]) setsockopt(fd, SOL_SOCKET, option, ofInt(ROOM))
    if (bind(fd, socketAddress(address, 0)) < 0) throw failure('bind')
  })
}

/** Ours, on the way there. */
function addressTowards(to: Buffer): string {
  const fd = openSocket([to.readUInt16LE(0), SOCK_DGRAM, 0], (probe) => {
    if (connect(probe, to) < 0) throw failure('connect')
  })
  const { address } = addressOf(fd)
  closeFd(fd)
  return address
}

function addressOf(fd: number): SocketAddress {
  const bytes = Buffer.alloc(28)
  if (ownAddress(fd, bytes) < 0) throw failure('getsockname')
  return readSocketAddress(bytes)
}
