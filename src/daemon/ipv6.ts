/** IPv6 on the served links that have it: router advertisements, and DHCPv6 with the boot files of machines that boot by it. */
import { bootFile } from '../boot/bootfile.ts'
import type { Settings } from '../config-schema.ts'
import type { Listen } from '../config-values.ts'
import { firmwareOf } from '../dhcp/firmware.ts'
import type { Dhcp6State } from '../dhcp6/decide.ts'
import type { Dhcp6Request } from '../dhcp6/request.ts'
import { startDhcp6 } from '../dhcp6/server.ts'
import { systemClock as clock, every } from '../lib/clock.ts'
import { hostAddresses } from '../lib/network.ts'
import { asIpv6, type Ipv6 } from '../model/address6.ts'
import type { Firmware } from '../model/firmware.ts'
import type { ServedSubnet } from '../model/subnet.ts'
import { startAdvertising } from '../ra/server.ts'
import type { GivenIpv6 } from '../services/given-ipv6.ts'
import { ipv6Url } from './links.ts'
import { isHeardAt, type Link6 } from './links6.ts'
import type { ListenNeeds } from './listen.ts'
import { traceNotes } from './trace-notes.ts'

/**
 * @param port of HTTP
 * @throws OrchestraError config.invalid
 */
export async function startIpv6(
  needs: ListenNeeds,
  links6: readonly Link6[],
  given: GivenIpv6,
  port: number,
): Promise<void> {
  const { settings, log, services, links, onStop } = needs
  if (links6.length === 0) return
  const { http } = settings
  const deaf = ipv6Url(http.url) ? undefined : links6.find(({ address }) => !listensAt(http.listen, address))
  if (deaf) {
    const where = deaf.interface === undefined ? deaf.address : `${deaf.address} on ${deaf.interface}`
    log.warn(`http.listen is not at ${where}: machines that boot by IPv6 are told no boot file; listen on [::]:${port}`)
  }
  const advertised = links6.flatMap((link) =>
    link.interface === undefined ? [] : [{ interface: link.interface, said: saidOn(link, settings) }],
  )
  const advertising = startAdvertising({ links: advertised, every, clock, log })
  onStop(() => advertising.close())
  const speaking = new Set(hostAddresses('IPv6').map((one) => one.interface))
  const trace = traceNotes(services.traces).dhcp6
  const dhcp6 = await startDhcp6({
    links: links6,
    // Relays are heard wherever we serve IPv4.
    devices: links.map((link) => link.interface).filter((name) => speaking.has(name)),
    lookUp: (request, link) => stateOf(request, link, needs, port),
    note(request, answer) {
      trace(request, answer)
      const { mac } = request
      if (mac) for (const { ip, seconds } of answer.addresses) given.give(mac, ip, seconds)
    },
    log,
  })
  onStop(() => dhcp6.close())
}

/** For which there is an iPXE. */
const BY_TFTP: ReadonlySet<Firmware> = new Set(['uefi-x64', 'uefi-arm64'])

function stateOf({ mac }: Dhcp6Request, link: Link6, { settings, services }: ListenNeeds, port: number): Dhcp6State {
  const { catalog, leases } = services
  const { address: server, network, subnet } = link
  const at = { named: undefined, ciaddr: undefined, relay: undefined, link: subnet.subnet.network }
  const question = mac && { mac, ...at }
  const view = question && leases.look(question, catalog.systemByMac(question.mac))
  const { http: web, tftp, boot } = settings
  const told = ipv6Url(web.url)
  const http = told ?? `http://[${server}]${port === 80 ? '' : `:${port}`}`
  const isHeard = told !== undefined || listensAt(web.listen, server)
  // Firmware knows no other port.
  const hasTftp = tftp.enabled && tftp.listen.port === 69 && isHeardAt(tftp.listen, server)
  return {
    ...{ server, network, dns: dnsAt(settings, server), search: searchIn(subnet) },
    ...{ known: view?.known, policy: view?.policy ?? { enlist: undefined } },
    firmwareOf: (wish) => firmwareOf(wish).firmware,
    bootFile(decision, machine) {
      // What comes by TFTP goes on by HTTP.
      if (!isHeard) return undefined
      const file = bootFile(decision, { ...machine, isIpv6: true }, { http, loaders: boot.loaders })
      const isUrl = file?.includes('://')
      return isUrl || !hasTftp || !BY_TFTP.has(machine.firmware) ? file : `tftp://[${server}]/${file}`
    },
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
  return enabled && listen.port === 53 && isHeardAt(listen, address) ? [address] : []
}

function listensAt(listen: Listen, address: Ipv6): boolean {
  return listen.address === '::' || asIpv6(listen.address) === address
}
