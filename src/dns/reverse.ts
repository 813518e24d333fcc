/** Names of addresses, below `in-addr.arpa` and `ip6.arpa`: which address one is, and in which zone of ours. Pure. */
import { asIpv4, contains, type Ipv4, type Subnet } from '../model/address.ts'
import { contains6, type Ipv6, ipv6OfBytes, type Subnet6 } from '../model/address6.ts'

/** Networks of which we know all names of addresses. */
export interface ReverseZones {
  readonly subnets: readonly Subnet[]
  readonly subnets6: readonly Subnet6[]
}

/** Parts of an address, the last one first, as many as there are. */
interface Parts {
  readonly labels: readonly string[]
  readonly most: 4 | 32
  readonly suffix: 'in-addr.arpa' | 'ip6.arpa'
}

/** `11.0.77.10.in-addr.arpa` is 10.77.0.11; undefined: it is none, or a part of one. */
export function addressOfReverse(name: string): Ipv4 | Ipv6 | undefined {
  const parts = partsOf(name)
  return parts && parts.labels.length === parts.most ? addressOf(parts) : undefined
}

/** Whole addresses stand below it, and nobody has said of none. */
export function isPartOfReverse(name: string): boolean {
  const parts = partsOf(name)
  return parts !== undefined && parts.labels.length < parts.most
}

/**
 * The zone of such a name that is in one of our networks: of whole bytes or digits, and never more than the network has. That of
 * 10.77.0.0/22 is four of them, and that of 10.77.0.0/25 one for each address.
 */
export function reverseApex(name: string, zones: ReverseZones): string | undefined {
  const parts = partsOf(name)
  const length = parts && lengthOfZone(parts, zones)
  if (!parts || length === undefined || length === 0 || length > parts.labels.length) return undefined
  return [...parts.labels.slice(-length), parts.suffix].join('.')
}

function lengthOfZone(parts: Parts, { subnets, subnets6 }: ReverseZones): number | undefined {
  const ip = addressOf(parts)
  if (ip === undefined) return undefined
  if (parts.most === 4) {
    const subnet = subnets.find((one) => contains(one, ip as Ipv4))
    return subnet && Math.ceil(subnet.prefix / 8)
  }
  const subnet = subnets6.find((one) => contains6(one, ip as Ipv6))
  return subnet && Math.ceil(subnet.prefix / 4)
}

function partsOf(name: string): Parts | undefined {
  const four = /^((?:\d{1,3}\.){1,4})in-addr\.arpa$/.exec(name)?.[1]
  if (four !== undefined) return { labels: four.slice(0, -1).split('.'), most: 4, suffix: 'in-addr.arpa' }
  const six = /^((?:[0-9a-f]\.){1,32})ip6\.arpa$/.exec(name)?.[1]
  return six === undefined ? undefined : { labels: six.slice(0, -1).split('.'), most: 32, suffix: 'ip6.arpa' }
}

/** What is missing of it is 0. */
function addressOf({ labels, most }: Parts): Ipv4 | Ipv6 | undefined {
  const digits = [...labels].reverse()
  while (digits.length < most) digits.push('0')
  return most === 4 ? asIpv4(digits.join('.')) : ipv6OfBytes(Buffer.from(digits.join(''), 'hex'))
}
