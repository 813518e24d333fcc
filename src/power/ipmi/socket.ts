/**
 * The UDP socket through which all BMCs are spoken to: one, and a second for IPv6. It knows nothing of what is said; who
 * a datagram is for is links.ts.
 */
import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP, isIPv6, SocketAddress } from 'node:net'

export interface Peer {
  /** Numeric, as the system writes it. */
  readonly address: string
  readonly port: number
  /** Both, as one word. */
  readonly key: string
}

export interface Sockets {
  /** @param failed is told the system's word, `ENETUNREACH`, when it could not be sent */
  send(bytes: Uint8Array, to: Peer, failed: (code: string) => void): void
  close(): Promise<void>
}

/** Sent in one turn of the event loop: with more, the answers to the first would overflow the socket's buffer. */
const BURST = 32
/** What Linux allows without asking, twice over: some answers of a thousand BMCs come at once. */
const RECEIVE_BUFFER = 4 * 1024 * 1024

interface Letter {
  readonly bytes: Uint8Array
  readonly to: Peer
  readonly failed: (code: string) => void
}

export function openSockets(receive: (bytes: Buffer, from: string) => void): Sockets {
  const sockets: { udp4?: Socket; udp6?: Socket } = {}
  let outbox: Letter[] = []
  let posting = false
  let closed = false

  function socketFor({ address }: Peer): Socket {
    const family = isIPv6(address.split('%')[0] ?? '') ? 'udp6' : 'udp4'
    const open = sockets[family]
    if (open) return open
    const socket = createSocket({ type: family, ipv6Only: family === 'udp6', recvBufferSize: RECEIVE_BUFFER })
    sockets[family] = socket
    socket.on('message', (bytes, { address, port }) => receive(bytes, keyOf(address, port)))
    // What cannot be sent is told to whoever sent it; there is nothing else that a datagram socket can suffer.
    socket.on('error', () => {})
    return socket
  }

  function post(): void {
    posting = false
    if (closed) return
    const now = outbox.slice(0, BURST)
    outbox = outbox.slice(BURST)
    for (const { bytes, to, failed } of now) {
      socketFor(to).send(bytes, to.port, to.address, (error) => {
        if (error && !closed) failed((error as NodeJS.ErrnoException).code ?? error.message)
      })
    }
    if (outbox.length > 0) plan()
  }

  function plan(): void {
    if (posting) return
    posting = true
    setImmediate(post)
  }

  return {
    send(bytes, to, failed) {
      if (closed) return
      outbox.push({ bytes, to, failed })
      plan()
    },
    async close() {
      // Goodbyes that wait are still sent.
      while (outbox.length > 0) post()
      closed = true
      const open = [sockets.udp4, sockets.udp6].filter((socket) => socket !== undefined)
      await Promise.all(open.map((socket) => new Promise<void>((done) => socket.close(() => done()))))
    },
  }
}

/** Where a host is: a numeric address as it is, or the first that its name leads to; undefined: to none. */
export async function findPeer(host: string, port: number): Promise<Peer | undefined> {
  try {
    const address = isIP(host) ? host : (await lookup(host)).address
    const written = canonical(address)
    return { address: written, port, key: keyOf(written, port) }
  } catch {
    return undefined
  }
}

/** `FE80:0::1%eth0` as `fe80::1%eth0`: the way the system names whom a datagram came from. */
function canonical(address: string): string {
  const [bare = '', zone] = address.split('%')
  if (!isIPv6(bare)) return address
  const written = new SocketAddress({ address: bare, family: 'ipv6' }).address
  return zone === undefined ? written : `${written}%${zone}`
}

function keyOf(address: string, port: number): string {
  return `${address}#${port}`
}
