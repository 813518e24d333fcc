/** What a client is told of its network, and from what: the facts of an answer by the names that an explanation has for them. */
import type { Known } from '../boot/decide.ts'
import { asIpv4, broadcast, contains, type Ipv4, netmask } from '../model/address.ts'
import { encodeDomains, encodeNamedOption, encodeRoutes } from '../model/dhcp-options.ts'
import type { ServedSubnet } from '../model/subnet.ts'
import type { Interface } from '../model/system.ts'
import { OPTION, ofIpv4s, ofText } from './options.ts'
import type { DhcpRequest } from './request.ts'

export interface NetworkContext {
  readonly request: Pick<DhcpRequest, 'mac'>
  readonly server: Ipv4
  readonly subnet: ServedSubnet
  readonly known: Known | undefined
}

/** An option's bytes, and what they come from. */
export interface NetworkValue {
  readonly value: Uint8Array
  readonly fact: string
}

const SUBNETS = 'setting.dhcp.subnets'

/** Of a machine that nobody knows it is the same for all; in a rush of them it is not worked out for each. */
const strangers = new WeakMap<ServedSubnet, Map<Ipv4, ReadonlyMap<number, NetworkValue>>>()

export function networkValues(context: NetworkContext): ReadonlyMap<number, NetworkValue> {
  const { server, subnet, known } = context
  if (known) return workedOut(context)
  const here = strangers.get(subnet) ?? new Map<Ipv4, ReadonlyMap<number, NetworkValue>>()
  const values = here.get(server) ?? workedOut(context)
  strangers.set(subnet, here.set(server, values))
  return values
}

function workedOut({ request, server, subnet, known }: NetworkContext): Map<number, NetworkValue> {
  const values = new Map<number, NetworkValue>([
    [OPTION.subnetMask, { value: ofIpv4s(netmask(subnet.subnet)), fact: SUBNETS }],
    [OPTION.broadcast, { value: ofIpv4s(broadcast(subnet.subnet)), fact: SUBNETS }],
  ])
  const [name, nic] = nicOf(known, request.mac)
  const gateway = gatewayOf(subnet, [
    [nic?.gateway, `system.interfaces.${name}.gateway`],
    [known?.system.gateway, 'system.gateway'],
  ])
  if (gateway) values.set(OPTION.router, { value: ofIpv4s(gateway[0]), fact: gateway[1] })

  // Debian's installer stops and asks when it is given no name server, so there always is one: us, if no other.
  const own = known?.blend.ok ? known.blend.nameServers.flatMap((text) => asIpv4(text) ?? []) : []
  const [nameServers, servedBy] =
    own.length > 0
      ? [own, 'name_servers']
      : subnet.dns.length > 0
        ? [subnet.dns, SUBNETS]
        : [[server], 'computed.server']
  values.set(OPTION.nameServers, { value: ofIpv4s(...nameServers), fact: servedBy })

  const [host, domain] = namesOf(known, [nic?.dnsName ?? '', `system.interfaces.${name}.dnsName`], subnet.domain)
  if (host.text !== '') values.set(OPTION.hostName, { value: ofText(host.text), fact: host.fact })
  if (domain.text !== '') values.set(OPTION.domainName, { value: ofText(domain.text), fact: domain.fact })
  for (const [code, value] of subnetValues(subnet, gateway?.[0])) values.set(code, { value, fact: SUBNETS })
  return values
}

/** What the settings of the subnet say beside what every network has. */
function subnetValues(subnet: ServedSubnet, gateway: Ipv4 | undefined): [code: number, value: Uint8Array][] {
  const { ntp = [], mtu, search = [], routes = [], options = {} } = subnet
  const values: [number, Uint8Array][] = []
  if (mtu !== undefined) values.push([OPTION.mtu, Uint8Array.of(mtu >> 8, mtu)])
  if (ntp.length > 0) values.push([OPTION.ntp, ofIpv4s(...ntp)])
  if (search.length > 0) values.push([OPTION.domainSearch, encodeDomains(search)])
  if (routes.length > 0) {
    // RFC 3442: who takes these does not look at the router option, so the way out is among them.
    const out = gateway ? [{ to: EVERYWHERE, via: gateway }] : []
    values.push([OPTION.classlessRoutes, encodeRoutes([...out, ...routes])])
  }
  for (const [name, value] of Object.entries(options)) {
    const encoded = encodeNamedOption(name, value)
    if (encoded.ok) values.push([encoded.code, encoded.bytes])
  }
  return values
}

const EVERYWHERE = { network: '0.0.0.0' as Ipv4, prefix: 0 }

/** The interface with this MAC, and its name. */
export function nicOf(known: Known | undefined, mac: string): readonly [name: string, nic: Interface | undefined] {
  const found = Object.entries(known?.system.interfaces ?? {}).find(([, { macAddress }]) => macAddress === mac)
  return found ?? ['', undefined]
}

/** A gateway that is not on the subnet cannot be reached: it was meant for another interface. */
function gatewayOf(
  { subnet, gateway }: ServedSubnet,
  candidates: readonly (readonly [text: string | undefined, fact: string])[],
): readonly [Ipv4, string] | undefined {
  for (const [text, fact] of candidates) {
    const ip = asIpv4(text ?? '')
    if (ip !== undefined && contains(subnet, ip)) return [ip, fact]
  }
  return gateway && [gateway, SUBNETS]
}

interface Named {
  readonly text: string
  readonly fact: string
}

/** Host and domain name of a system: its host name, the DNS name of its interface, or its own name if that can be one. */
function namesOf(
  known: Known | undefined,
  dnsName: readonly [text: string, fact: string],
  domain: string,
): [host: Named, domain: Named] {
  const [none, ofSubnet] = [
    { text: '', fact: SUBNETS },
    { text: domain, fact: SUBNETS },
  ]
  if (!known) return [none, ofSubnet]
  const { hostname, name } = known.system
  const found = [[hostname, 'system.hostname'] as const, dnsName, [name, 'system.name'] as const].find(([text]) =>
    HOST_NAME.test(text),
  )
  if (found === undefined) return [none, ofSubnet]
  const [text, fact] = found
  const dot = text.indexOf('.')
  return dot < 0
    ? [{ text, fact }, ofSubnet]
    : [
        { text: text.slice(0, dot), fact },
        { text: text.slice(dot + 1), fact },
      ]
}

const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/
