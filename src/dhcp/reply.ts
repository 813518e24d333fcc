/** The packets that we send: which fields and options an OFFER, ACK or NAK carries (RFC 2131 section 4.3.1, table 3). */
import type { Known } from '../boot/decide.ts'
import type { Ipv4 } from '../model/address.ts'
import type { Firmware } from '../model/firmware.ts'
import type { ServedSubnet } from '../model/subnet.ts'
import { BROADCAST, type DhcpPacket, FILE_ROOM, HEADER_SIZE } from './codec.ts'
import { networkValues } from './network.ts'
import { MESSAGE, OPTION, ofIpv4s, ofText, ofU8, ofU32 } from './options.ts'
import { layOut } from './overload.ts'
import { type DhcpRequest, serverIdFor } from './request.ts'

export interface ReplyContext {
  readonly request: DhcpRequest
  readonly server: Ipv4
  readonly subnet: ServedSubnet
  readonly known: Known | undefined
}

/** What a machine that boots is told beside its address. */
export interface Booting {
  /** A TFTP path or a URL. */
  readonly file: string
  readonly firmware: Firmware
  readonly vendorClass: string
}

const NONE = '0.0.0.0' as Ipv4

export function offerOrAck(
  kind: 'offer' | 'ack',
  ip: Ipv4,
  context: ReplyContext,
  booting: Booting | undefined,
): DhcpPacket {
  const { request, server, subnet } = context
  const seconds = subnet.leaseSeconds
  const options = new Map<number, Uint8Array>([
    [OPTION.messageType, ofU8(MESSAGE[kind])],
    [OPTION.serverId, ofIpv4s(serverIdFor(request, server))],
    [OPTION.leaseTime, ofU32(seconds)],
    // RFC 2131 section 4.4.5: half of the lease, and seven eighths.
    [OPTION.renewalTime, ofU32(Math.floor(seconds / 2))],
    [OPTION.rebindingTime, ofU32(Math.floor((seconds * 7) / 8))],
    ...bootOptions(request, server, booting),
    ...networkOptions(context),
  ])
  const { ciaddr } = request.packet
  return packet(request, options, {
    yiaddr: ip,
    ciaddr: kind === 'ack' ? ciaddr : NONE,
    siaddr: server,
    ...bootFields(server, booting),
  })
}

/** No yiaddr and no lease time: the client has its address from elsewhere. */
export function ackInform(context: ReplyContext, booting: Booting | undefined): DhcpPacket {
  const { request, server } = context
  const options = new Map<number, Uint8Array>([
    [OPTION.messageType, ofU8(MESSAGE.ack)],
    [OPTION.serverId, ofIpv4s(serverIdFor(request, server))],
    ...bootOptions(request, server, booting),
    ...networkOptions(context),
  ])
  return packet(request, options, { ciaddr: request.packet.ciaddr, siaddr: server, ...bootFields(server, booting) })
}

/** What to boot, and nothing of the network: a proxy's OFFER, which iPXE and PXE ROMs know by its class, or its boot server's ACK. */
export function proxyReply(kind: 'offer' | 'ack', { request, server }: ReplyContext, booting: Booting): DhcpPacket {
  const boots = new Map(bootOptions({ ...request, wants: undefined }, server, booting))
  const byHttp = booting.vendorClass.startsWith('HTTPClient')
  const options = new Map<number, Uint8Array>([
    [OPTION.messageType, ofU8(MESSAGE[kind])],
    [OPTION.serverId, ofIpv4s(serverIdFor(request, server))],
    [OPTION.vendorClass, ofText(byHttp ? 'HTTPClient' : 'PXEClient')],
    ...(byHttp ? [] : ([[OPTION.vendorSpecific, BOOT_THE_FILE]] as const)),
    ...boots,
  ])
  const { ciaddr } = request.packet
  return packet(request, options, { ciaddr, siaddr: server, ...bootFields(server, booting) })
}

export function nak({ request, server }: ReplyContext, because: string): DhcpPacket {
  const options = new Map<number, Uint8Array>([
    [OPTION.messageType, ofU8(MESSAGE.nak)],
    [OPTION.serverId, ofIpv4s(serverIdFor(request, server))],
    [OPTION.message, ofText(because)],
  ])
  // The relay must broadcast it: the client may be on another network than its address says (RFC 2131 section 4.3.2).
  const flags = request.packet.giaddr === NONE ? request.packet.flags : request.packet.flags | BROADCAST
  return packet(request, options, { flags })
}

function packet(request: DhcpRequest, options: Map<number, Uint8Array>, fields: Partial<DhcpPacket>): DhcpPacket {
  const { xid, flags, giaddr, chaddr, htype, hlen } = request.packet
  // RFC 6842: a server that keeps the client id to itself leaves clients on one link unable to tell their answers apart.
  echo(OPTION.clientId, request, options)
  echo(OPTION.relayInfo, request, options)
  const isFileFree = !fields.file || options.has(OPTION.bootFile)
  const { options: main, ...overload } = layOut(options, request.room - HEADER_SIZE, { file: isFileFree })
  return {
    op: 'reply',
    htype,
    hlen,
    hops: 0,
    xid,
    secs: 0,
    flags,
    ciaddr: NONE,
    yiaddr: NONE,
    siaddr: NONE,
    giaddr,
    chaddr,
    sname: '',
    file: '',
    options: main,
    ...fields,
    ...(overload.file && { file: '' }),
    ...(overload.sname && { sname: '' }),
    ...((overload.file ?? overload.sname) && { overload }),
  }
}

function echo(code: number, { packet }: DhcpRequest, options: Map<number, Uint8Array>): void {
  const value = packet.options.get(code)
  if (value) options.set(code, value)
}

function bootFields(server: Ipv4, booting: Booting | undefined): Partial<DhcpPacket> {
  if (!booting) return {}
  return { sname: server, file: booting.file.length <= FILE_ROOM ? booting.file : '' }
}

/** PXE 2.1: discovery control 8 = "boot the file that is named, look for no boot server", then the end of the list. */
const BOOT_THE_FILE = Uint8Array.of(6, 1, 8, 255)
/**
 * What the boot ROM of a Raspberry Pi waits for: a boot menu with this one line (PXE 2.1: 6 discovery control, 10 prompt, 9 menu);
 * it then asks the TFTP server for its own files.
 */
const RASPBERRY_MENU = Uint8Array.from(
  Buffer.from('\x06\x01\x03\x0a\x04\x00PXE\x09\x14\x00\x00\x11Raspberry Pi Boot\xff', 'latin1'),
)
/** iPXE's own options: 176 (no-pxedhcp) = 1, or it would wait seconds for a proxy DHCP server. */
const NO_PROXY_DHCP = Uint8Array.of(176, 1, 1)

function bootOptions(request: DhcpRequest, server: Ipv4, booting: Booting | undefined): [number, Uint8Array][] {
  if (!booting) return []
  const { file, firmware, vendorClass } = booting
  const options: [number, Uint8Array][] = []
  if (firmware === 'ipxe') options.push([OPTION.ipxe, NO_PROXY_DHCP])
  // UEFI takes for HTTP Boot only what says so itself (UEFI 2.10 section 24.7.3).
  else if (vendorClass.startsWith('HTTPClient')) options.push([OPTION.vendorClass, ofText('HTTPClient')])
  else if (vendorClass.startsWith('PXEClient')) {
    const how = firmware === 'rpi' ? RASPBERRY_MENU : BOOT_THE_FILE
    options.push([OPTION.vendorClass, ofText('PXEClient')], [OPTION.vendorSpecific, how])
  }
  const uuid = request.packet.options.get(OPTION.clientUuid)
  if (uuid) options.push([OPTION.clientUuid, uuid])
  const isWanted = (code: number) => request.wants?.includes(code) ?? true
  if (isWanted(OPTION.tftpServer)) options.push([OPTION.tftpServer, ofText(server)])
  // Old ROMs read the field, UEFI the option; a URL may be too long for the field.
  if (isWanted(OPTION.bootFile) || file.includes('://') || file.length > FILE_ROOM) {
    options.push([OPTION.bootFile, ofText(file)])
  }
  return options
}

/** In the order in which the client wants them; all of them when it does not say. */
function networkOptions(context: ReplyContext): [number, Uint8Array][] {
  const have = networkValues(context)
  const { wants } = context.request
  const codes = wants ? [OPTION.subnetMask, ...wants] : have.keys()
  const options: [number, Uint8Array][] = []
  for (const code of codes) {
    const found = have.get(code)
    if (found) options.push([code, found.value])
  }
  return options
}
