/** IPv6 on the served links that have it: router advertisements, and DHCPv6 with the boot files of machines that boot by it. */
import { bootFile } from '../boot/bootfile.ts'
import type { Settings } from '../config-schema.ts'
import { firmwareOf } from '../dhcp/firmware.ts'
import type { Dhcp6State } from '../dhcp6/decide.ts'
import type { Dhcp6Request } from '../dhcp6/request.ts'
import { startDhcp6 } from '../dhcp6/server.ts'
import { systemClock as clock, every } from '../lib/clock.ts'
import { type HostAddress, hostAddresses } from '../lib/network.ts'
import { asIpv6, contains6, type Ipv6, type Subnet6 } from '../model/address6.ts'
import { OrchestraError } from '../model/errors.ts'
import type { ServedSubnet } from '../model/subnet.ts'
import { startAdvertising } from '../ra/server.ts'
import { type Link, ownIpv6 } from './links.ts'
import type { ListenNeeds } from './listen.ts'
import { traceNotes } from './trace-notes.ts'

/** A link whose machines we tell something by IPv6, and our address for them. */
export interface Link6 {
  /** Undefined: it is behind a relay, whose router advertises there. */
  readonly interface: string | undefined
  readonly address: Ipv6
  readonly network: Subnet6
  readonly subnet: ServedSubnet
}

/**
 * @param port of HTTP
 * @throws OrchestraError config.invalid
 */
export async function startIpv6(needs: ListenNeeds, port: number): Promise<void> {
  const { settings, log, services, links, onStop } = needs
  const addresses = hostAddresses('IPv6')
  const near = servedLinks6(links, addresses)
  const links6 = [...near, ...relayedLinks6(settings, links, addresses)]
  if (links6.length === 0) return
  const deaf = links6.find(({ address }) => !listensAt(settings.http.listen, address))
  if (deaf) {
    const where = deaf.interface === undefined ? deaf.address : `${deaf.address} on ${deaf.interface}`
    log.warn(`http.listen is not at ${where}: machines that boot by IPv6 are told no boot file; listen on [::]:${port}`)
  }
  const advertised = near.map((link) => ({ interface: link.interface, said: saidOn(link, settings) }))
  const advertising = startAdvertising({ links: advertised, every, clock, log })
  onStop(() => advertising.close())
  const dhcp6 = await startDhcp6({
    links: links6,
    // Relays are heard wherever we serve IPv4.
    devices: links.map((link) => link.interface).filter((name) => addresses.some((one) => one.interface === name)),
    lookUp: (request, link) => stateOf(request, link, needs, port),
    note: traceNotes(services.traces).dhcp6,
    log,
  })
  onStop(() => dhcp6.close())
}

function stateOf({ mac }: Dhcp6Request, link: Link6, { settings, services }: ListenNeeds, port: number): Dhcp6State {
  const { catalog, leases } = services
  const { address: server, network, subnet } = link
  const at = { named: undefined, ciaddr: undefined, relay: undefined, link: subnet.subnet.network }
  const question = mac && { mac, ...at }
  const view = question && leases.look(question, catalog.systemByMac(question.mac))
  const http = `http://[${server}]${port === 80 ? '' : `:${port}`}`
  const isHeard = listensAt(settings.http.listen, server)
  return {
    ...{ server, network, dns: dnsAt(settings, server), search: searchIn(subnet) },
    ...{ known: view?.known, policy: view?.policy ?? { enlist: undefined } },
    firmwareOf: (wish) => firmwareOf(wish).firmware,
    bootFile: (decision, machine) =>
      isHeard ? bootFile(decision, machine, { http, loaders: settings.boot.loaders }) : undefined,
  }
}

function saidOn({ address, network, subnet }: Link6, settings: Settings) {
  const { ipv6RouterSeconds: routerSeconds = 0, mtu } = subnet
  return {
    ...{ prefix: network, routerSeconds, otherConfig: true, mtu },
    ...{ dns: dnsAt(settings, address), search: searchIn(subnet) },
  }
}

function searchIn({ search = [], domain }: ServedSubnet): readonly string[] {
  return search.length > 0 || domain === '' ? search : [domain]
}

/** Ours, where it is to be reached. */
function dnsAt({ dns: { enabled, listen } }: Settings, address: Ipv6): Ipv6[] {
  return enabled && listen.port === 53 && listensAt(listen, address) ? [address] : []
}

function listensAt(listen: { readonly address: string }, address: Ipv6): boolean {
  return listen.address === '::' || asIpv6(listen.address) === address
}

/** @throws OrchestraError config.invalid where a network is set and we have no address in it */
function servedLinks6(links: readonly Link[], addresses: readonly HostAddress[]): (Link6 & { interface: string })[] {
  return links.flatMap((link) => {
    const { interface: name, subnet } = link
    const network = subnet?.ipv6
    if (!subnet || !network || subnet.mode === 'off') return []
    const own = addresses.filter((one) => one.interface === name).map((one) => asIpv6(one.address))
    const address = own.find((ip) => ip !== undefined && contains6(network, ip))
    if (address !== undefined) return [{ interface: name, address, network, subnet }]
    throw new OrchestraError(
      'config.invalid',
      `dhcp.subnets: ${name} has no address in ${network.network}/${network.prefix}; give it one, or leave ipv6 out`,
    )
  })
}

/** Networks in which no interface of ours is: only relays bring their machines' questions. */
function relayedLinks6({ dhcp }: Settings, links: readonly Link[], addresses: readonly HostAddress[]): Link6[] {
  if (links.length === 0) return []
  const near = new Set(links.map(({ subnet }) => subnet))
  return dhcp.subnets.flatMap((subnet) => {
    const network = subnet.ipv6
    if (!network || subnet.mode === 'off' || near.has(subnet)) return []
    const address = ownIpv6(network, addresses)
    return address === undefined ? [] : [{ interface: undefined, address, network, subnet }]
  })
}
