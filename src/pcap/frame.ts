/** Ethernet frames around what was said: IPv4 (RFC 791) with UDP (RFC 768) or TCP (RFC 9293), as they stood on the wire. */
import { type Ipv4, type Mac, macToBytes } from '../model/address.ts'

export interface Endpoint {
  readonly mac: Mac
  readonly ip: Ipv4
  readonly port: number
}

export interface TcpSegment {
  readonly seq: number
  readonly ack: number
  readonly flags: readonly (keyof typeof FLAGS)[]
}

export interface Frame {
  readonly frame: Buffer
  /** What it had on the wire: more than there is, when the end of its payload is left out. */
  readonly length: number
}

const ETHERNET = 14
const IP = 20
const UDP = 8
const TCP = 20
const PROTOCOL = { udp: 17, tcp: 6 } as const
const FLAGS = { fin: 1, syn: 2, psh: 8, ack: 16 } as const
const MOST = 65_535

/** Of a longer payload the rest is left out, and said to be. */
export function udpFrame(from: Endpoint, to: Endpoint, payload: Uint8Array): Frame {
  const header = Buffer.alloc(UDP)
  header.writeUInt16BE(from.port, 0)
  header.writeUInt16BE(to.port, 2)
  header.writeUInt16BE(Math.min(UDP + payload.length, MOST - IP), 4)
  return framed(from, to, 'udp', header, payload, 0, 6)
}

/** @param unsaid bytes of the payload that are left out at its end */
export function tcpFrame(
  from: Endpoint,
  to: Endpoint,
  { seq, ack, flags }: TcpSegment,
  payload: Uint8Array,
  unsaid = 0,
): Frame {
  const header = Buffer.alloc(TCP)
  header.writeUInt16BE(from.port, 0)
  header.writeUInt16BE(to.port, 2)
  header.writeUInt32BE(seq >>> 0, 4)
  header.writeUInt32BE(ack >>> 0, 8)
  header.writeUInt8((TCP / 4) << 4, 12)
  header.writeUInt8(
    flags.reduce((sum, flag) => sum | FLAGS[flag], 0),
    13,
  )
  header.writeUInt16BE(MOST, 14)
  return framed(from, to, 'tcp', header, payload, unsaid, 16)
}

/** @param checksumAt where in the header of the transport its checksum is */
function framed(
  from: Endpoint,
  to: Endpoint,
  protocol: keyof typeof PROTOCOL,
  header: Buffer,
  payload: Uint8Array,
  unsaid: number,
  checksumAt: number,
): Frame {
  const most = MOST - IP - header.length
  const kept = payload.subarray(0, most)
  const left = Math.min(most - kept.length, unsaid)
  const size = header.length + kept.length + left

  const ethernet = Buffer.concat([macToBytes(to.mac), macToBytes(from.mac), Buffer.of(0x08, 0x00)])
  const ip = Buffer.alloc(IP)
  ip.writeUInt8(0x45, 0)
  ip.writeUInt16BE(IP + size, 2)
  ip.writeUInt8(64, 8)
  ip.writeUInt8(PROTOCOL[protocol], 9)
  ip.set(ipBytes(from.ip), 12)
  ip.set(ipBytes(to.ip), 16)
  ip.writeUInt16BE(checksum([ip]), 10)

  // Of what is not all there no checksum can be made: 0 is none (UDP), and nobody checks it (TCP).
  if (left === 0) {
    const pseudo = Buffer.concat([ip.subarray(12, 20), Buffer.of(0, PROTOCOL[protocol], size >> 8, size & 255)])
    header.writeUInt16BE(checksum([pseudo, header, kept]) || 0xffff, checksumAt)
  }
  return { frame: Buffer.concat([ethernet, ip, header, kept]), length: ETHERNET + IP + size }
}

/** RFC 1071. Every part but the last has an even length. */
function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

const ipBytes = (ip: Ipv4): Buffer => Buffer.from(ip.split('.').map(Number))
