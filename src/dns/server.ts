/** The DNS sockets, UDP and TCP on one port: a message in, one decision, a message out. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { DecodeError } from '../lib/bytes.ts'
import type { Log } from '../lib/log.ts'
import { bindUdpAndTcp } from '../lib/socket.ts'
import { asIpv4 } from '../model/address.ts'
import { type DnsQuery, decodeQuery, encodeAnswer, encodeFormErr, udpLimit } from './codec.ts'
import { type DnsLookUp, decideDns } from './decide.ts'
import type { RateLimit } from './rate-limit.ts'

export interface DnsServerOptions {
  /** Port 0: one of the system's choice. */
  readonly listen: { readonly address: string; readonly port: number }
  /** The zone, `lab.example`: we answer for it and for nothing else. */
  readonly domain: string
  readonly lookUp: DnsLookUp
  /** Told of every question that was answered; must not wait. */
  readonly note?: (answered: DnsAnswered) => void
  /** Of answers by UDP; unset: none. */
  readonly limit?: RateLimit
  readonly log: Log
}

export interface DnsAnswered {
  readonly peer: string
  readonly name: string
  /** RFC 1035 section 4.1.1. */
  readonly rcode: number
  /** What came and went by UDP; undefined: it was TCP. */
  readonly datagrams: { readonly port: number; readonly question: Uint8Array; readonly answer: Uint8Array } | undefined
}

export interface DnsServer {
  readonly address: string
  /** The same for UDP and TCP. */
  readonly port: number
  close(): Promise<void>
}

/** Bounds on TCP: a resolver needs one connection, and keeps it for a few questions. */
const MAX_CONNECTIONS = 64
const IDLE_MS = 10_000
const MAX_QUERY = 4096
const MAX_MESSAGE = 65_535

export async function startDns({ listen, domain, lookUp, note, limit, log }: DnsServerOptions): Promise<DnsServer> {
  const own = asIpv4(listen.address)
  const zone = { domain: domain.replace(/\.$/, ''), self: own && own !== '0.0.0.0' ? [own] : [] }

  let isLimited = false
  /** @param port of the peer; undefined: it came by TCP, where an answer may be as long as it is, and nobody is another */
  function answer(bytes: Uint8Array, peer: string, port?: number): Uint8Array | undefined {
    const spent = port === undefined ? 'answer' : (limit?.spend(peer) ?? 'answer')
    if (spent !== 'answer' && !isLimited) log.warn({ peer }, 'DNS: too many questions from its network; some wait')
    isLimited = spent !== 'answer'
    if (spent === 'drop') return undefined
    try {
      const query = decodeQuery(bytes)
      const decision = decideDns(query, lookUp, zone)
      log.debug({ peer, question: query.questions[0], rcode: decision.rcode }, 'DNS')
      const message = encodeAnswer(query, decision, roomFor(query, port, spent))
      const datagrams = port === undefined ? undefined : { port, question: bytes, answer: message }
      note?.({ peer, name: query.questions[0]?.name ?? '', rcode: decision.rcode, datagrams })
      return message
    } catch (error) {
      if (error instanceof DecodeError) {
        log.debug({ peer }, error.message)
        return encodeFormErr(bytes)
      }
      log.error({ peer, err: error }, 'DNS question failed')
      return undefined
    }
  }

  const { udp, tcp } = await bindUdpAndTcp(listen)
  const connections = new Set<Socket>()
  udp.on('message', (bytes, peer) => {
    if (peer.port === 0) return
    const message = answer(bytes, peer.address, peer.port)
    // An answer that cannot be sent is lost like any other datagram; the client asks again.
    if (message) udp.send(message, peer.port, peer.address, () => {})
  })
  udp.on('error', (error) => log.error({ err: error }, 'DNS socket'))
  tcp.on('error', (error) => log.error({ err: error }, 'DNS socket'))
  tcp.maxConnections = MAX_CONNECTIONS
  tcp.on('connection', (socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    converse(socket, (bytes) => answer(bytes, socket.remoteAddress ?? ''))
  })

  const { address, port } = udp.address()
  let closed: Promise<void> | undefined
  return { address, port, close: () => (closed ??= close()) }

  async function close(): Promise<void> {
    const ended = [once(udp, 'close'), once(tcp, 'close')]
    udp.close()
    tcp.close()
    for (const socket of connections) socket.destroy()
    await Promise.all(ended)
  }
}

/** Bytes of an answer; none for records, where the client is to ask by TCP. */
function roomFor(query: DnsQuery, port: number | undefined, spent: 'answer' | 'truncate'): number {
  if (port === undefined) return MAX_MESSAGE
  return spent === 'truncate' ? 0 : udpLimit(query)
}

/** One TCP connection: messages with two bytes of length in front (RFC 1035, 4.2.2), answered in their order. */
function converse(socket: Socket, answer: (bytes: Uint8Array) => Uint8Array | undefined): void {
  let pending: Buffer = Buffer.alloc(0)
  socket.setTimeout(IDLE_MS, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', (part) => {
    pending = Buffer.concat([pending, part])
    while (pending.length >= 2) {
      const length = pending.readUInt16BE(0)
      if (length > MAX_QUERY) {
        socket.destroy()
        return
      }
      if (pending.length < 2 + length) return
      const message = answer(pending.subarray(2, 2 + length))
      pending = pending.subarray(2 + length)
      // What is no question ends the conversation, and so does a client that asks and does not read.
      if (!message || socket.writableLength > MAX_MESSAGE) {
        socket.destroy()
        return
      }
      const framed = Buffer.alloc(2 + message.length)
      framed.writeUInt16BE(message.length, 0)
      framed.set(message, 2)
      socket.write(framed)
    }
  })
}
