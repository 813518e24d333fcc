/** MAC and IPv4 addresses as checked strings, and the little arithmetic that subnets need. */
import { OrchestraError } from './errors.ts'

/** Lower case, colons, six octets: `52:54:00:77:00:01`. */
export type Mac = string & { readonly __mac: true }
/** Dotted quad without leading zeros: `10.77.0.1`. */
export type Ipv4 = string & { readonly __ipv4: true }

/** Accepts colons, dashes (pxelinux, Windows), dots (Cisco) or nothing between the digits; undefined when it is no MAC. */
export function asMac(text: string): Mac | undefined {
  if (!/^([0-9a-f]{2}([:-]?)(?:[0-9a-f]{2}\2){4}[0-9a-f]{2}|([0-9a-f]{4}\.){2}[0-9a-f]{4})$/i.test(text))
    return undefined
  const digits = text.toLowerCase().replace(/[^0-9a-f]/g, '')
  return (digits.match(/../g) ?? []).join(':') as Mac
}

export function parseMac(text: string, field?: string): Mac {
  const mac = asMac(text)
  if (!mac)
    throw new OrchestraError(
      'item.invalid',
      `"${text}" is not a MAC address (like 52:54:00:12:34:56)`,
      field ? { field } : {},
    )
  return mac
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Of the first six bytes. */
export function macOfBytes(bytes: Uint8Array): Mac {
  const hex = (i: number) => HEX[bytes[i] ?? 0]
  return `${hex(0)}:${hex(1)}:${hex(2)}:${hex(3)}:${hex(4)}:${hex(5)}` as Mac
}

export function macToBytes(mac: Mac): Uint8Array {
  return Uint8Array.from(mac.split(':'), (hex) => Number.parseInt(hex, 16))
}

export function asIpv4(text: string): Ipv4 | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  return parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255) ? (text as Ipv4) : undefined
}

export function parseIpv4(text: string, field?: string): Ipv4 {
  const ip = asIpv4(text)
  if (!ip) throw new OrchestraError('item.invalid', `"${text}" is not an IPv4 address`, field ? { field } : {})
  return ip
}

/** 0 … 2³²−1. */
export function ipv4ToNumber(ip: Ipv4): number {
  // Digit by digit, without making strings: DHCP does this several times for each packet.
  let sum = 0
  let part = 0
  for (let i = 0; i < ip.length; i++) {
    const digit = ip.charCodeAt(i) - 48
    if (digit >= 0) part = part * 10 + digit
    else {
      sum = sum * 256 + part
      part = 0
    }
  }
  return sum * 256 + part
}

export function ipv4OfNumber(value: number): Ipv4 {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}` as Ipv4
}

/** A subnet: its network address and prefix length. */
export interface Subnet {
  readonly network: Ipv4
  readonly prefix: number
}

/** Parses `10.77.0.0/24`; undefined when malformed or when host bits are set. */
export function asSubnet(text: string): Subnet | undefined {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(text)
  const ip = match?.[1] === undefined ? undefined : asIpv4(match[1])
  const prefix = Number(match?.[2])
  if (!ip || prefix > 32) return undefined
  return (ipv4ToNumber(ip) & ~maskNumber(prefix)) === 0 ? { network: ip, prefix } : undefined
}

export function netmask(subnet: Subnet): Ipv4 {
  return ipv4OfNumber(maskNumber(subnet.prefix) >>> 0)
}

export function broadcast(subnet: Subnet): Ipv4 {
  return ipv4OfNumber((ipv4ToNumber(subnet.network) | ~maskNumber(subnet.prefix)) >>> 0)
}

export function contains(subnet: Subnet, ip: Ipv4): boolean {
  return (ipv4ToNumber(ip) & maskNumber(subnet.prefix)) >>> 0 === ipv4ToNumber(subnet.network)
}

function maskNumber(prefix: number): number {
  return prefix === 0 ? 0 : (-1 << (32 - prefix)) | 0
}
