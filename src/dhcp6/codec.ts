/** DHCPv6 messages (RFC 8415, sections 8 and 9): bytes to fields and back. Pure; what they mean is request.ts and decide.ts. */
import { asBuffer, DecodeError, ofU16 } from '../lib/bytes.ts'
import { type Ipv6, ipv6OfBytes, ipv6ToBytes } from '../model/address6.ts'

export const MESSAGE = {
  solicit: 1,
  advertise: 2,
  request: 3,
  confirm: 4,
  renew: 5,
  rebind: 6,
  reply: 7,
  release: 8,
  decline: 9,
  informationRequest: 11,
  relayForward: 12,
  relayReply: 13,
} as const

export const OPTION = {
  clientId: 1,
  serverId: 2,
  iaNa: 3,
  iaAddress: 5,
  optionRequest: 6,
  relayMessage: 9,
  statusCode: 13,
  userClass: 15,
  vendorClass: 16,
  interfaceId: 18,
  dnsServers: 23,
  searchDomains: 24,
  bootFileUrl: 59,
  clientArch: 61,
  clientLinkLayer: 79,
} as const

/** In their order; some may be there more than once. */
export type Dhcp6Options = readonly (readonly [code: number, value: Uint8Array])[]

export interface Dhcp6Message {
  readonly type: number
  /** 24 bits. */
  readonly transaction: number
  readonly options: Dhcp6Options
}

/** A relay's envelope, without what is in it. */
export interface Dhcp6Relay {
  readonly hops: number
  readonly link: Ipv6
  readonly peer: Ipv6
  readonly options: Dhcp6Options
}

export interface Dhcp6Packet {
  readonly message: Dhcp6Message
  /** The one nearest to us first; none: it came from the client itself. */
  readonly relays: readonly Dhcp6Relay[]
}

const [HEAD, RELAY_HEAD] = [4, 34]
/** RFC 8415, 7.6. */
const MOST_RELAYS = 8

/** @throws DecodeError */
export function decode(bytes: Uint8Array): Dhcp6Packet {
  const relays: Dhcp6Relay[] = []
  let buffer = asBuffer(bytes)
  while (buffer[0] === MESSAGE.relayForward) {
    if (relays.length === MOST_RELAYS) throw new DecodeError(`DHCPv6 through more than ${MOST_RELAYS} relays`)
    if (buffer.length < RELAY_HEAD) throw new DecodeError('a DHCPv6 relay message without its addresses')
    const options = decodeOptions(buffer.subarray(RELAY_HEAD))
    const [link, peer] = [ipv6OfBytes(buffer.subarray(2, 18)), ipv6OfBytes(buffer.subarray(18, 34))]
    const inner = findOption(options, OPTION.relayMessage)
    if (!inner) throw new DecodeError('a DHCPv6 relay message with nothing in it')
    relays.push({ hops: buffer[1] ?? 0, link, peer, options: options.filter(([code]) => code !== OPTION.relayMessage) })
    buffer = asBuffer(inner)
  }
  if (buffer.length < HEAD) throw new DecodeError('a DHCPv6 message of less than 4 bytes')
  const type = buffer[0] ?? 0
  return {
    message: { type, transaction: buffer.readUIntBE(1, 3), options: decodeOptions(buffer.subarray(HEAD)) },
    relays,
  }
}

/** @throws DecodeError */
export function decodeOptions(bytes: Uint8Array): Dhcp6Options {
  const buffer = asBuffer(bytes)
  const options: [number, Uint8Array][] = []
  for (let at = 0; at < buffer.length; ) {
    if (at + 4 > buffer.length) throw new DecodeError('a DHCPv6 message that ends within an option')
    const [code, length] = [buffer.readUInt16BE(at), buffer.readUInt16BE(at + 2)]
    const end = at + 4 + length
    if (end > buffer.length) throw new DecodeError(`DHCPv6 option ${code} is longer than its message`)
    options.push([code, buffer.subarray(at + 4, end)])
    at = end
  }
  return options
}

/** With relays: their answer, envelope in envelope (RFC 8415, 19.3). */
export function encode({ message, relays }: Dhcp6Packet): Uint8Array {
  const head = Buffer.alloc(HEAD)
  head[0] = message.type
  head.writeUIntBE(message.transaction, 1, 3)
  const inner: Uint8Array = Buffer.concat([head, encodeOptions(message.options)])
  return relays.reduceRight((within, { hops, link, peer, options }) => {
    const ends = [link, peer].map((ip) => ipv6ToBytes(ip) ?? Buffer.alloc(16))
    const all = encodeOptions([...options, [OPTION.relayMessage, within]])
    return Buffer.concat([Buffer.of(MESSAGE.relayReply, hops), ...ends, all])
  }, inner)
}

export function encodeOptions(options: Dhcp6Options): Buffer {
  return Buffer.concat(options.flatMap(([code, value]) => [ofU16(code, value.length), value]))
}

export function findOption(options: Dhcp6Options, wanted: number): Uint8Array | undefined {
  return options.find(([code]) => code === wanted)?.[1]
}

/** Codes of options, kinds of processors: a list of numbers; half a number at the end is left out. */
export function readU16s(value: Uint8Array | undefined): number[] {
  const buffer = asBuffer(value ?? new Uint8Array())
  return Array.from({ length: buffer.length >> 1 }, (_, index) => buffer.readUInt16BE(index * 2))
}

/** Texts with two bytes of length in front of each, as in classes; what is cut off is left out. */
export function readTexts(value: Uint8Array): string[] {
  const buffer = asBuffer(value)
  const texts: string[] = []
  for (let at = 0; at + 2 <= buffer.length; ) {
    const end = at + 2 + buffer.readUInt16BE(at)
    if (end > buffer.length) break
    texts.push(buffer.toString('latin1', at + 2, end).replace(/[^\x20-\x7e]/g, ''))
    at = end
  }
  return texts
}
