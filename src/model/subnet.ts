/** What DHCP hands out on one subnet. */
import type { Ipv4, Subnet } from './address.ts'
import type { OptionValue, Route } from './dhcp-options.ts'

export interface ServedSubnet {
  readonly subnet: Subnet
  /** Both ends included. Undefined: only systems with an address of their own are served. */
  readonly pool: AddressRange | undefined
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
  /** Unset: authoritative. */
  readonly mode?: DhcpMode
}

export const DHCP_MODES = ['authoritative', 'beside', 'proxy', 'off'] as const

/**
 * `authoritative`: no other DHCP server answers on this subnet, so a client with an address that we know nothing of is told
 * to drop it. `beside`: such a client is left to the other server. `proxy`: the other server gives all addresses, and we tell
 * machines that boot what to boot (PXE 2.1, section 2.2). `off`: not a word.
 */
export type DhcpMode = (typeof DHCP_MODES)[number]

export interface AddressRange {
  readonly first: Ipv4
  readonly last: Ipv4
}
