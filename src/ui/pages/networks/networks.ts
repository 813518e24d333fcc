/** What GET /api/networks answers. Times are milliseconds since 1970. */

export type DhcpMode = 'authoritative' | 'beside' | 'proxy' | 'off'

export interface Subnet {
  readonly subnet: string
  readonly pool: string | null
  readonly gateway: string | null
  readonly dns: readonly string[]
  readonly domain: string
  readonly mode: DhcpMode
  readonly leaseSeconds: number
  readonly size: number
  readonly used: number
  readonly reserved: number
  readonly free: number
}

export interface Interface {
  readonly name: string
  readonly mac: string
  readonly up: boolean
  readonly served: boolean
  readonly address: string | null
  /** With the length of the prefix: 10.77.0.1/24. */
  readonly addresses: readonly string[]
}

interface ForeignServer {
  readonly server: string
  readonly interface: string | null
  readonly offered: string
  readonly first: number
  readonly last: number
  readonly times: number
}

export interface Networks {
  readonly interfaces: readonly Interface[]
  readonly dhcp: {
    readonly enabled: boolean
    readonly mode: DhcpMode
    readonly because: string
  }
  readonly subnets: readonly Subnet[]
  readonly foreign: readonly ForeignServer[]
}

/** What an active look for other DHCP servers has found. */
export interface Probed {
  readonly servers: readonly { readonly server: string; readonly offered: string }[]
  readonly because: string
}
