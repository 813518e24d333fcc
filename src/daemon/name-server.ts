/** The DNS server, tied: our machines' names, and for our own subnets and this host whatever other resolvers know. */
import type { Settings } from '../config-schema.ts'
import { createForwarder } from '../dns/forward.ts'
import { createRateLimit } from '../dns/rate-limit.ts'
import { startDns } from '../dns/server.ts'
import { askResolver } from '../dns/socket.ts'
import { steadyClock } from '../lib/clock.ts'
import { asIpv4, contains } from '../model/address.ts'
import { asIpv6, contains6 } from '../model/address6.ts'
import type { ServedSubnet } from '../model/subnet.ts'
import type { GivenIpv6 } from '../services/given-ipv6.ts'
import { hostNames } from '../services/host-names.ts'
import { isLoopbackHost, plainPeer } from './links.ts'
import { alsoListenAt, type Link6 } from './links6.ts'
import { bound, boundInTime, host, type ListenNeeds } from './listen.ts'
import { traceNotes } from './trace-notes.ts'

/** A rack of machines that boot asks a few times each; who asks more is no machine of ours. */
const DNS_RATE = { perSecond: 500, burst: 1000 }

/** @throws OrchestraError config.invalid */
export async function startNameServer(
  { settings, log, services, links, onStop }: ListenNeeds,
  links6: readonly Link6[],
  given: GivenIpv6,
): Promise<string> {
  const { catalog, leases, domain, metrics } = services
  const { listen, forwarders } = settings.dns
  const isEverywhere = ['0.0.0.0', '::'].includes(listen.address)
  const at = {
    ...{ domain, log, lookUp: hostNames({ catalog, leases, given, domain }) },
    ...(isEverywhere && { self: [...links, ...links6].map(({ address }) => address) }),
    subnets: settings.dhcp.subnets.map(({ subnet }) => subnet),
    subnets6: settings.dhcp.subnets.flatMap(({ ipv6 }) => ipv6 ?? []),
    forward:
      forwarders.length === 0
        ? undefined
        : {
            forwarder: createForwarder({ resolvers: forwarders, ask: askResolver, clock: steadyClock }),
            may: isClientOf(settings),
          },
    note: traceNotes(services.traces).dns,
    count: metrics.observeDns,
    limit: createRateLimit(DNS_RATE, steadyClock),
  }
  const server = await bound('dns.listen', listen, () => startDns({ ...at, listen }))
  onStop(() => server.close())
  for (const one of alsoListenAt(listen, links6)) {
    const also = await boundInTime('dns.listen', one, () => startDns({ ...at, listen: one }))
    onStop(() => also.close())
  }
  return host(server)
}

/** An open resolver would be a weapon for everybody: other networks are refused. */
function isClientOf({ dhcp }: Settings): (peer: string) => boolean {
  return (peer) => {
    const plain = plainPeer(peer)
    const [ip, ip6] = [asIpv4(plain), asIpv6(plain)]
    const isIn = ({ subnet, ipv6 }: ServedSubnet) =>
      (ip !== undefined && contains(subnet, ip)) || (ip6 !== undefined && ipv6 !== undefined && contains6(ipv6, ip6))
    return isLoopbackHost(plain) || dhcp.subnets.some(isIn)
  }
}
