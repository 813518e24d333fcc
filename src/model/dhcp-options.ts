/**
 * DHCP options that a site may set by their names: IANA's registry "BOOTP Vendor Extensions and DHCP Options", the form of each, and
 * how a value that a person writes becomes the bytes of that form. What the server works out itself is not among them.
 */
import { asIpv4, type Ipv4, ipv4ToNumber } from './address.ts'

export type OptionForm = 'ips' | 'text' | 'u8' | 'u16' | 'u32' | 'i32' | 'flag'

export interface NamedOption {
  readonly code: number
  /** As IANA has it. */
  readonly title: string
  readonly form: OptionForm
}

/** What stands in a settings file. */
export type OptionValue = string | number | boolean | readonly string[]

const option = (code: number, title: string, form: OptionForm): NamedOption => ({ code, title, form })

export const NAMED_OPTIONS: Readonly<Record<string, NamedOption>> = {
  'time-offset': option(2, 'Time Offset', 'i32'),
  'time-servers': option(4, 'Time Server', 'ips'),
  'name-servers': option(5, 'Name Server', 'ips'),
  'log-servers': option(7, 'Log Server', 'ips'),
  'lpr-servers': option(9, 'LPR Server', 'ips'),
  'boot-size': option(13, 'Boot File Size', 'u16'),
  'root-path': option(17, 'Root Path', 'text'),
  'extensions-path': option(18, 'Extension File', 'text'),
  'ip-forwarding': option(19, 'Forward On/Off', 'flag'),
  'default-ip-ttl': option(23, 'Default IP TTL', 'u8'),
  'router-discovery': option(31, 'Router Discovery', 'flag'),
  'arp-cache-timeout': option(35, 'ARP Timeout', 'u32'),
  'default-tcp-ttl': option(37, 'Default TCP TTL', 'u8'),
  'nis-domain': option(40, 'NIS Domain', 'text'),
  'nis-servers': option(41, 'NIS Servers', 'ips'),
  'netbios-name-servers': option(44, 'NETBIOS Name Srv', 'ips'),
  'netbios-node-type': option(46, 'NETBIOS Node Type', 'u8'),
  'netbios-scope': option(47, 'NETBIOS Scope', 'text'),
  'nisplus-domain': option(64, 'NIS-Domain-Name', 'text'),
  'nisplus-servers': option(65, 'NIS-Server-Addr', 'ips'),
  'smtp-servers': option(69, 'SMTP-Server', 'ips'),
  'pop-servers': option(70, 'POP3-Server', 'ips'),
  'www-servers': option(72, 'WWW-Server', 'ips'),
  'posix-timezone': option(100, 'PCode', 'text'),
  'tzdb-timezone': option(101, 'TCode', 'text'),
  'captive-portal': option(114, 'DHCP Captive-Portal', 'text'),
  'tftp-server-addresses': option(150, 'TFTP server address', 'ips'),
  'pxelinux-config-file': option(209, 'Configuration File', 'text'),
  'pxelinux-path-prefix': option(210, 'Path Prefix', 'text'),
  wpad: option(252, 'WPAD', 'text'),
}

/** Options for a site's own use (RFC 3942): by number, their bytes in hexadecimal. */
const SITE_SPECIFIC = /^option-(\d{1,3})$/
const [FIRST_OF_SITE, LAST_OF_SITE] = [224, 254]

export type EncodedOption =
  | { readonly ok: true; readonly code: number; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly because: string }

export function encodeNamedOption(name: string, value: OptionValue): EncodedOption {
  const code = Number(SITE_SPECIFIC.exec(name)?.[1])
  if (code >= FIRST_OF_SITE && code <= LAST_OF_SITE) return siteSpecific(code, value)
  const known = Object.hasOwn(NAMED_OPTIONS, name) ? NAMED_OPTIONS[name] : undefined
  if (!known) {
    const near = Object.keys(NAMED_OPTIONS).filter((one) => one.startsWith(name.slice(0, 3)))
    const hint = near.length > 0 ? `; near it: ${near.join(', ')}` : ''
    return fault(`"${name}" is no option that can be set here (option-224 to option-254 are a site's own)${hint}`)
  }
  const bytes = ENCODERS[known.form](value)
  if (typeof bytes === 'string') return fault(`${name}: ${bytes}`)
  return { ok: true, code: known.code, bytes }
}

const fault = (because: string): EncodedOption => ({ ok: false, because })

function siteSpecific(code: number, value: OptionValue): EncodedOption {
  const digits = typeof value === 'string' ? value.replaceAll(/[: ]/g, '') : ''
  if (!/^([0-9a-f]{2}){1,255}$/i.test(digits)) return fault(`option-${code}: bytes in hexadecimal, like "01:ff"`)
  return { ok: true, code, bytes: Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)) }
}

/** The bytes, or what the value should be. */
type Encode = (value: OptionValue) => Uint8Array | string

const whole =
  (size: 1 | 2 | 4, least: number, most: number): Encode =>
  (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
      return `a whole number from ${least} to ${most}`
    return Uint8Array.from({ length: size }, (_, at) => value >>> (8 * (size - 1 - at)))
  }

const addresses: Encode = (value) => {
  const words = typeof value === 'string' ? value.split(/[\s,]+/) : Array.isArray(value) ? value : []
  const ips = words.flatMap((one: string) => asIpv4(one) ?? [])
  return ips.length > 0 && ips.length === words.length ? encodeIpv4s(ips) : 'IPv4 addresses, at least one'
}

const ENCODERS: Readonly<Record<OptionForm, Encode>> = {
  ips: addresses,
  text: (value) =>
    typeof value === 'string' && /^[\x20-\x7e]{1,255}$/.test(value) ? Buffer.from(value, 'latin1') : 'text, in ASCII',
  u8: whole(1, 0, 255),
  u16: whole(2, 0, 65_535),
  u32: whole(4, 0, 4_294_967_295),
  i32: whole(4, -2_147_483_648, 2_147_483_647),
  flag: (value) => (typeof value === 'boolean' ? Uint8Array.of(value ? 1 : 0) : 'true or false'),
}

export function encodeIpv4s(ips: readonly Ipv4[]): Uint8Array {
  const bytes = Buffer.alloc(4 * ips.length)
  for (const [at, ip] of ips.entries()) bytes.writeUInt32BE(ipv4ToNumber(ip), 4 * at)
  return bytes
}

export function isDomain(name: string): boolean {
  return (
    name.length <= 253 &&
    /^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/.test(name)
  )
}

/** As in DNS (RFC 1035, 3.1; RFC 3397), without compression: every client reads that. */
export function encodeDomains(names: readonly string[]): Uint8Array {
  const labels = names.flatMap((name) => [...name.split('.').filter((label) => label !== ''), ''])
  return Buffer.concat(
    labels.map((label) => Buffer.concat([Uint8Array.of(label.length), Buffer.from(label, 'latin1')])),
  )
}

export interface Route {
  readonly to: { readonly network: Ipv4; readonly prefix: number }
  readonly via: Ipv4
}

/** RFC 3442: the prefix length, as many bytes of the network as it covers, the router. */
export function encodeRoutes(routes: readonly Route[]): Uint8Array {
  const parts = routes.map(({ to, via }) => {
    const network = encodeIpv4s([to.network]).subarray(0, Math.ceil(to.prefix / 8))
    return Buffer.concat([Uint8Array.of(to.prefix), network, encodeIpv4s([via])])
  })
  return Buffer.concat(parts)
}
