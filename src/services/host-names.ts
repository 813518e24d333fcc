/** Names and addresses of the fleet, both ways: what our DNS answers from. Built from the catalog and the leases when asked. */
import type { Ipv4 } from '../model/address.ts'
import type { Interface, System } from '../model/system.ts'
import type { Catalog } from './catalog.ts'
import type { Leases } from './leases.ts'

export interface HostNames {
  /** A name as asked, without the last dot, any case; with or without our domain. */
  addresses(name: string): Ipv4[]
  /** Whole names, the system's own first. */
  names(ip: Ipv4): string[]
  /** The whole name that this one is another word for: what Cobbler calls a CNAME. */
  alias(name: string): string | undefined
}

export function hostNames(catalog: Catalog, leases: Leases, domain: string): HostNames {
  // Rebuilt when the catalog has changed: names are asked for far more often than they change.
  let byName = new Map<string, System[]>()
  let aliases = new Map<string, string>()
  let builtAt = -1

  function index(): Map<string, System[]> {
    const at = catalog.changes()
    if (at === builtAt) return byName
    byName = new Map()
    aliases = new Map()
    for (const system of catalog.list('system')) {
      for (const name of namesOf(system)) byName.set(name, [...(byName.get(name) ?? []), system])
      for (const one of Object.values(system.interfaces))
        for (const name of cnamesOf(one)) aliases.set(withDomain(name), withDomain(one.dnsName || system.name))
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
      return systems.flatMap((system) =>
        Object.values(system.interfaces).flatMap(({ ipAddress, macAddress }) => {
          if (ipAddress !== '') return [ipAddress]
          const leased = macAddress === '' ? undefined : leases.byMac(macAddress)?.ip
          return leased === undefined ? [] : [leased]
        }),
      )
    },
    alias(name) {
      index()
      return aliases.get(withDomain(name))
    },
    names(ip) {
      const mac = leases.macAt(ip)
      const system = catalog.systemByIp(ip) ?? (mac && catalog.systemByMac(mac))
      return system ? namesOf(system) : []
    },
  }
}

function cnamesOf({ other }: Interface): string[] {
  const { cnames } = other
  return Array.isArray(cnames) ? cnames.filter((one): one is string => typeof one === 'string' && one !== '') : []
}
