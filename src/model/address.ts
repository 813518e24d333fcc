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

export function macOfBytes(bytes: Uint8Array): Mac {
  return Array.from(bytes.subarray(0, 6), (byte) => byte.toString(16).padStart(2, '0')).join(':') as Mac
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
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

export function ipv4OfNumber(value: number): Ipv4 {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.') as Ipv4
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
