/** The networks, tied together: what this host has, what DHCP serves and hears of other servers, and the probe for them. */
import { randomInt } from 'node:crypto'
import type { Settings } from '../config-schema.ts'
import { type Exchange, elsewhereOf } from '../dhcp/exchange.ts'
import type { Offering } from '../dhcp/probe.ts'
import { probeDhcp } from '../dhcp/socket.ts'
import { systemClock as clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { type HostAddress, hostAddresses, hostInterfaces, ownMacs } from '../lib/network.ts'
import { asIpv4, contains, type Mac } from '../model/address.ts'
import { OrchestraError } from '../model/errors.ts'
import { type FirstRun, firstRun } from '../services/first-run.ts'
import { createNetworks, type Networks, type ProbeResult, probeNetwork } from '../services/networks.ts'
import type { Services } from './assemble.ts'
import type { Link } from './links.ts'

export interface NetworkNeeds {
  readonly settings: Settings
  readonly services: Services
  readonly addresses: readonly HostAddress[]
  /** Those that DHCP serves now. */
  readonly links: () => readonly Link[]
  readonly isRoot: boolean
}

export interface NetworkParts {
  readonly networks: Networks
  readonly setup: () => FirstRun
  /** What the DHCP server tells. */
  readonly seen: { exchange(exchange: Exchange): void; offering(device: string, offering: Offering): void }
  readonly isOwnMac: (mac: Mac) => boolean
  /** Those of the links on which DHCP may answer: where it is to be the only server, nobody else must be. */
  readonly free: (links: readonly Link[], log: Log) => Promise<readonly Link[]>
}

/** Milliseconds in which DHCP servers may answer a probe: dnsmasq pings an address for three seconds before it offers it. */
const PATIENCE = 4000

export function openNetworks({ settings: { dhcp }, services, addresses, links, isRoot }: NetworkNeeds): NetworkParts {
  const { foreign, leases, catalog } = services
  const own = addresses.flatMap(({ address }) => asIpv4(address) ?? [])
  const fits = addresses.some(({ interface: name, address }) => {
    const ip = asIpv4(address)
    return dhcp.interfaces.includes(name) || (ip && dhcp.subnets.some(({ subnet }) => contains(subnet, ip)))
  })
  let conflict: string | undefined
  const networks = createNetworks({
    ...{ interfaces: hostInterfaces, subnets: dhcp.subnets, leases: leases.list, foreign, own, clock, probe },
    served: () => links().map((link) => link.interface),
    offBecause: () => conflict ?? offBecause(dhcp, isRoot),
    systems: () => catalog.list('system'),
  })

  services.metrics.watchDhcp({ subnets: () => networks.view().subnets, written: leases.written })

  async function isFree(link: Link, log: Log): Promise<boolean> {
    if (!dhcp.probe || !link.subnet || link.subnet.mode !== 'authoritative') return true
    try {
      const { servers, because } = await networks.probe(link.interface)
      if (servers.length === 0) return true
      conflict = `it stays off: ${because}`
      log.error({ interface: link.interface, servers }, `DHCP on ${link.interface} stays off: ${because}`)
      return false
    } catch (error) {
      if (!(error instanceof OrchestraError)) throw error
      log.warn({ interface: link.interface }, `nobody knows whether there is another DHCP server: ${error.message}`)
      return true
    }
  }

  return {
    networks,
    async free(all, log) {
      const answers = await Promise.all(all.map((link) => isFree(link, log)))
      return all.filter((_, index) => answers[index])
    },
    setup: () =>
      firstRun({
        dhcpIsOff: dhcp.enabled === false,
        subnets: dhcp.subnets.length,
        hasInterface: fits,
        distros: catalog.list('distro').length,
        systems: catalog.list('system').length,
      }),
    seen: {
      exchange(exchange) {
        const server = elsewhereOf(exchange)
        if (server === undefined) return
        const { mac, asked, relay } = exchange.request
        const link = links().find(({ address }) => address === exchange.state.server)
        const where = relay === undefined ? link?.interface : undefined
        foreign.seen({ server, interface: where, offered: asked ?? '' }, `${mac} took the offer of ${server}`)
      },
      offering(device, { server, offered }) {
        foreign.seen({ server, interface: device, offered }, `${server} gave ${offered} to a machine on ${device}`)
      },
    },
    isOwnMac: ownMacs(clock),
  }
}

/** The same without a daemon. */
export const localNetwork = {
  interfaces: hostInterfaces,
  probe: (device: string): Promise<ProbeResult> => {
    const own = hostAddresses().flatMap(({ address }) => asIpv4(address) ?? [])
    return probeNetwork(device, { interfaces: hostInterfaces, own, probe })
  },
}

function probe(device: string, mac: Mac): Promise<Offering[]> {
  return probeDhcp({ interface: device, mac, xid: randomInt(2 ** 32), patience: PATIENCE })
}

function offBecause({ enabled, subnets }: Settings['dhcp'], isRoot: boolean): string {
  if (enabled === false) return 'dhcp.enabled is false'
  if (subnets.length === 0) return 'no subnet is listed in dhcp.subnets'
  return isRoot ? 'it is off' : 'the daemon is not root, and DHCP needs port 67'
}
