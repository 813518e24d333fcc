/** Names and addresses of the fleet, both ways: what our DNS answers from. Built from the catalog and the leases when asked. */
import type { Json } from '../lib/json.ts'
import type { Ipv4 } from '../model/address.ts'
import { asIpv6, type Ipv6, isIpv6, macOfIpv6 } from '../model/address6.ts'
import type { Interface, System } from '../model/system.ts'
import type { Catalog } from './catalog.ts'
import type { GivenIpv6 } from './given-ipv6.ts'
import type { Leases } from './leases.ts'

export interface HostNames {
  /** A name as asked, without the last dot, any case; with or without our domain. */
  addresses(name: string): (Ipv4 | Ipv6)[]
  /** Whole names, the system's own first. */
  names(ip: Ipv4 | Ipv6): string[]
  /** The whole name that this one is another word for: what Cobbler calls a CNAME. */
  alias(name: string): string | undefined
}

export interface HostNamesOptions {
  readonly catalog: Catalog
  readonly leases: Leases
  /** What DHCPv6 has given. */
  readonly given: Pick<GivenIpv6, 'of'>
  readonly domain: string
}

export function hostNames({ catalog, leases, given, domain }: HostNamesOptions): HostNames {
  // Rebuilt when the catalog has changed: names are asked for far more often than they change.
  let byName = new Map<string, System[]>()
  let aliases = new Map<string, string>()
  let byIpv6 = new Map<Ipv6, System>()
  let builtAt = -1

  function index(): Map<string, System[]> {
    const at = catalog.changes()
    if (at === builtAt) return byName
    byName = new Map()
    aliases = new Map()
    byIpv6 = new Map()
    for (const system of catalog.list('system')) {
      for (const name of namesOf(system)) byName.set(name, [...(byName.get(name) ?? []), system])
      for (const one of Object.values(system.interfaces)) {
        for (const name of cnamesOf(one)) aliases.set(withDomain(name), withDomain(one.dnsName || system.name))
        for (const ip of ipv6Of(one)) byIpv6.set(ip, system)
      }
    }
    builtAt = at
    return byName
  }

  function namesOf({ name, hostname, interfaces }: System): string[] {
    const all = [name, hostname, ...Object.values(interfaces).map(({ dnsName }) => dnsName)]
    return [...new Set(all.filter((one) => one !== '').map(withDomain))]
  }

  function withDomain(name: string): string {
    const lower = name.toLowerCase()
    return domain === '' || lower.endsWith(`.${domain.toLowerCase()}`) ? lower : `${lower}.${domain.toLowerCase()}`
  }

  return {
    addresses(name) {
      const systems = index().get(withDomain(name)) ?? []
      return systems.flatMap(({ interfaces }) => Object.values(interfaces).flatMap(addressesOf))
    },
    alias(name) {
      index()
      return aliases.get(withDomain(name))
    },
    names(ip) {
      index()
      const mac = isIpv6(ip) ? macOfIpv6(ip) : leases.macAt(ip)
      const set = isIpv6(ip) ? byIpv6.get(ip) : catalog.systemByIp(ip)
      const system = set ?? (mac && catalog.systemByMac(mac))
      return system ? namesOf(system) : []
    },
  }

  /** Of either kind those that are set, else what it has from us. */
  function addressesOf(one: Interface): (Ipv4 | Ipv6)[] {
    const { ipAddress, macAddress: mac } = one
    const leased = mac === '' ? undefined : leases.byMac(mac)?.ip
    const own = ipAddress === '' ? leased : ipAddress
    const set6 = ipv6Of(one)
    const own6 = set6.length > 0 || mac === '' ? set6 : given.of(mac)
    return own === undefined ? [...own6] : [own, ...own6]
  }
}

function cnamesOf({ other: { cnames } }: Interface): string[] {
  return textsIn(cnames)
}

/** Cobbler's fields; people write a prefix length behind them. */
function ipv6Of({ other: { ipv6_address: first, ipv6_secondaries: more } }: Interface): Ipv6[] {
  return [first, ...textsIn(more)].flatMap((one) => (typeof one === 'string' && asIpv6(one.replace(/\/.*$/, ''))) || [])
}

function textsIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string' && one !== '') : []
}
