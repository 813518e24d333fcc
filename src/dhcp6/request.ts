/** What a client asks by DHCPv6, read from its packet: what an answer depends on, and nothing of policy. */
import { asBuffer, DecodeError } from '../lib/bytes.ts'
import { type Mac, macOfBytes } from '../model/address.ts'
import { type Ipv6, ipv6OfBytes, isLinkLocal, macOfIpv6 } from '../model/address6.ts'
import { type Dhcp6Packet, decodeOptions, findOption, MESSAGE, OPTION, readTexts, readU16s } from './codec.ts'

export type Dhcp6RequestType =
  | 'solicit'
  | 'request'
  | 'confirm'
  | 'renew'
  | 'rebind'
  | 'release'
  | 'decline'
  | 'information-request'

export interface Dhcp6Request {
  readonly type: Dhcp6RequestType
  readonly packet: Dhcp6Packet
  /** Undefined: nothing that it sends has it. */
  readonly mac: Mac | undefined
  readonly clientId: Uint8Array | undefined
  readonly serverId: Uint8Array | undefined
  /** Its wishes for an address, by the number that it gives each, and the addresses that it names. */
  readonly wishes: readonly { readonly id: Uint8Array; readonly addresses: readonly Ipv6[] }[]
  /** Codes of the options that it wants. */
  readonly wants: ReadonlySet<number>
  /** What it says of itself when it wants to boot from the network. */
  readonly boot: Dhcp6BootWish | undefined
  /** The network that its relay says it is on. */
  readonly relay: Ipv6 | undefined
}

export interface Dhcp6BootWish {
  readonly archs: readonly number[]
  readonly vendorClass: string
  readonly isIpxe: boolean
}

const TYPES: Readonly<Record<number, Dhcp6RequestType>> = {
  [MESSAGE.solicit]: 'solicit',
  [MESSAGE.request]: 'request',
  [MESSAGE.confirm]: 'confirm',
  [MESSAGE.renew]: 'renew',
  [MESSAGE.rebind]: 'rebind',
  [MESSAGE.release]: 'release',
  [MESSAGE.decline]: 'decline',
  [MESSAGE.informationRequest]: 'information-request',
}

/** Bytes: RFC 8415, 11.1. */
const LONGEST_DUID = 130
const ETHERNET = 1
/** With a time in it, and without. */
const [DUID_LLT, DUID_LL] = [1, 3]
/** Both numbers of times, which are not asked about, come behind the id. */
const [IA_ID, IA_HEAD] = [4, 12]
const ENTERPRISE = 4
const ANYWHERE = '::'

/**
 * @param source where it came from
 * @throws DecodeError when it is no question of a client
 */
export function readRequest(packet: Dhcp6Packet, source: Ipv6): Dhcp6Request {
  const { message, relays } = packet
  const { options } = message
  const type = TYPES[message.type]
  if (type === undefined) throw new DecodeError(`DHCPv6 message type ${message.type}`)
  const clientId = findOption(options, OPTION.clientId)
  if (clientId && (clientId.length < 3 || clientId.length > LONGEST_DUID))
    throw new DecodeError(`a DHCPv6 client id of ${clientId.length} bytes`)
  const outer = relays.at(-1)
  return {
    ...{ type, packet, clientId, serverId: findOption(options, OPTION.serverId) },
    mac: macOf(packet, outer ? outer.peer : source, clientId),
    wishes: options.flatMap(([code, value]) => (code === OPTION.iaNa ? [readWish(value)] : [])),
    wants: new Set(readU16s(findOption(options, OPTION.optionRequest))),
    boot: bootWish(packet),
    // Some relays between say nothing of it: RFC 8415, 19.1.1.
    relay: [...relays].reverse().find(({ link }) => link !== ANYWHERE)?.link,
  }
}

/** The relay's word (RFC 6939), the address that it has made of it, the name that it has made of one of its MACs. */
function macOf({ relays }: Dhcp6Packet, peer: Ipv6, clientId: Uint8Array | undefined): Mac | undefined {
  const told = findOption(relays.at(-1)?.options ?? [], OPTION.clientLinkLayer)
  if (told?.length === 8 && asBuffer(told).readUInt16BE(0) === ETHERNET) return macOfBytes(told.subarray(2))
  const made = isLinkLocal(peer) ? macOfIpv6(peer) : undefined
  if (made || !clientId || clientId.length < 10) return made
  const duid = asBuffer(clientId)
  if (duid.readUInt16BE(2) !== ETHERNET) return undefined
  if (duid.readUInt16BE(0) === DUID_LL && duid.length === 10) return macOfBytes(duid.subarray(4))
  return duid.readUInt16BE(0) === DUID_LLT && duid.length === 14 ? macOfBytes(duid.subarray(8)) : undefined
}

function readWish(value: Uint8Array): Dhcp6Request['wishes'][number] {
  if (value.length < IA_HEAD) throw new DecodeError('a DHCPv6 wish for an address that is cut off')
  const addresses = decodeOptions(value.subarray(IA_HEAD)).flatMap(([code, address]) =>
    code === OPTION.iaAddress && address.length >= 24 ? [ipv6OfBytes(address)] : [],
  )
  return { id: value.subarray(0, IA_ID), addresses }
}

/** RFC 5970: what option 93, 60 and 77 are in DHCPv4. */
function bootWish({ message: { options } }: Dhcp6Packet): Dhcp6BootWish | undefined {
  const archs = readU16s(findOption(options, OPTION.clientArch))
  const [vendorClass = ''] = readTexts(
    findOption(options, OPTION.vendorClass)?.subarray(ENTERPRISE) ?? new Uint8Array(),
  )
  const isIpxe = readTexts(findOption(options, OPTION.userClass) ?? new Uint8Array()).includes('iPXE')
  const isOne = archs.length > 0 || isIpxe || /^(PXE|HTTP)Client/.test(vendorClass)
  return isOne ? { archs, vendorClass, isIpxe } : undefined
}
