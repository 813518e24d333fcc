/** What DHCP hands out on one subnet. */
import type { Ipv4, Mac, Subnet } from './address.ts'
import type { Subnet6 } from './address6.ts'
import type { OptionValue, Route } from './dhcp-options.ts'

export interface ServedSubnet {
  readonly subnet: Subnet
  /** Subnets of one name are on one link, and a machine there may have an address in any of them. Unset: it is alone. */
  readonly sharedNetwork?: string | undefined
  /** Both ends included. None: only systems with an address of their own are served. */
  readonly pools: readonly AddressRange[]
  /** Addresses that are kept for machines which are no systems, or known by something else than their MAC. */
  readonly reservations?: readonly Reservation[]
  /** Our address that machines there are told. Unset: the one that we have in the subnet, else that of the link. */
  readonly server?: Ipv4 | undefined
  readonly gateway: Ipv4 | undefined
  /** Empty: we are the name server. */
  readonly dns: readonly Ipv4[]
  readonly domain: string
  /** In which names are looked for. */
  readonly search?: readonly string[]
  readonly ntp?: readonly Ipv4[]
  /** Bytes. */
  readonly mtu?: number | undefined
  /** Beside the gateway. */
  readonly routes?: readonly Route[]
  /** By the names of model/dhcp-options.ts; they have been looked at. */
  readonly options?: Readonly<Record<string, OptionValue>>
  readonly leaseSeconds: number
  /** Whether a free address is asked for on the link before it is offered. Unset: no. */
  readonly conflictCheck?: boolean
  readonly mode: DhcpMode
  /** Of the same link; undefined: no IPv6 is told of there. */
  readonly ipv6?: Subnet6 | undefined
  /** Seconds for which we are an IPv6 router; unset: we are none. */
  readonly ipv6RouterSeconds?: number
}

export const DHCP_MODES = ['authoritative', 'beside', 'proxy', 'off'] as const

/**
 * `authoritative`: no other DHCP server answers on this subnet, so a client with an address that we know nothing of is told
 * to drop it. `beside`: such a client is left to the other server. `proxy`: the other server gives all addresses, and we tell
 * machines that boot what to boot (PXE 2.1, section 2.2). `off`: not a word.
 */
export type DhcpMode = (typeof DHCP_MODES)[number]

/** Whose address it is: all that is named must be what the machine says of itself. */
export interface Reservation {
  readonly ip: Ipv4
  readonly mac?: Mac | undefined
  /** Of option 61, in lower-case hexadecimal digits. */
  readonly clientId?: string | undefined
  /** Of option 97, in lower-case hexadecimal digits: 16 bytes in the order in which people write them. */
  readonly uuid?: string | undefined
}

export interface AddressRange {
  readonly first: Ipv4
  readonly last: Ipv4
}

/** Other DHCP servers, for which we know what they would have to say. */
export const EXTERNAL_SERVERS = ['dnsmasq', 'isc', 'kea', 'router'] as const
export type ExternalServer = (typeof EXTERNAL_SERVERS)[number]
