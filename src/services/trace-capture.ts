/**
 * The packets of boots, kept beside their traces: references at first, made into blocks of a capture when they are written
 * behind, and with each of them what the trace tells of it. Bounded for each boot, and in memory.
 */
import type { Ipv4, Mac } from '../model/address.ts'
import { type Datagram, type HttpExchange, type Packet, type Place, sizeOf } from '../model/packet.ts'
import { type BootAttempt, commentOf, type TraceEntry } from '../model/trace.ts'
import { encodePacket, encodeSection, encodeStatistics } from '../pcap/codec.ts'
import { type Frame, type TcpSegment, tcpFrame, udpFrame } from '../pcap/frame.ts'
import type { KeptPackets, PacketRow, PacketTotals } from '../store/boot-packets.ts'

export interface CaptureShelf {
  /** Never waits. */
  keep(attempt: BootAttempt, packets: readonly Packet[]): void
  /** What is told of packets is what the trace says when they are written. */
  grown(attempt: BootAttempt): void
  /** Boots that are in the store, with packets that are not. @param isStored by id */
  waiting(most: number, isStored: (id: number) => boolean): number[]
  /** @param stored of these boots, what is in the store already */
  take(boots: readonly number[], stored: PacketTotals): PacketRow[]
}

export interface CaptureBounds {
  /** Bytes kept of each boot; 0: none. */
  readonly perBoot: number
  /** Bytes that wait for the disk. */
  readonly waiting: number
  /** Boots whose packets are counted in memory. */
  readonly boots: number
}

interface Kept {
  attempt: BootAttempt
  /** In the store and waiting; undefined: nobody has asked the store yet. */
  bytes: number | undefined
  dropped: number
  /** How many were dropped when that was last written. */
  told: number
  packets: Packet[]
  /** Where machine and server were seen last. */
  client: Ipv4 | undefined
  server: Ipv4 | undefined
  connections: Map<number, Sequence>
}

/** Next sequence numbers. */
interface Sequence {
  client: number
  server: number
}

/** Nobody's: what a server's address on the wire was is not looked up for each packet. */
const SERVER_MAC = '02:00:00:00:00:01' as Mac
const UNKNOWN_MAC = '02:00:00:00:00:02' as Mac
const EVERYBODY = 'ff:ff:ff:ff:ff:ff' as Mac
const NOWHERE = '0.0.0.0' as Ipv4
const LONGEST_COMMENT = 600
const MOST_CONNECTIONS = 200

export function captureShelf(bounds: CaptureBounds): CaptureShelf {
  const shelf = new Map<number, Kept>()
  let waitingBytes = 0

  function open(attempt: BootAttempt): Kept {
    const found = shelf.get(attempt.id)
    if (found) return found
    const kept: Kept = {
      ...{ attempt, bytes: undefined, dropped: 0, told: 0, packets: [] },
      ...{ client: undefined, server: undefined, connections: new Map() },
    }
    shelf.set(attempt.id, kept)
    for (const [oldest, { packets }] of shelf) {
      if (shelf.size <= bounds.boots) break
      if (packets.length === 0) shelf.delete(oldest)
    }
    return kept
  }

  return {
    keep(attempt, packets) {
      if (bounds.perBoot === 0) return
      const kept = open(attempt)
      for (const packet of packets) {
        const size = sizeOf(packet)
        if ((kept.bytes ?? 0) >= bounds.perBoot || waitingBytes + size > bounds.waiting) kept.dropped++
        else {
          kept.packets.push(packet)
          waitingBytes += size
        }
      }
    },

    grown(attempt) {
      const kept = shelf.get(attempt.id)
      if (kept) kept.attempt = attempt
    },

    waiting(most, isStored) {
      const found: number[] = []
      for (const [id, { packets, dropped, told }] of shelf) {
        if (found.length >= most) break
        if ((packets.length > 0 || dropped > told) && isStored(id)) found.push(id)
      }
      return found
    },

    take(boots, stored) {
      return boots.flatMap((boot) => {
        const kept = shelf.get(boot)
        if (!kept) return []
        const before = stored.get(boot)
        if (kept.bytes === undefined) {
          kept.bytes = before?.bytes ?? 0
          kept.dropped += before?.dropped ?? 0
        }
        const packets = kept.packets
        kept.packets = []
        const blocks: Buffer[] = []
        for (const packet of packets) {
          waitingBytes -= sizeOf(packet)
          const made = blocksOf(packet, kept)
          const size = made.reduce((sum, { length }) => sum + length, 0)
          if (kept.bytes + size > bounds.perBoot) {
            kept.dropped++
            continue
          }
          kept.bytes += size
          blocks.push(...made)
        }
        kept.told = kept.dropped
        const body = Buffer.concat(blocks)
        return [{ boot, bytes: body.length, dropped: kept.dropped, body }]
      })
    },
  }
}

/** All that was kept of a boot, as a file that Wireshark reads. */
export function captureOf(attempt: BootAttempt, { bodies, dropped }: KeptPackets, verdict: string): Buffer {
  const lost = dropped === 0 ? '' : ` ${dropped} packets more were not kept for want of room.`
  const section = encodeSection({
    program: 'Orchestra',
    comment: `Boot ${attempt.id} of ${attempt.system ?? attempt.mac ?? 'a machine'}: ${verdict}`,
    interfaceName: 'orchestra',
    interfaceComment:
      `What the server heard and said.${lost} Left out: blocks of data of TFTP, bodies of HTTP, and what was said to others.` +
      ' Tokens and the like are masked with *. Made up: the Ethernet address of the server, the handshakes of TCP; syslog is as it was kept.',
  })
  const last = attempt.entries.at(-1)
  return Buffer.concat([
    section,
    ...bodies,
    encodeStatistics({ at: last?.until ?? last?.at ?? attempt.started, dropped }),
  ])
}

function blocksOf(packet: Packet, kept: Kept): Buffer[] {
  const { attempt } = kept
  const comment = (packet.comment ?? toldOf(attempt.entries, packet))?.slice(0, LONGEST_COMMENT)
  for (const end of ['client', 'server'] as const) {
    const { ip } = packet[end]
    if (ip !== undefined && ip !== NOWHERE) kept[end] = ip
  }
  const client = placed(packet.client, attempt.mac ?? UNKNOWN_MAC, kept.client)
  const server = placed(packet.server, SERVER_MAC, kept.server)
  return packet.protocol === 'http'
    ? httpBlocks(packet, client, server, sequenceOf(packet.connection, kept), comment)
    : [datagramBlock(packet, client, server, comment)]
}

function placed({ ip, port }: Place, mac: Mac, otherwise: Ipv4 | undefined) {
  return { mac, port, ip: ip ?? otherwise ?? NOWHERE }
}

type End = ReturnType<typeof placed>

function datagramBlock(packet: Datagram, client: End, server: End, comment: string | undefined): Buffer {
  const { at, way, bytes, isBroadcast } = packet
  const all = { ip: '255.255.255.255' as Ipv4, mac: EVERYBODY }
  const [from, to] = way === 'in' ? [client, server] : [server, client]
  return encodePacket({ at, way, comment, ...udpFrame(from, isBroadcast ? { ...to, ...all } : to, bytes) })
}

/** A connection's first exchange follows the handshake, which nobody has seen. */
function httpBlocks(
  packet: HttpExchange,
  client: End,
  server: End,
  { sequence, isNew }: { readonly sequence: Sequence; readonly isNew: boolean },
  comment: string | undefined,
): Buffer[] {
  const { at, answeredAt, request, received, response, sent } = packet
  const heard = (time: number, made: Frame, told?: string) =>
    encodePacket({ at: time, way: 'in', comment: told, ...made })
  const said = (time: number, made: Frame, told?: string) =>
    encodePacket({ at: time, way: 'out', comment: told, ...made })
  const up = (flags: TcpSegment['flags'], text = '', unsaid = 0) => {
    const made = tcpFrame(
      client,
      server,
      { seq: sequence.client, ack: sequence.server, flags },
      Buffer.from(text),
      unsaid,
    )
    sequence.client += Buffer.byteLength(text) + unsaid
    return made
  }
  const down = (flags: TcpSegment['flags'], text = '', unsaid = 0) => {
    const made = tcpFrame(
      server,
      client,
      { seq: sequence.server, ack: sequence.client, flags },
      Buffer.from(text),
      unsaid,
    )
    sequence.server += Buffer.byteLength(text) + unsaid
    return made
  }
  const opening: Buffer[] = []
  if (isNew) {
    opening.push(heard(at, tcpFrame(client, server, { seq: sequence.client++, ack: 0, flags: ['syn'] }, Buffer.of())))
    opening.push(
      said(
        at,
        tcpFrame(server, client, { seq: sequence.server++, ack: sequence.client, flags: ['syn', 'ack'] }, Buffer.of()),
      ),
    )
    opening.push(heard(at, up(['ack'])))
  }
  return [
    ...opening,
    heard(at, up(['psh', 'ack'], request, received), comment),
    said(answeredAt, down(['psh', 'ack'], response, sent), comment),
  ]
}

function sequenceOf(connection: number, { connections }: Kept): { sequence: Sequence; isNew: boolean } {
  const known = connections.get(connection)
  if (known) return { sequence: known, isNew: false }
  const first = Math.imul(connection, 1_000_003) >>> 0
  const sequence = { client: first, server: (first + 0x4000_0000) >>> 0 }
  connections.set(connection, sequence)
  for (const oldest of connections.keys()) {
    if (connections.size <= MOST_CONNECTIONS) break
    connections.delete(oldest)
  }
  return { sequence, isNew: true }
}

/** What was noted of this fetch, and what was decided on it: all that the trace has of that time. */
function toldOf(entries: readonly TraceEntry[], { protocol, at, until }: Packet): string | undefined {
  if (until === undefined) return undefined
  const told = entries.flatMap((entry) => {
    const time = entry.until ?? entry.at
    const isOfIt = entry.kind === protocol || entry.kind === 'decision' || entry.kind === 'step'
    return isOfIt && time >= at && time <= until + AROUND ? [commentOf(entry)] : []
  })
  return told.length === 0 ? undefined : [...new Set(told)].join(' | ')
}

/** Milliseconds: what is noted when an answer is over is noted a moment later. */
const AROUND = 20
