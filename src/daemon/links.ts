/** Which interfaces DHCP serves, and what nodes are told to fetch from: settings held against this host's addresses. */
import type { Settings } from '../config-schema.ts'
import type { HostAddress } from '../lib/network.ts'
import { asIpv4, contains, type Ipv4, type Mac } from '../model/address.ts'
import { asIpv6, contains6, type Ipv6, isIpv6, isLinkLocal, macOfIpv6, type Subnet6 } from '../model/address6.ts'
import { OrchestraError } from '../model/errors.ts'
import type { ServedSubnet } from '../model/subnet.ts'
import { macByIp, type System } from '../model/system.ts'
import type { Catalog } from '../services/catalog.ts'
import type { Leases } from '../services/leases.ts'

/** An interface that DHCP listens on, and our address there. */
export interface Link {
  readonly interface: string
  readonly address: Ipv4
  readonly subnet: ServedSubnet | undefined
}

/** DHCP is on when the settings say so; unsaid: for root, when there are subnets to serve. */
export function dhcpIsOn({ dhcp }: Settings, isRoot: boolean): boolean {
  return dhcp.enabled ?? (isRoot && dhcp.subnets.some(({ mode }) => mode !== 'off'))
}

/**
 * The named interfaces, or those with an address in a served subnet.
 * @throws OrchestraError config.invalid when a named one is not there or none fits
 */
export function servedLinks({ dhcp }: Settings, addresses: readonly HostAddress[]): Link[] {
  const named = dhcp.interfaces.length > 0
  const links = new Map<string, Link>()
  for (const { interface: name, address } of addresses) {
    if (named && !dhcp.interfaces.includes(name)) continue
    const ip = asIpv4(address)
    if (!ip) continue
    const subnet = dhcp.subnets.find((served) => contains(served.subnet, ip))
    // Of several addresses of one interface, the one in a served subnet is ours there.
    if (!named && subnet?.mode === 'off') continue
    if ((subnet || named) && !links.get(name)?.subnet) links.set(name, { interface: name, address: ip, subnet })
  }
  const missing = dhcp.interfaces.find((name) => !links.has(name))
  if (missing !== undefined) {
    throw new OrchestraError(
      'config.invalid',
      `dhcp.interfaces: ${missing} is not here or has no IPv4 address; give it one, or name another`,
    )
  }
  if (links.size === 0) {
    throw new OrchestraError(
      'config.invalid',
      'dhcp.subnets: no interface of this host has an address in one of them; give one an address, or name it in dhcp.interfaces if relays come through it',
    )
  }
  return [...links.values()]
}

/** What nodes are told to fetch from, `http://10.77.0.1:8080`: by the address that a node has; without one, what most are told. */
export type NodeUrl = (at?: Ipv4 | Ipv6) => string

/** From `http.url` or from where we listen; on several networks, for each our address there. Never from a Host header. */
export function nodeUrl(
  { http, dhcp }: Settings,
  port: number,
  links: readonly Link[],
  addresses: readonly HostAddress[],
  addresses6: readonly HostAddress[] = [],
): NodeUrl {
  const { url } = http
  const told = (at: Ipv4 | Ipv6 | undefined) => (isIpv6(at) ? ipv6Url(url) : url)
  const of = (host: string) => {
    const literal = host.includes(':') ? `[${host}]` : host
    return port === 80 ? `http://${literal}` : `http://${literal}:${port}`
  }
  const everywhere = http.listen.address === '0.0.0.0' || http.listen.address === '::'
  if (!everywhere) return (at) => told(at) ?? of(http.listen.address)
  const own = [...links.map(({ address }) => address), ...addresses.flatMap(({ address }) => asIpv4(address) ?? [])]
  const first =
    links.find(({ subnet }) => subnet)?.address ??
    links[0]?.address ??
    addresses.find(({ internal }) => !internal)?.address ??
    '127.0.0.1'
  const homes = dhcp.subnets.flatMap(({ subnet, server }) => {
    const ours = server ?? own.find((ip) => contains(subnet, ip))
    return ours === undefined ? [] : [{ subnet, url: of(ours) }]
  })
  const homes6 = dhcp.subnets.flatMap(({ ipv6 }) => {
    const ours = ipv6 && http.listen.address === '::' ? ownIpv6(ipv6, addresses6) : undefined
    return ipv6 && ours !== undefined ? [{ ipv6, url: of(ours) }] : []
  })
  return (at) => {
    const set = told(at)
    if (set !== undefined) return set
    const home = isIpv6(at)
      ? homes6.find(({ ipv6 }) => contains6(ipv6, at))
      : homes.find(({ subnet }) => at !== undefined && contains(subnet, at))
    return home?.url ?? url ?? of(first)
  }
}

/** What machines that boot by IPv6 can fetch from, of `http.url`: anything but an IPv4 address. */
export function ipv6Url(url: string | undefined): string | undefined {
  return url !== undefined && !asIpv4(new URL(url).hostname) ? url : undefined
}

/** Ours in a network; of one that lies behind a router, the first of ours that can be reached from there. */
export function ownIpv6(network: Subnet6, addresses: readonly HostAddress[]): Ipv6 | undefined {
  const own = addresses.flatMap(({ address, internal }) => (internal ? [] : (asIpv6(address) ?? [])))
  return own.find((ip) => contains6(network, ip)) ?? own.find((ip) => !isLinkLocal(ip))
}

/** Only this host itself can reach it. */
export function isLoopbackHost(host: string): boolean {
  return /^127\.|^\[?::1\]?$|^localhost$/.test(host)
}

/** An IPv4 client of a socket that listens on [::] is called ::ffff:10.0.0.1. */
export function plainPeer(peer: string): string {
  return peer.replace(/^::ffff:/i, '')
}

/** Who has an address: by lease or by a fixed address; of IPv6 by what stands in it. */
export function macsAt(
  leases: Pick<Leases, 'macAt'>,
  catalog: Pick<Catalog, 'systemByIp'>,
): (peer: Ipv4 | Ipv6) => Mac | undefined {
  return (peer) => (isIpv6(peer) ? macOfIpv6(peer) : (leases.macAt(peer) ?? macByIp(catalog.systemByIp(peer), peer)))
}

/** The system at an address. A lease tells who is there now; without one, an address of its own does. */
export function systemAt(
  { leases, catalog }: { leases: Pick<Leases, 'macAt'>; catalog: Pick<Catalog, 'systemByIp' | 'systemByMac'> },
  peer: Ipv4 | Ipv6,
): System | undefined {
  const mac = isIpv6(peer) ? macOfIpv6(peer) : leases.macAt(peer)
  const there = mac && catalog.systemByMac(mac)
  return there ?? (isIpv6(peer) ? undefined : catalog.systemByIp(peer))
}
