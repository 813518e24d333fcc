/** The options that we send, for people: the names that IANA has for them, and what their bytes mean. */
import { asBuffer } from '../lib/bytes.ts'
import { OPTION } from './options.ts'

/** IANA "BOOTP Vendor Extensions and DHCP Options". */
const NAMES: Readonly<Record<number, string>> = {
  [OPTION.subnetMask]: 'Subnet Mask',
  [OPTION.router]: 'Router',
  [OPTION.nameServers]: 'Domain Server',
  [OPTION.hostName]: 'Hostname',
  [OPTION.domainName]: 'Domain Name',
  [OPTION.broadcast]: 'Broadcast Address',
  [OPTION.vendorSpecific]: 'Vendor Specific',
  [OPTION.leaseTime]: 'Address Time',
  [OPTION.messageType]: 'DHCP Msg Type',
  [OPTION.serverId]: 'DHCP Server Id',
  [OPTION.message]: 'DHCP Message',
  [OPTION.renewalTime]: 'Renewal Time',
  [OPTION.rebindingTime]: 'Rebinding Time',
  [OPTION.vendorClass]: 'Class Id',
  [OPTION.clientId]: 'Client Id',
  [OPTION.tftpServer]: 'Server-Name',
  [OPTION.bootFile]: 'Bootfile-Name',
  [OPTION.relayInfo]: 'Relay Agent Information',
  [OPTION.clientUuid]: 'UUID/GUID',
  [OPTION.ipxe]: 'Etherboot',
}

const MESSAGES = ['', 'DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE', 'INFORM']

export function optionName(code: number): string {
  return NAMES[code] ?? `option ${code}`
}

export function optionValue(code: number, value: Uint8Array): string {
  switch (code) {
    case OPTION.subnetMask:
    case OPTION.router:
    case OPTION.nameServers:
    case OPTION.broadcast:
    case OPTION.serverId:
      return addresses(value)
    case OPTION.hostName:
    case OPTION.domainName:
    case OPTION.message:
    case OPTION.vendorClass:
    case OPTION.tftpServer:
    case OPTION.bootFile:
      return asBuffer(value).toString('latin1')
    case OPTION.leaseTime:
    case OPTION.renewalTime:
    case OPTION.rebindingTime:
      return duration(asBuffer(value).readUIntBE(0, Math.min(value.length, 6)))
    case OPTION.messageType:
      return `DHCP${MESSAGES[value[0] ?? 0] ?? ''} (${value[0]})`
    case OPTION.clientUuid:
      return uuid(value)
    case OPTION.vendorSpecific:
      return value[0] === 6 ? `boot the file that is named, look for no boot server (${hexOf(value)})` : hexOf(value)
    case OPTION.ipxe:
      return value[0] === 176 ? `wait for no proxy DHCP server (${hexOf(value)})` : hexOf(value)
    default:
      return hexOf(value)
  }
}

export function hexOf(value: Uint8Array): string {
  return asBuffer(value).toString('hex')
}

function addresses(value: Uint8Array): string {
  const found = Array.from({ length: value.length >> 2 }, (_, index) =>
    value.subarray(4 * index, 4 * index + 4).join('.'),
  )
  return found.join(', ')
}

function duration(seconds: number): string {
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor((seconds % 86_400) / 3600),
    Math.floor((seconds % 3600) / 60),
  ]
  const parts = [
    [days, 'd'],
    [hours, 'h'],
    [minutes, 'min'],
    [seconds % 60, 's'],
  ].flatMap(([count, unit]) => (count === 0 ? [] : [`${count} ${unit}`]))
  return parts.length === 0 ? '0 s' : `${parts.join(' ')}${seconds < 60 ? '' : ` (${seconds} s)`}`
}

/** A type byte, 0 for a UUID, and its 16 bytes (RFC 4578 section 2.3). */
function uuid(value: Uint8Array): string {
  if (value.length !== 17) return hexOf(value)
  return hexOf(value.subarray(1)).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
