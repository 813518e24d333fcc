/** What a client asks, read from its packet: the fields and options that an answer depends on, and nothing of policy. */
import { DecodeError } from '../lib/bytes.ts'
import { type Ipv4, ipv4ToNumber, type Mac, macOfBytes } from '../model/address.ts'
import type { Firmware } from '../model/firmware.ts'
import type { DhcpPacket } from './codec.ts'
import { firmwareOf, userClasses } from './firmware.ts'
import { MESSAGE, OPTION, readIpv4, readText, readU8, readU16s } from './options.ts'

export type RequestType = 'discover' | 'request' | 'decline' | 'release' | 'inform'

export interface DhcpRequest {
  readonly type: RequestType
  readonly mac: Mac
  /** As it came: an answer copies xid, flags, addresses and the client's hardware address. */
  readonly packet: DhcpPacket
  /** The address it has and uses. */
  readonly ciaddr: Ipv4 | undefined
  /** The address it asks for (option 50). */
  readonly asked: Ipv4 | undefined
  /** The server whose offer it takes (option 54). */
  readonly serverId: Ipv4 | undefined
  /** What it says of itself in options 61 and 97 (RFC 4578, section 2.3: without the type, which is 0). */
  readonly clientId: Uint8Array | undefined
  readonly uuid: Uint8Array | undefined
  /** The subnet it is on, when the packet came through a relay. */
  readonly relay: Ipv4 | undefined
  /** The address by which its relay wants to be taken for us (RFC 5107), so that renewals come through it too. */
  readonly standIn: Ipv4 | undefined
  readonly hostname: string
  /** The options that it wants, in its order; undefined: it did not say. */
  readonly wants: readonly number[] | undefined
  /** Bytes of DHCP message that it takes at least. */
  readonly room: number
  /** What it says of itself when it wants to boot from the network. */
  readonly boot: BootWish | undefined
}

export interface BootWish {
  /** Undefined: a kind of machine that we have no loader for. */
  readonly firmware: Firmware | undefined
  readonly arch: number | undefined
  readonly vendorClass: string
  readonly userClass: string
}

const ETHERNET = 1
const NONE = '0.0.0.0'
const IP_AND_UDP = 28
/** Every client takes an IP datagram of 576 bytes (RFC 2131 section 2); more than an Ethernet frame would be cut up. */
const [LEAST, MOST] = [576, 1500]

/** @throws DecodeError when it is not a request of DHCP over Ethernet */
export function readRequest(packet: DhcpPacket): DhcpRequest {
  // Answers of other servers, our own among them, are no questions.
  if (packet.op !== 'request') throw new DecodeError('a DHCP reply sent to a server')
  if (packet.htype !== ETHERNET || packet.hlen !== 6)
    throw new DecodeError(`DHCP from hardware type ${packet.htype} with ${packet.hlen} address bytes`)
  if (packet.chaddr.subarray(0, 6).every((byte) => byte === 0)) throw new DecodeError('DHCP from MAC address zero')

  const { options } = packet
  const code = readU8(options, OPTION.messageType)
  if (code === undefined) throw new DecodeError('BOOTP without a DHCP message type')
  const type = REQUEST_TYPES[code]
  if (type === undefined) throw new DecodeError(`DHCP message type ${code}`)

  const maxSize = readU16s(options, OPTION.maxMessageSize)[0] ?? LEAST
  const wants = options.get(OPTION.parameterList)
  const relayInfo = options.get(OPTION.relayInfo)
  return {
    type,
    mac: macOfBytes(packet.chaddr),
    packet,
    ciaddr: someAddress(packet.ciaddr),
    asked: someAddress(readIpv4(options, OPTION.requestedAddress)),
    serverId: someAddress(readIpv4(options, OPTION.serverId)),
    clientId: options.get(OPTION.clientId),
    uuid: options.get(OPTION.clientUuid)?.subarray(1),
    relay: relayAddress(relayInfo, LINK_SELECTION) ?? someAddress(packet.giaddr),
    standIn: relayAddress(relayInfo, SERVER_ID_OVERRIDE),
    hostname: cleanHostname(readText(options, OPTION.hostName)),
    wants: wants && Array.from(wants),
    room: Math.min(Math.max(maxSize, LEAST), MOST) - IP_AND_UDP,
    boot: bootWish(packet),
  }
}

const REQUEST_TYPES: Readonly<Record<number, RequestType>> = {
  [MESSAGE.discover]: 'discover',
  [MESSAGE.request]: 'request',
  [MESSAGE.decline]: 'decline',
  [MESSAGE.release]: 'release',
  [MESSAGE.inform]: 'inform',
}

/** What the IEEE has given the Raspberry Pi Foundation and its company. */
const RASPBERRY: ReadonlySet<string> = new Set([
  ...['b8:27:eb', 'dc:a6:32', 'e4:5f:01', 'd8:3a:dd', '28:cd:c1', '2c:cf:67', '88:a2:9e'],
])

function bootWish({ options, chaddr }: DhcpPacket): BootWish | undefined {
  const archs = readU16s(options, OPTION.clientArch)
  const vendorClass = readText(options, OPTION.vendorClass)
  const classes = userClasses(options.get(OPTION.userClass))
  const isIpxe = classes.includes('iPXE') || options.has(OPTION.ipxe)
  if (archs.length === 0 && !/^(PXEClient|HTTPClient|U-Boot)/.test(vendorClass) && !isIpxe) return undefined
  const { firmware, arch } = firmwareOf({
    archs,
    vendorClass,
    isIpxe,
    isRaspberry: RASPBERRY.has(macOfBytes(chaddr).slice(0, 8)),
  })
  return { firmware, arch, vendorClass, userClass: classes.join(' ') }
}

/** RFC 3527: a relay whose own address is on another network than its client says which network it means. */
const LINK_SELECTION = 5
const SERVER_ID_OVERRIDE = 11

/** A sub-option of option 82 that holds an address. */
function relayAddress(relayInfo: Uint8Array | undefined, wanted: number): Ipv4 | undefined {
  if (!relayInfo) return undefined
  for (let at = 0; at + 1 < relayInfo.length; ) {
    const [code, length] = [relayInfo[at] ?? 0, relayInfo[at + 1] ?? 0]
    const value = relayInfo.subarray(at + 2, at + 2 + length)
    if (code === wanted && value.length === 4) return someAddress(value.join('.') as Ipv4)
    at += 2 + length
  }
  return undefined
}

/** What the client takes for the address of its server. @param server our own on its network */
export function serverIdFor({ standIn }: Pick<DhcpRequest, 'standIn'>, server: Ipv4): Ipv4 {
  return standIn ?? server
}

/** False: it names another server. */
export function isForUs(request: Pick<DhcpRequest, 'serverId' | 'standIn'>, server: Ipv4): boolean {
  return request.serverId === undefined || request.serverId === serverIdFor(request, server)
}

function someAddress(ip: Ipv4 | undefined): Ipv4 | undefined {
  // Class E and multicast are nobody's address.
  return ip === undefined || ip === NONE || ipv4ToNumber(ip) >= 0xe0000000 ? undefined : ip
}

/** A client's name for itself goes into the lease and may go into DNS: letters, digits, dashes and dots only. */
function cleanHostname(text: string): string {
  return /^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/.test(text) ? text.toLowerCase() : ''
}
