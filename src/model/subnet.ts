/** A subnet that our DHCP serves, and what its clients are told. */
import type { Ipv4, Subnet } from './address.ts'

export interface ServedSubnet {
  readonly subnet: Subnet
  /** Addresses for machines without a fixed one; undefined: none. */
  readonly pool: { readonly first: Ipv4; readonly last: Ipv4 } | undefined
  readonly gateway: Ipv4 | undefined
  /** Empty: the server's own address. */
  readonly dns: readonly Ipv4[]
  /** Empty: none. */
  readonly domain: string
  readonly leaseSeconds: number
}
