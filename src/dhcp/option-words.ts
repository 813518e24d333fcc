/** The options that we send, for people: the names that IANA has for them, and what their bytes mean. */
import { asBuffer } from '../lib/bytes.ts'
import { NAMED_OPTIONS, type OptionForm } from '../model/dhcp-options.ts'
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
  [OPTION.mtu]: 'MTU Interface',
  [OPTION.ntp]: 'NTP Servers',
  [OPTION.domainSearch]: 'Domain Search',
  [OPTION.classlessRoutes]: 'Classless Static Route Option',
}

const NAMED = new Map(Object.values(NAMED_OPTIONS).map((one) => [one.code, one]))

const MESSAGES = ['', 'DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE', 'INFORM']

export function optionName(code: number): string {
  return NAMES[code] ?? NAMED.get(code)?.title ?? `option ${code}`
}

export function optionValue(code: number, value: Uint8Array): string {
  switch (code) {
    case OPTION.subnetMask:
    case OPTION.router:
    case OPTION.nameServers:
    case OPTION.broadcast:
    case OPTION.serverId:
    case OPTION.ntp:
      return addresses(value)
    case OPTION.mtu:
      return `${asBuffer(value).readUIntBE(0, Math.min(value.length, 6))}`
    case OPTION.domainSearch:
      return domains(value)
    case OPTION.classlessRoutes:
      return routes(value)
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
      return formed(NAMED.get(code)?.form, value)
  }
}

function formed(form: OptionForm | undefined, value: Uint8Array): string {
  switch (form) {
    case 'ips':
      return addresses(value)
    case 'text':
      return asBuffer(value).toString('latin1')
    case 'flag':
      return value[0] === 1 ? 'true' : 'false'
    case 'i32':
      return value.length === 4 ? `${asBuffer(value).readInt32BE()}` : hexOf(value)
    case 'u8':
    case 'u16':
    case 'u32':
      return `${asBuffer(value).readUIntBE(0, Math.min(value.length, 6))}`
    default:
      return hexOf(value)
  }
}

/** RFC 3397, without compression. */
function domains(value: Uint8Array): string {
  const names: string[] = []
  let labels: string[] = []
  for (let at = 0; at < value.length; ) {
    const length = value[at] ?? 0
    if (length === 0) {
      names.push(labels.join('.'))
      labels = []
    } else labels.push(asBuffer(value.subarray(at + 1, at + 1 + length)).toString('latin1'))
    at += 1 + length
  }
  return names.join(', ')
}

/** RFC 3442. */
function routes(value: Uint8Array): string {
  const found: string[] = []
  for (let at = 0; at < value.length; ) {
    const prefix = value[at] ?? 0
    const covered = Math.ceil(prefix / 8)
    const network = Array.from({ length: 4 }, (_, index) => (index < covered ? (value[at + 1 + index] ?? 0) : 0))
    found.push(`${network.join('.')}/${prefix} via ${addresses(value.subarray(at + 1 + covered, at + 5 + covered))}`)
    at += 5 + covered
  }
  return found.join(', ')
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
