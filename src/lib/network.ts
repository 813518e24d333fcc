/** This host's own IPv4 addresses, by interface. */
import { networkInterfaces } from 'node:os'

export interface HostAddress {
  readonly interface: string
  readonly address: string
  /** Loopback and the like. */
  readonly internal: boolean
}

export function hostAddresses(): HostAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, internal }) => ({ interface: name, address, internal })),
  )
}
