/** The DHCP sockets, one for each interface: bytes in, one decision, the disk if need be, bytes out. */
import { DecodeError } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import { complaints } from '../lib/complaints.ts'
import { datagrams } from '../lib/datagrams.ts'
import { openDeviceSocket, SocketError } from '../lib/device-socket.ts'
import { closeFd } from '../lib/libc.ts'
import type { Log } from '../lib/log.ts'
import { readSocketAddress, type SocketAddress, socketAddress } from '../lib/socket-address.ts'
import type { Ipv4, Mac } from '../model/address.ts'
import { OrchestraError } from '../model/errors.ts'
import type { LeaseChange } from '../model/lease.ts'
import type { Marks } from '../model/reservations.ts'
import { addressNamed, type DhcpAnswer, type DhcpState } from './answer.ts'
import { decode, encode } from './codec.ts'
import { conflictCheck } from './conflict.ts'
import { decideDhcp } from './decide.ts'
import type { Exchange } from './exchange.ts'
import { exhaustion } from './exhaustion.ts'
import { type Offering, offeringOf } from './probe.ts'
import { type ReplyAddress, replyAddress } from './reply-address.ts'
import { type DhcpRequest, readRequest } from './request.ts'
import { type DhcpSighting, sightings } from './sighting.ts'

export interface DhcpServerOptions {
  readonly links: readonly { readonly interface: string; readonly address: Ipv4 }[]
  /** 67 unless told; clients listen on the next one. */
  readonly port?: number
  /** Where machines ask a boot server whose proxy offer they took: 4011, but for tests. Undefined: there is no proxy among the subnets. */
  readonly bootServerPort?: number | undefined
  readonly lookUp: (question: DhcpQuestion) => DhcpState
  /** Answers when the changes will outlive us; nothing is sent when it rejects. */
  readonly apply: (changes: readonly LeaseChange[]) => Promise<void>
  readonly onSeen: (seen: DhcpSighting) => void
  /** Told of every exchange after its answer has left; must not wait and must not throw. */
  readonly note?: (exchange: Exchange) => void
  /** Told of the answers of other servers that come to us, on which interface. */
  readonly onOffering?: (device: string, offering: Offering) => void
  /** Who has this address on the link of an interface, if anybody answers there; asked before a free one is offered. */
  readonly whoHas?: (device: string, ip: Ipv4) => Promise<Mac | undefined>
  /** Of an interface of this host: what that asks is a probe for other servers, and is left to those. */
  readonly isOwn?: (mac: Mac) => boolean
  readonly clock: Clock
  readonly log: Log
}

/** What must be known of a request to look up what its answer depends on. */
export interface DhcpQuestion extends Marks {
  /** The address that the client names. */
  readonly named: Ipv4 | undefined
  /** The address that it uses already. */
  readonly ciaddr: Ipv4 | undefined
  /** The network that its relay says it is on. */
  readonly relay: Ipv4 | undefined
  /** Our address on the link that it came in on. */
  readonly link: Ipv4
}

export interface DhcpCounters {
  received: number
  /** No DHCP request: dropped. */
  malformed: number
  sent: number
  /** Our own faults. */
  failed: number
}

export interface DhcpServer {
  readonly counters: Readonly<DhcpCounters>
  close(): Promise<void>
}

/** @throws OrchestraError config.invalid when a socket cannot be had */
export async function startDhcp(options: DhcpServerOptions): Promise<DhcpServer> {
  const counters: DhcpCounters = { received: 0, malformed: 0, sent: 0, failed: 0 }
  const stops: (() => void)[] = []
  const close = async () => {
    for (const stop of stops.splice(0)) stop()
  }
  try {
    // A subnet may be heard by several.
    const shared = { ...options, noteExhaustion: exhaustion(options.log) }
    for (const link of options.links) {
      stops.push(listen(link, counters, shared))
      const { bootServerPort: port } = options
      if (port !== undefined) stops.push(listen(link, counters, { ...shared, port, answersToSender: true }))
    }
  } catch (error) {
    await close()
    throw error
  }
  return { counters, close }
}

/** Answers how to stop. */
function listen(
  link: { readonly interface: string; readonly address: Ipv4 },
  counters: DhcpCounters,
  options: DhcpServerOptions & {
    readonly answersToSender?: boolean
    readonly noteExhaustion: ReturnType<typeof exhaustion>
  },
): () => void {
  const { port = 67, lookUp, apply, onSeen, note: trace, onOffering, whoHas, isOwn, clock, log } = options
  const ports = { server: port, client: port + 1 }
  const portOf = (to: ReplyAddress, peer: SocketAddress) => (options.answersToSender ? peer.port : ports[to.port])
  const note = sightings(clock, onSeen)
  const complain = complaints(log)
  const checkConflict = whoHas && conflictCheck({ device: link.interface, whoHas, apply, log })
  let isOpen = true

  async function answer(bytes: Buffer, peer: SocketAddress): Promise<void> {
    const packet = decode(bytes)
    const offering = onOffering && offeringOf(packet)
    if (offering) onOffering(link.interface, offering)
    const request = readRequest(packet)
    const { mac, ciaddr, clientId, uuid, relay } = request
    if (isOwn?.(mac)) return
    const state = lookUp({ mac, named: addressNamed(request), ciaddr, clientId, uuid, relay, link: link.address })
    const decided = decideDhcp(request, state)
    const looking = checkConflict?.(request, state, decided)
    if (looking) {
      await looking
      return isOpen ? await answer(bytes, peer) : undefined
    }
    const reply = decided.reply && encode(decided.reply)
    // From lookUp to here nothing else has run, so what was free still is; the disk may take its time.
    await apply(decided.changes)
    if (!isOpen) return
    tell(log, request, decided)
    const to = decided.reply && replyAddress(decided.reply)
    if (to && reply) {
      wire.send(reply, socketAddress(to.ip, portOf(to, peer)))
      counters.sent++
    }
    note(request, state, decided)
    if (request.type === 'discover') options.noteExhaustion(state)
    trace?.({
      ...{ request, state, decided },
      wire: {
        bytes,
        peer,
        link: link.address,
        port,
        reply: to && reply && { bytes: reply, ip: to.ip, port: portOf(to, peer) },
      },
    })
  }

  const fd = openFd(link.interface, port)
  const wire = datagrams(fd, {
    onMessage(bytes, from) {
      counters.received++
      const peer = readSocketAddress(from)
      // One bad packet must never take the daemon down: drop it, say so, go on.
      answer(Buffer.from(bytes), peer).catch((error: unknown) => {
        if (error instanceof DecodeError) {
          counters.malformed++
          complain(peer.address, error.message)
        } else {
          counters.failed++
          log.error({ peer: peer.address, interface: link.interface, err: error }, 'a DHCP request got no answer')
        }
      })
    },
    onError: (code, to) => complain(readSocketAddress(to).address, `the answer cannot be sent: ${code}`),
  })
  return () => {
    isOpen = false
    wire.close()
    closeFd(fd)
  }
}

const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another DHCP server runs on it; stop that one',
  EPERM: 'that needs root, or CAP_NET_BIND_SERVICE and CAP_NET_RAW',
  EACCES: 'that needs root, or CAP_NET_BIND_SERVICE and CAP_NET_RAW',
  ENODEV: 'there is no such interface',
}

function openFd(device: string, port: number): number {
  try {
    return openDeviceSocket(device, port)
  } catch (cause) {
    const hint = cause instanceof SocketError ? HINTS[cause.code] : undefined
    const why = hint ?? (cause instanceof Error ? cause.message : String(cause))
    throw new OrchestraError('config.invalid', `DHCP cannot listen on ${device}, port ${port}: ${why}`, { cause })
  }
}

/** One line for each answer. Machines that boot are what people look for; of others an address that they got is. */
function tell(log: Log, { mac, type, ciaddr, boot }: DhcpRequest, { kind, because }: DhcpAnswer): void {
  const isNews = boot !== undefined || kind === 'nak' || (kind === 'ack' && ciaddr === undefined)
  log[isNews ? 'info' : 'debug']({ mac, asked: type, answer: kind }, because)
}
