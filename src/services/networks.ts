/** The networks as people see them: interfaces, what DHCP hands out on each subnet, how full its pool is, and who else answers. */
import type { Clock } from '../lib/clock.ts'
import type { HostInterface } from '../lib/network.ts'
import { asIpv4, asMac, broadcast, contains, type Ipv4, ipv4ToNumber, type Mac } from '../model/address.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Lease } from '../model/lease.ts'
import type { DhcpMode, ServedSubnet } from '../model/subnet.ts'
import type { System } from '../model/system.ts'
import type { ForeignDhcp, ForeignServer } from './foreign-dhcp.ts'

export interface NetworksNeeds {
  readonly interfaces: () => readonly HostInterface[]
  /** Names of those that DHCP listens on. */
  readonly served: () => readonly string[]
  /** Why DHCP is off, when it is. */
  readonly offBecause: () => string
  readonly subnets: readonly ServedSubnet[]
  readonly leases: () => readonly Lease[]
  readonly systems: () => readonly System[]
  readonly foreign: ForeignDhcp
  /** @throws OrchestraError network.refused */
  readonly probe: (device: string, mac: Mac) => Promise<readonly { readonly server: Ipv4; readonly offered: Ipv4 }[]>
  /** Our own addresses, which nobody is given. */
  readonly own: readonly Ipv4[]
  readonly clock: Clock
}

export interface Networks {
  view(): NetworksView
  /** @throws OrchestraError item.invalid (no such interface) | network.refused */
  probe(device: string): Promise<ProbeResult>
}

export interface ProbeResult {
  /** Those of others. */
  readonly servers: readonly { readonly server: Ipv4; readonly offered: Ipv4 }[]
  readonly because: string
}

export interface NetworksView {
  readonly interfaces: readonly (HostInterface & { readonly address: string | undefined; readonly served: boolean })[]
  readonly dhcp: {
    readonly enabled: boolean
    readonly mode: DhcpMode
    readonly because: string
  }
  readonly subnets: readonly SubnetView[]
  readonly foreign: readonly ForeignServer[]
}

export interface SubnetView extends Omit<ServedSubnet, 'subnet' | 'pools'> {
  readonly subnet: string
  readonly pool: string | undefined
  /** Addresses in the pool. */
  readonly size: number
  /** Of those: leased, offered or found in use by a stranger, now. */
  readonly used: number
  /** Fixed addresses of systems in the subnet, and reservations. */
  readonly reserved: number
  /** Addresses of the pool that a new machine could get. */
  readonly free: number
}

export function createNetworks(needs: NetworksNeeds): Networks {
  const { interfaces, subnets, foreign, clock, own } = needs
  return {
    view() {
      const inUse = needs.leases().filter(({ expires }) => expires > clock.now())
      const fixed = needs
        .systems()
        .flatMap((system) => Object.values(system.interfaces).flatMap(({ ipAddress }) => asIpv4(ipAddress) ?? []))
      return {
        interfaces: interfaces().map((one) => ({
          ...one,
          address: one.addresses[0]?.split('/')[0],
          served: needs.served().includes(one.name),
        })),
        dhcp: modeOf(needs),
        subnets: subnets.map((one) => subnetView(one, new Set(inUse.map(({ ip }) => ip)), new Set(fixed), own)),
        foreign: foreign.list(),
      }
    },

    async probe(device) {
      const found = await probeNetwork(device, needs)
      for (const { server, offered } of found.servers) {
        foreign.seen({ server, interface: device, offered }, `${server} offered ${offered} to a probe on ${device}`)
      }
      return found
    },
  }
}

/** @throws OrchestraError item.invalid (no such interface) | network.refused */
export async function probeNetwork(
  device: string,
  { interfaces, own, probe }: Pick<NetworksNeeds, 'interfaces' | 'own' | 'probe'>,
): Promise<ProbeResult> {
  const all = interfaces()
  const found = all.find(({ name }) => name === device)
  const mac = asMac(found?.mac ?? '')
  if (!found || !mac) {
    const why = found ? `${device} is no Ethernet: it has no MAC address` : `there is no interface ${device} here`
    const names = all.map(({ name }) => name).join(', ')
    throw new OrchestraError('item.invalid', `${why}; name one of ${names}`, { field: 'interface' })
  }
  const servers = (await probe(device, mac)).filter(({ server }) => !own.includes(server))
  return { servers, because: verdictOf(found, servers) }
}

function modeOf(needs: NetworksNeeds): NetworksView['dhcp'] {
  const [served, subnets] = [needs.served(), needs.subnets]
  if (served.length === 0) return { enabled: false, mode: 'off', because: needs.offBecause() }
  const on = `on ${served.join(', ')}`
  const modes = new Set(subnets.map(({ mode }) => mode))
  // Of several, the one that somebody should know of.
  const mode = (['proxy', 'beside', 'authoritative', 'off'] as const).find((one) => modes.has(one)) ?? 'authoritative'
  if (mode === 'authoritative' && modes.size <= 1) return { enabled: true, mode, because: `the one DHCP server ${on}` }
  const each = subnets.map((served) => `${WORDS[served.mode]} ${nameOf(served)}`)
  return { enabled: true, mode, because: `${on}: ${each.join('; ')} (dhcp.subnets[].mode)` }
}

const WORDS: Readonly<Record<DhcpMode, string>> = {
  authoritative: 'the one DHCP server in',
  beside: 'beside another DHCP server in',
  proxy: 'only what to boot, while another DHCP server gives the addresses in',
  off: 'not a word in',
}

function subnetView(
  served: ServedSubnet,
  inUse: ReadonlySet<Ipv4>,
  fixed: ReadonlySet<Ipv4>,
  own: readonly Ipv4[],
): SubnetView {
  const { pools, reservations = [], subnet, gateway, dns } = served
  const ranges = pools.map(({ first, last }) => [ipv4ToNumber(first), ipv4ToNumber(last)] as const)
  const isInPool = (ip: Ipv4) => ranges.some(([first, last]) => first <= ipv4ToNumber(ip) && ipv4ToNumber(ip) <= last)
  const ours = [subnet.network, broadcast(subnet), ...dns, ...(gateway ? [gateway] : []), ...own]
  const kept = reservations.map(({ ip }) => ip)
  const taken = new Set([...inUse, ...fixed, ...kept, ...ours].filter(isInPool))
  const pool = pools.map(({ first, last }) => `${first}-${last}`).join(', ') || undefined
  const size = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0)
  return {
    ...{ ...served, subnet: nameOf(served), pool, size },
    used: [...inUse].filter(isInPool).length,
    reserved: new Set([...kept, ...[...fixed].filter((ip) => contains(subnet, ip))]).size,
    free: Math.max(0, size - taken.size),
  }
}

function nameOf({ subnet: { network, prefix } }: ServedSubnet): string {
  return `${network}/${prefix}`
}

function verdictOf({ name: device, addresses }: HostInterface, servers: ProbeResult['servers']): string {
  if (servers.length > 0) {
    const who = servers.map(({ server, offered }) => `${server} (it offers ${offered})`).join(' and ')
    return `on ${device} there is another DHCP server: ${who}; set mode: proxy or beside for its subnet in dhcp.subnets, have it name this server (orchestra doctor net --snippet dnsmasq), or stop it`
  }
  const doubt = addresses.length === 0 ? `; but ${device} has no address, so an answer may not have reached us` : ''
  return `no other DHCP server answered on ${device}${doubt}`
}
