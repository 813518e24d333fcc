/** The DNS sockets, UDP and TCP on one port: a message in, one decision (and maybe another resolver's word), a message out. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { DecodeError, ofU16 } from '../lib/bytes.ts'
import { complaints } from '../lib/complaints.ts'
import type { Log } from '../lib/log.ts'
import { bindUdpAndTcp } from '../lib/socket.ts'
import { asIpv4, type Ipv4, type Subnet } from '../model/address.ts'
import { asIpv6, type Ipv6, type Subnet6 } from '../model/address6.ts'
import { type DnsAnswer, type DnsQuery, decodeQuery, encodeAnswer, encodeFormErr, RCODE, udpLimit } from './codec.ts'
import { type DnsLookUp, decideDns } from './decide.ts'
import type { Forwarder } from './forward.ts'
import type { RateLimit } from './rate-limit.ts'
import { rcodeOf } from './relayed.ts'

export interface DnsServerOptions {
  /** Port 0: one of the system's choice. */
  readonly listen: { readonly address: string; readonly port: number }
  /** The zone, `lab.example`: we answer for it and for nothing else. */
  readonly domain: string
  readonly lookUp: DnsLookUp
  /** Our own addresses; unset: the one that we listen on. */
  readonly self?: readonly (Ipv4 | Ipv6)[]
  /** Of which we know all names of addresses; unset: none. */
  readonly subnets?: readonly Subnet[]
  readonly subnets6?: readonly Subnet6[]
  /** For names that are not ours; unset: they are refused. */
  readonly forward?: { readonly forwarder: Forwarder; readonly may: (peer: string) => boolean } | undefined
  /** Told of every question that was answered; must not wait. */
  readonly note?: (answered: DnsAnswered) => void
  /** Told what became of each message; must not wait. */
  readonly count?: (outcome: DnsOutcome) => void
  /** Of answers by UDP; unset: none. */
  readonly limit?: RateLimit
  readonly log: Log
}

export type DnsOutcome = 'answered' | 'forwarded' | 'refused' | 'malformed' | 'limited' | 'failed'

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

export async function startDns(options: DnsServerOptions): Promise<DnsServer> {
  const { listen, domain, lookUp, subnets = [], subnets6 = [], forward, note, count, limit, log } = options
  const complain = complaints(log, 'info')
  const own = asIpv4(listen.address) ?? asIpv6(listen.address)
  const self = options.self ?? (own && own !== '0.0.0.0' && own !== '::' ? [own] : [])
  const zone = { domain: domain.replace(/\.$/, ''), self, subnets, subnets6 }

  let isLimited = false
  /** @param port of the peer; undefined: it came by TCP, where an answer may be as long as it is, and nobody is another */
  async function answer(bytes: Uint8Array, peer: string, port?: number): Promise<Uint8Array | undefined> {
    const spent = port === undefined ? 'answer' : (limit?.spend(peer) ?? 'answer')
    if (spent !== 'answer' && !isLimited) log.warn({ peer }, 'DNS: too many questions from its network; some wait')
    isLimited = spent !== 'answer'
    if (spent !== 'answer') count?.('limited')
    if (spent === 'drop') return undefined
    try {
      const query = decodeQuery(bytes)
      const decision = decideDns(query, lookUp, zone, forward?.may(peer))
      const room = roomFor(query, port, spent)
      const message = decision === 'forward' ? await ofOthers(query, room) : encodeAnswer(query, decision, room)
      const rcode = rcodeOf(message)
      log.debug({ peer, question: query.questions[0], rcode }, 'DNS')
      if (spent === 'answer')
        count?.(decision === 'forward' ? 'forwarded' : rcode === RCODE.refused ? 'refused' : 'answered')
      const datagrams = port === undefined ? undefined : { port, question: bytes, answer: message }
      note?.({ peer, name: query.questions[0]?.name ?? '', rcode, datagrams })
      return message
    } catch (error) {
      if (error instanceof DecodeError) {
        complain(peer, error.message)
        count?.('malformed')
        return encodeFormErr(bytes)
      }
      log.error({ peer, err: error }, 'DNS question failed')
      count?.('failed')
      return undefined
    }
  }

  async function ofOthers(query: DnsQuery, room: number): Promise<Uint8Array> {
    // Who is to ask again by TCP costs no other resolver anything before.
    if (room === 0) return encodeAnswer(query, { ...NOBODY_KNOWS, rcode: RCODE.noError }, room)
    return (await forward?.forwarder.answer(query, room)) ?? encodeAnswer(query, NOBODY_KNOWS, room)
  }

  const { udp, tcp } = await bindUdpAndTcp(listen)
  const connections = new Set<Socket>()
  let isOpen = true
  udp.on('message', async (bytes, peer) => {
    if (peer.port === 0) return
    const message = await answer(bytes, peer.address, peer.port)
    // An answer that cannot be sent is lost like any other datagram; the client asks again.
    if (message && isOpen) udp.send(message, peer.port, peer.address, () => {})
  })
  udp.on('error', (error) => log.error({ err: error }, 'DNS socket'))
  tcp.on('error', (error) => log.error({ err: error }, 'DNS socket'))
  tcp.maxConnections = MAX_CONNECTIONS
  tcp.on('connection', (socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    // Looked at now: it has none any more when its client has hung up, whose questions may wait here still.
    const peer = socket.remoteAddress
    if (peer === undefined) socket.destroy()
    else void converse(socket, (bytes) => answer(bytes, peer))
  })

  const { address, port } = udp.address()
  let closed: Promise<void> | undefined
  return { address, port, close: () => (closed ??= close()) }

  async function close(): Promise<void> {
    isOpen = false
    forward?.forwarder.close()
    const ended = [once(udp, 'close'), once(tcp, 'close')]
    udp.close()
    tcp.close()
    for (const socket of connections) socket.destroy()
    await Promise.all(ended)
  }
}

const NOBODY_KNOWS: DnsAnswer = {
  ...{ rcode: RCODE.servFail, authoritative: false, recursionAvailable: true },
  ...{ answers: [], authorities: [] },
}

/** Bytes of an answer; none for records, where the client is to ask by TCP. */
function roomFor(query: DnsQuery, port: number | undefined, spent: 'answer' | 'truncate'): number {
  if (port === undefined) return MAX_MESSAGE
  return spent === 'truncate' ? 0 : udpLimit(query)
}

/**
 * One TCP connection: messages with two bytes of length in front (RFC 1035, 4.2.2), answered in their order. While one is being
 * answered no more is read than has come already.
 */
async function converse(socket: Socket, answer: (bytes: Uint8Array) => Promise<Uint8Array | undefined>): Promise<void> {
  let pending: Buffer = Buffer.alloc(0)
  socket.setTimeout(IDLE_MS, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  try {
    for await (const part of socket) {
      pending = Buffer.concat([pending, part])
      while (pending.length >= 2) {
        const length = pending.readUInt16BE(0)
        if (length > MAX_QUERY) return
        if (pending.length < 2 + length) break
        const message = await answer(pending.subarray(2, 2 + length))
        pending = pending.subarray(2 + length)
        // What is no question ends the conversation, and so does a client that asks and does not read.
        if (!message || socket.destroyed || socket.writableLength > MAX_MESSAGE) return
        socket.write(Buffer.concat([ofU16(message.length), message]))
      }
    }
    socket.end()
  } catch {
    // It was cut off in the middle of a question.
  } finally {
    if (!socket.writableEnded) socket.destroy()
  }
}
