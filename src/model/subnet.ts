/** What DHCP hands out on one subnet. */
import type { Ipv4, Subnet } from './address.ts'

export interface ServedSubnet {
  readonly subnet: Subnet
  /** Both ends included. Undefined: only systems with an address of their own are served. */
  readonly pool: AddressRange | undefined
  readonly gateway: Ipv4 | undefined
  /** Empty: we are the name server. */
  readonly dns: readonly Ipv4[]
  readonly domain: string
  readonly leaseSeconds: number
  /**
   * True: no other DHCP server answers on this subnet, so a client with an address that we know nothing of is told to
   * drop it. False: such a client is left to the other server. Unset: true.
   */
  readonly authoritative?: boolean
}

export interface AddressRange {
  readonly first: Ipv4
  readonly last: Ipv4
}
