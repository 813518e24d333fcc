/** IPv6 links: on which of the networks of dhcp.subnets we are, which are behind relays, and where servers listen for them. */
import type { Settings } from '../config-schema.ts'
import type { Listen } from '../config-values.ts'
import type { HostAddress } from '../lib/network.ts'
import { asIpv6, contains6, type Ipv6, type Subnet6 } from '../model/address6.ts'
import { OrchestraError } from '../model/errors.ts'
import type { ServedSubnet } from '../model/subnet.ts'
import { type Link, ownIpv6 } from './links.ts'

/** A link whose machines we tell something by IPv6, and our address for them. */
export interface Link6 {
  /** Undefined: it is behind a relay, whose router advertises there. */
  readonly interface: string | undefined
  readonly address: Ipv6
  readonly network: Subnet6
  readonly subnet: ServedSubnet
}

/**
 * @param addresses of IPv6
 * @throws OrchestraError config.invalid where a network is set and we have no address in it
 */
export function servedLinks6(settings: Settings, links: readonly Link[], addresses: readonly HostAddress[]): Link6[] {
  return [...nearLinks6(links, addresses), ...relayedLinks6(settings, links, addresses)]
}

/**
 * 0.0.0.0 is every address of IPv4; where IPv6 is served too, a server that is told to listen there also has our address of each
 * such network. One socket for each, so that an answer comes from the address that was asked.
 */
export function alsoListenAt(listen: Listen, links6: readonly Link6[]): Listen[] {
  if (listen.address !== '0.0.0.0') return []
  return [...new Set(links6.map(({ address }) => address))].map((address) => ({ address, port: listen.port }))
}

/** Whether one of a network is to be had at our address in it. */
export function isHeardAt(listen: Listen, address: Ipv6): boolean {
  return ['::', '0.0.0.0', address].includes(asIpv6(listen.address) ?? listen.address)
}

function nearLinks6(links: readonly Link[], addresses: readonly HostAddress[]): Link6[] {
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
