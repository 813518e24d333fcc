/** Router solicitations and advertisements (RFC 4861, RFC 8106), as the body of an ICMPv6 packet. Pure. */
import { asBuffer, DecodeError, ofU32 } from '../lib/bytes.ts'
import { type Ipv6, ipv6ToBytes, type Subnet6 } from '../model/address6.ts'
import { encodeDomains } from '../model/dhcp-options.ts'

export const ICMP6 = { routerSolicitation: 133, routerAdvertisement: 134 } as const
const OPTION = { prefix: 3, mtu: 5, dnsServers: 25, searchDomains: 31 } as const

export interface Advertisement {
  readonly prefix: Subnet6
  /** Seconds for which we are a way to other networks; 0: we are none. */
  readonly routerSeconds: number
  /** DHCPv6 has more than addresses to tell. */
  readonly otherConfig: boolean
  readonly dns: readonly Ipv6[]
  readonly search: readonly string[]
  /** Bytes. */
  readonly mtu: number | undefined
}

/** Seconds. Hosts that miss several advertisements still keep what they said. */
const [PREFIX_VALID, PREFIX_PREFERRED, DNS_SECONDS] = [86_400, 14_400, 1800]
const HOP_LIMIT = 64
/** On this link, and: make an address of it. */
const [ON_LINK, AUTONOMOUS] = [0x80, 0x40]
const OTHER_CONFIG = 0x40

/** RFC 4861, 6.1.1, but for what the system has checked. @throws DecodeError */
export function decodeSolicitation(bytes: Uint8Array): void {
  const buffer = asBuffer(bytes)
  if (buffer.length < 8) throw new DecodeError('a router solicitation of less than 8 bytes')
  if (buffer[0] !== ICMP6.routerSolicitation || buffer[1] !== 0) throw new DecodeError('no router solicitation')
  for (let at = 8; at < buffer.length; ) {
    const length = (buffer[at + 1] ?? 0) * 8
    if (length === 0 || at + length > buffer.length) throw new DecodeError('a router solicitation with half an option')
    at += length
  }
}

/**
 * The checksum is the system's: it knows the addresses. Our MAC is not told: that of a bridge changes when something is plugged
 * into it, and who must know it asks.
 */
export function encodeAdvertisement(said: Advertisement): Uint8Array {
  const { prefix, routerSeconds, otherConfig, dns, search, mtu } = said
  const head = Buffer.alloc(16)
  head[0] = ICMP6.routerAdvertisement
  head[4] = HOP_LIMIT
  head[5] = otherConfig ? OTHER_CONFIG : 0
  head.writeUInt16BE(routerSeconds, 6)
  return Buffer.concat([
    head,
    ...(mtu === undefined ? [] : [option(OPTION.mtu, Buffer.concat([Buffer.alloc(2), ofU32(mtu)]))]),
    option(
      OPTION.prefix,
      Buffer.concat([
        // Addresses are made of 64 bits and no others.
        Buffer.from([prefix.prefix, ON_LINK | (prefix.prefix === 64 ? AUTONOMOUS : 0)]),
        ofU32(PREFIX_VALID, PREFIX_PREFERRED, 0),
        ipv6ToBytes(prefix.network) ?? Buffer.alloc(16),
      ]),
    ),
    ...(dns.length > 0
      ? [
          timed(
            OPTION.dnsServers,
            dns.map((ip) => ipv6ToBytes(ip) ?? Buffer.alloc(0)),
          ),
        ]
      : []),
    ...(search.length > 0 ? [timed(OPTION.searchDomains, [encodeDomains(search)])] : []),
  ])
}

function timed(code: number, parts: readonly Uint8Array[]): Buffer {
  return option(code, Buffer.concat([Buffer.alloc(2), ofU32(DNS_SECONDS), ...parts]))
}

/** Code, length in units of eight bytes, zeros up to the next. */
function option(code: number, value: Uint8Array): Buffer {
  const units = Math.ceil((value.length + 2) / 8)
  const bytes = Buffer.alloc(units * 8)
  bytes[0] = code
  bytes[1] = units
  bytes.set(value, 2)
  return bytes
}
