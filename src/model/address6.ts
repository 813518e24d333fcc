/** IPv6 addresses as checked strings, and the little that advertisements and boot files over IPv6 need of them. */
import { type Ipv4, type Mac, macOfBytes, macToBytes } from './address.ts'

/** In small letters, as RFC 5952 writes it: `fd77::1`. Without a zone. */
export type Ipv6 = string & { readonly __ipv6: true }

/** Sixteen bytes, or undefined when it is no address. */
export function ipv6ToBytes(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const gap = halves.length === 2 ? 8 - head.length - tail.length : 0
  const groups = [...head, ...Array.from({ length: Math.max(gap, 0) }, () => '0'), ...tail]
  if (groups.length !== 8 || (halves.length === 2 && gap < 1)) return undefined
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return Uint8Array.from(
    groups.flatMap((group) => {
      const value = Number.parseInt(group, 16)
      return [value >> 8, value & 255]
    }),
  )
}

/** Of the first sixteen bytes; the longest run of zeros becomes `::`. */
export function ipv6OfBytes(bytes: Uint8Array): Ipv6 {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0))
  let [start, length] = [0, 0]
  for (let at = 0; at < 8; at++) {
    let end = at
    while (groups[end] === 0) end++
    if (end - at > length) [start, length] = [at, end - at]
  }
  const words = (some: readonly number[]) => some.map((group) => group.toString(16)).join(':')
  if (length < 2) return words(groups) as Ipv6
  return `${words(groups.slice(0, start))}::${words(groups.slice(start + length))}` as Ipv6
}

export function asIpv6(text: string): Ipv6 | undefined {
  const bytes = ipv6ToBytes(text)
  return bytes && ipv6OfBytes(bytes)
}

export function isIpv6(ip: Ipv4 | Ipv6 | undefined): ip is Ipv6 {
  return ip?.includes(':') ?? false
}

export interface Subnet6 {
  readonly network: Ipv6
  readonly prefix: number
}

/** Parses `fd77::/64`; undefined when malformed or when host bits are set. */
export function asSubnet6(text: string): Subnet6 | undefined {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const [network, prefix] = [asIpv6(address), Number(length)]
  if (!network || length === '' || prefix > 128) return undefined
  return prefixOf(network, prefix) === network ? { network, prefix } : undefined
}

export function contains6({ network, prefix }: Subnet6, ip: Ipv6): boolean {
  return prefixOf(ip, prefix) === network
}

function prefixOf(ip: Ipv6, prefix: number): Ipv6 {
  const bytes = (ipv6ToBytes(ip) ?? new Uint8Array(16)).map((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefix - 8 * index))
    return byte & (0xff00 >> bits) & 0xff
  })
  return ipv6OfBytes(bytes)
}

export function isLinkLocal(ip: Ipv6): boolean {
  return contains6({ network: 'fe80::' as Ipv6, prefix: 10 }, ip)
}

/** An address of a network of 64 bits or less, and of eight bytes. */
export function ipv6OfNetwork({ network }: Subnet6, id: Uint8Array): Ipv6 {
  return ipv6OfBytes(Uint8Array.from([...(ipv6ToBytes(network) ?? []).slice(0, 8), ...id]))
}

/** In front of a MAC, where others that are made of one have the MAC's first bytes. */
const MARK = [0x0d, 0x06]

/** The address that a machine is given: its MAC stands in it. It is another than the one that it makes itself. */
export function ipv6OfMac(network: Subnet6, mac: Mac): Ipv6 {
  return ipv6OfNetwork(network, Uint8Array.from([...MARK, ...macToBytes(mac)]))
}

/** The MAC in an address that was given by us, or that a host has made of it (RFC 4291, appendix A); undefined: there is none. */
export function macOfIpv6(ip: Ipv6): Mac | undefined {
  const id = ipv6ToBytes(ip)?.subarray(8)
  if (!id) return undefined
  if (id[0] === MARK[0] && id[1] === MARK[1]) return macOfBytes(id.subarray(2))
  if (id[3] !== 0xff || id[4] !== 0xfe) return undefined
  const [first = 0, second = 0, third = 0, , , ...last] = id
  return macOfBytes(Uint8Array.from([first ^ 2, second, third, ...last]))
}
