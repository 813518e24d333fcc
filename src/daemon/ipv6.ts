/** IPv6 on the served links that have it: what our router advertisements say there. */
import type { Settings } from '../config-schema.ts'
import { systemClock as clock, every } from '../lib/clock.ts'
import { type HostAddress, hostAddresses } from '../lib/network.ts'
import { asIpv6, contains6, type Ipv6, type Subnet6 } from '../model/address6.ts'
import { OrchestraError } from '../model/errors.ts'
import type { ServedSubnet } from '../model/subnet.ts'
import { startAdvertising } from '../ra/server.ts'
import type { Link } from './links.ts'
import type { ListenNeeds } from './listen.ts'

/** An interface on which we speak IPv6, and our address there. */
export interface Link6 {
  readonly interface: string
  readonly address: Ipv6
  readonly network: Subnet6
  readonly subnet: ServedSubnet
}

/** @throws OrchestraError config.invalid */
export function startIpv6({ settings, log, links, onStop }: ListenNeeds): void {
  const links6 = servedLinks6(links, hostAddresses('IPv6'))
  if (links6.length === 0) return
  const advertised = links6.map((link) => ({ interface: link.interface, said: saidOn(link, settings) }))
  const advertising = startAdvertising({ links: advertised, every, clock, log })
  onStop(() => advertising.close())
}

function saidOn({ address, network, subnet }: Link6, settings: Settings) {
  const { ipv6RouterSeconds: routerSeconds = 0, domain, search = [], mtu } = subnet
  const domains = search.length > 0 ? search : [domain].filter((one) => one !== '')
  return {
    ...{ prefix: network, routerSeconds, otherConfig: false, mtu },
    ...{ dns: answersDnsAt(settings, address) ? [address] : [], search: domains },
  }
}

function answersDnsAt({ dns: { enabled, listen } }: Settings, address: Ipv6): boolean {
  return enabled && listen.port === 53 && (listen.address === '::' || asIpv6(listen.address) === address)
}

/** @throws OrchestraError config.invalid where a network is set and we have no address in it */
export function servedLinks6(links: readonly Link[], addresses: readonly HostAddress[]): Link6[] {
  return links.flatMap(({ interface: name, subnet }) => {
    const network = subnet?.ipv6
    if (!subnet || !network) return []
    const own = addresses.filter((one) => one.interface === name).map((one) => asIpv6(one.address))
    const address = own.find((ip) => ip !== undefined && contains6(network, ip))
    if (address !== undefined) return [{ interface: name, address, network, subnet }]
    throw new OrchestraError(
      'config.invalid',
      `dhcp.subnets: ${name} has no address in ${network.network}/${network.prefix}; give it one, or leave ipv6 out`,
    )
  })
}
