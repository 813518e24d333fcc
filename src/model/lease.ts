/** Lease: an address that a MAC holds, and the changes that DHCP decides. */
import type { Ipv4, Mac } from './address.ts'

export interface Lease {
  readonly ip: Ipv4
  readonly mac: Mac
  /** `offered` is a promise of a minute, in memory only; `declined` keeps a bad address out of use. */
  readonly state: 'offered' | 'leased' | 'declined'
  /** Milliseconds since 1970. */
  readonly expires: number
  readonly hostname: string
}

/** What must become true when a DHCP reply is sent. */
export type LeaseChange =
  | { readonly change: 'hold'; readonly ip: Ipv4; readonly mac: Mac; readonly seconds: number }
  | {
      readonly change: 'lease'
      readonly ip: Ipv4
      readonly mac: Mac
      readonly seconds: number
      readonly hostname: string
    }
  | { readonly change: 'release'; readonly ip: Ipv4; readonly mac: Mac }
  | { readonly change: 'decline'; readonly ip: Ipv4; readonly mac: Mac; readonly seconds: number }
  /** Another server has given it: no lease of ours, and nothing to write. */
  | { readonly change: 'heard'; readonly ip: Ipv4; readonly mac: Mac }

/** Which address a machine would be given now; undefined when there is none. `because` is half a sentence for the log. */
export interface AddressChoice {
  /** Of the pool, and nobody's: there was one left. */
  readonly isFree?: boolean
  readonly ip: Ipv4 | undefined
  readonly because: string
}

/** How an address that a machine names itself stands to that machine. */
export type Standing =
  | 'own' // held by it, or fixed for it
  | 'free' // in the pool and nobody's
  | 'taken' // another's, or it has a better one
  | 'unmanaged' // on the subnet, but neither in the pool nor a system's
  | 'elsewhere' // not on this subnet
