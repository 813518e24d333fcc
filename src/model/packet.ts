/** What was said on the wire in a boot, as it is kept for a capture: datagrams whole, of HTTP the heads. */
import type { Ipv4 } from './address.ts'

export interface Place {
  /** Undefined: not known here; where the machine was seen last counts. */
  readonly ip: Ipv4 | undefined
  readonly port: number
}

interface Spoken {
  /** Milliseconds since 1970. */
  readonly at: number
  /** When the exchange that it is part of was over: what the trace tells of that time is told of it. */
  readonly until?: number | undefined
  /** What the trace tells of it. */
  readonly comment?: string | undefined
  readonly client: Place
  readonly server: Place
}

export interface Datagram extends Spoken {
  readonly protocol: 'dhcp' | 'tftp' | 'dns' | 'syslog'
  /** As the server sees it. */
  readonly way: 'in' | 'out'
  /** Everybody on the network hears it. */
  readonly isBroadcast?: boolean
  readonly bytes: Uint8Array
}

/** A request and its answer. Secrets are masked; bodies are counted. */
export interface HttpExchange extends Spoken {
  readonly protocol: 'http'
  readonly answeredAt: number
  /** The same for all exchanges of one connection. */
  readonly connection: number
  readonly request: string
  readonly received: number
  readonly response: string
  readonly sent: number
}

export type Packet = Datagram | HttpExchange

/** What it takes to keep it, in bytes; about. */
export function sizeOf(packet: Packet): number {
  return packet.protocol === 'http' ? packet.request.length + packet.response.length + 500 : packet.bytes.length + 100
}
