/** This host's own interfaces and addresses. */
import { networkInterfaces } from 'node:os'
import type { Clock } from './clock.ts'
import { listNames, readTextBelow } from './files.ts'

export interface HostAddress {
  readonly interface: string
  readonly address: string
  /** Loopback and the like. */
  readonly internal: boolean
}

/** Those of IPv4, unless IPv6 is asked for. */
export function hostAddresses(wanted: 'IPv4' | 'IPv6' = 'IPv4'): HostAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ family }) => family === wanted)
      .map(({ address, internal }) => ({ interface: name, address, internal })),
  )
}

/** What `look` finds, a second old at most: interfaces change while we run, and looking takes its time. */
function lately<Found>(clock: Clock, look: () => Found): () => Found {
  let [found, at] = [undefined as Found | undefined, Number.NEGATIVE_INFINITY]
  return () => {
    const now = clock.now()
    if (found === undefined || Math.abs(now - at) >= 1000) [found, at] = [look(), now]
    return found
  }
}

/** Whether a MAC is of an interface of this host that has an address: a bridge takes another when something is plugged into it. */
export function ownMacs(clock: Clock): (mac: string) => boolean {
  const known = lately(
    clock,
    () => new Set(Object.values(networkInterfaces()).flatMap((all = []) => all.map((one) => one.mac))),
  )
  return (mac) => known().has(mac)
}

export interface HostInterface {
  readonly name: string
  /** Lower case; empty: it has none. */
  readonly mac: string
  /** IPv4 with the prefix length, `10.77.0.1/24`. */
  readonly addresses: readonly string[]
  /** It is switched on and sees its cable. */
  readonly up: boolean
}

/** All but loopbacks, those that are down and those without an address too, by name. */
export function hostInterfaces(): HostInterface[] {
  const found = networkInterfaces()
  const names = new Set([...listNames('/sys/class/net'), ...Object.keys(found)])
  return [...names].sort().flatMap((name) => {
    const [addresses, flags] = [found[name] ?? [], Number(read(name, 'flags') ?? 0)]
    if ((flags & IFF_LOOPBACK) !== 0 || addresses.some(({ internal }) => internal)) return []
    return [
      {
        name,
        mac: read(name, 'address') ?? addresses[0]?.mac ?? '',
        addresses: addresses.flatMap(({ family, cidr }) => (family === 'IPv4' && cidr !== null ? [cidr] : [])),
        up: isUp(read(name, 'operstate'), flags, addresses.length > 0),
      },
    ]
  })
}

const [IFF_UP, IFF_LOOPBACK] = [1, 8]

/** Some drivers do not know (`unknown`): then what it was set to counts. */
function isUp(state: string | undefined, flags: number, hasAddress: boolean): boolean {
  if (state === undefined) return hasAddress
  return state === 'up' || (state === 'unknown' && (flags & IFF_UP) !== 0)
}

function read(name: string, what: string): string | undefined {
  return readTextBelow('/sys', `class/net/${name}/${what}`)?.trim()
}

/** Bytes of the largest packet of the interface that has an address; undefined: none has it. */
export function mtus(clock: Clock): (address: string) => number | undefined {
  const known = lately(clock, () => {
    const all = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => {
      const mtu = Number(read(name, 'mtu'))
      return mtu > 0 ? addresses.map((one) => [one.address, mtu] as const) : []
    })
    return new Map(all)
  })
  return (address) => known().get(address)
}
