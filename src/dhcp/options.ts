/**
 * DHCP options (RFC 2132 and later), bytes to values and back: long options joined and split (RFC 3396), overloaded
 * fields read (option 52). What an option means for the answer is decide.ts.
 */
import { asBuffer, DecodeError } from '../lib/bytes.ts'
import { type Ipv4, ipv4ToNumber } from '../model/address.ts'

/** Values by option code, in the order in which they stand in the packet. */
export type DhcpOptions = ReadonlyMap<number, Uint8Array>

export const OPTION = {
  subnetMask: 1,
  router: 3,
  nameServers: 6,
  hostName: 12,
  domainName: 15,
  mtu: 26,
  broadcast: 28,
  ntp: 42,
  vendorSpecific: 43,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverId: 54,
  parameterList: 55,
  message: 56,
  maxMessageSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientId: 61,
  tftpServer: 66,
  bootFile: 67,
  userClass: 77,
  relayInfo: 82,
  clientArch: 93,
  clientUuid: 97,
  domainSearch: 119,
  classlessRoutes: 121,
  ipxe: 175,
} as const

/** Option 53. */
export const MESSAGE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const

const PAD = 0
const END = 255

/**
 * Adds the options of one area (the options field, or `file` and `sname` when they are overloaded) to `into`. An option
 * that comes again continues the first (RFC 3396). A missing END is forgiven; an option that runs over the end is not.
 */
export function decodeOptions(area: Uint8Array, into: Map<number, Uint8Array>): void {
  let at = 0
  while (at < area.length) {
    const code = area[at++] ?? END
    if (code === PAD) continue
    if (code === END) return
    const length = area[at++]
    if (length === undefined) throw new DecodeError(`DHCP option ${code} without its length`)
    if (at + length > area.length) throw new DecodeError(`DHCP option ${code} runs over the end`)
    const value = area.subarray(at, at + length)
    const before = into.get(code)
    into.set(code, before ? joined(before, value) : value)
    at += length
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}

/** Bytes that an option takes: a code and a length for each 255 bytes begun. */
export function sizeOf(value: Uint8Array): number {
  return value.length + 2 * Math.max(1, Math.ceil(value.length / 255))
}

/** Writes options from `at` and the END after them; answers where it stopped. `into` must be large enough. */
export function encodeOptions(options: DhcpOptions, into: Uint8Array, at: number): number {
  for (const [code, value] of options) {
    let from = 0
    do {
      const part = value.length <= 255 ? value : value.subarray(from, from + 255)
      into[at] = code
      into[at + 1] = part.length
      into.set(part, at + 2)
      at += 2 + part.length
      from += 255
    } while (from < value.length)
  }
  into[at] = END
  return at + 1
}

/**
 * The options that fit into `room` bytes, the first being the most important. What a relay sent (82) is kept whatever
 * else must go, and put last (RFC 3046 section 2.2).
 */
export function fitOptions(options: DhcpOptions, room: number): Map<number, Uint8Array> {
  const relayInfo = options.get(OPTION.relayInfo)
  let left = room - 1 - (relayInfo ? sizeOf(relayInfo) : 0)
  const fitting = new Map<number, Uint8Array>()
  for (const [code, value] of options) {
    if (code === OPTION.relayInfo || sizeOf(value) > left) continue
    fitting.set(code, value)
    left -= sizeOf(value)
  }
  if (relayInfo) fitting.set(OPTION.relayInfo, relayInfo)
  return fitting
}

// Readers: undefined or empty when the option is missing or has another form than promised.

export function readU8(options: DhcpOptions, code: number): number | undefined {
  const value = options.get(code)
  return value?.length === 1 ? value[0] : undefined
}

export function readU16s(options: DhcpOptions, code: number): number[] {
  const value = options.get(code)
  if (!value) return []
  return Array.from({ length: value.length >> 1 }, (_, i) => ((value[2 * i] ?? 0) << 8) | (value[2 * i + 1] ?? 0))
}

export function readIpv4(options: DhcpOptions, code: number): Ipv4 | undefined {
  const value = options.get(code)
  return value?.length === 4 ? (`${value[0]}.${value[1]}.${value[2]}.${value[3]}` as Ipv4) : undefined
}

/** Text up to its first NUL, which some clients count and some do not. */
export function readText(options: DhcpOptions, code: number): string {
  const value = options.get(code)
  if (!value) return ''
  const text = asBuffer(value).toString('latin1')
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

export const ofU8 = (value: number): Uint8Array => Uint8Array.of(value)

export function ofU32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  putU32(bytes, 0, value)
  return bytes
}

export function ofIpv4s(...addresses: readonly Ipv4[]): Uint8Array {
  const bytes = new Uint8Array(4 * addresses.length)
  for (let i = 0; i < addresses.length; i++) putU32(bytes, 4 * i, ipv4ToNumber(addresses[i] as Ipv4))
  return bytes
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

export function ofText(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0))
}
