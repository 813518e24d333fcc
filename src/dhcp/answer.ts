/** What an answer to a DHCP request depends on, and what one is. */
import type { BootingMachine } from '../boot/bootfile.ts'
import type { BootDecision, BootPolicy, Known } from '../boot/decide.ts'
import type { Ipv4 } from '../model/address.ts'
import type { AddressChoice, Lease, LeaseChange, Standing } from '../model/lease.ts'
import type { ServedSubnet } from '../model/subnet.ts'
import type { DhcpPacket } from './codec.ts'
import type { DhcpRequest } from './request.ts'

/** One snapshot of what an answer depends on. */
export interface DhcpState {
  /** Our address on the link that the request came in on: server identifier and next server. */
  readonly server: Ipv4
  /** Undefined: the client is on a network that we do not serve. */
  readonly subnet: ServedSubnet | undefined
  /** The system with this MAC. */
  readonly known: Known | undefined
  readonly policy: BootPolicy
  /** What its next OFFER would be. */
  readonly choice: AddressChoice
  /** How the address that it names stands to it; undefined when it names none. */
  readonly standing: Standing | undefined
  /** What it holds in this subnet, an offer of ours included. */
  readonly held: Lease | undefined
  readonly bootFile: (decision: BootDecision, machine: BootingMachine) => string | undefined
}

export interface DhcpAnswer {
  readonly kind: 'offer' | 'ack' | 'nak' | 'silence'
  readonly reply: DhcpPacket | undefined
  /** What must become true before the reply is sent. */
  readonly changes: readonly LeaseChange[]
  /** One sentence for the log: why this answer. */
  readonly because: string
}

/** The address that a request is about, if it names one. */
export function addressNamed({ asked, ciaddr }: DhcpRequest): Ipv4 | undefined {
  return asked ?? ciaddr
}

export function silence(because: string): DhcpAnswer {
  return { kind: 'silence', reply: undefined, changes: [], because }
}
