/**
 * What to answer a DHCPv6 request: one pure function from the request and what is known of its machine.
 *
 * Nothing is remembered: an address is worked out from who asks, so that the same machine always has the same one, and no other
 * has it. UEFI asks for one before it boots by HTTP; whoever does not need one makes himself one of what is advertised.
 */
import { createHash } from 'node:crypto'
import { type BootDecision, type BootPolicy, decideBoot, type Known } from '../boot/decide.ts'
import { ofU16, ofU32 } from '../lib/bytes.ts'
import type { Mac } from '../model/address.ts'
import { contains6, type Ipv6, ipv6OfMac, ipv6OfNetwork, ipv6ToBytes, type Subnet6 } from '../model/address6.ts'
import { encodeDomains } from '../model/dhcp-options.ts'
import type { Firmware } from '../model/firmware.ts'
import { type Dhcp6Options, type Dhcp6Packet, encodeOptions, MESSAGE, OPTION } from './codec.ts'
import type { Dhcp6BootWish, Dhcp6Request } from './request.ts'

/** One snapshot of what an answer depends on. */
export interface Dhcp6State {
  /** Our address on the link that the client is on. */
  readonly server: Ipv6
  readonly network: Subnet6
  /** Empty: none are told. */
  readonly dns: readonly Ipv6[]
  readonly search: readonly string[]
  /** The system with this MAC. */
  readonly known: Known | undefined
  readonly policy: BootPolicy
  readonly firmwareOf: (wish: Dhcp6BootWish) => Firmware | undefined
  readonly bootFile: (
    decision: BootDecision,
    machine: { readonly mac: Mac; readonly firmware: Firmware },
  ) => string | undefined
}

export interface Dhcp6Answer {
  readonly reply: Dhcp6Packet | undefined
  /** That the client is told; undefined: none. */
  readonly bootFile: string | undefined
  /** That the client has from now on for so many seconds; 0: no more. */
  readonly addresses: readonly { readonly ip: Ipv6; readonly seconds: number }[]
  /** One sentence for the log: why this answer. */
  readonly because: string
}

/** Seconds. An address is the machine's for ever, so that there is no hurry to ask again. */
const [PREFERRED, VALID] = [14_400, 86_400]
const STATUS = { success: 0, noAddresses: 2, notOnLink: 4 } as const
/** Intel's, by which UEFI and PXE name their classes. */
const INTEL = 343

export function decideDhcp6(request: Dhcp6Request, state: Dhcp6State): Dhcp6Answer {
  const refusal = whyNot(request, serverIdOf(state))
  if (refusal !== undefined) return { reply: undefined, bootFile: undefined, addresses: [], because: refusal }
  const boot = bootOf(request, state)
  const { clientId, packet } = request
  const isOffer = request.type === 'solicit'
  const options: Dhcp6Options = [
    ...(clientId ? [[OPTION.clientId, clientId] as const] : []),
    [OPTION.serverId, serverIdOf(state)],
    ...said(request, state),
    ...(boot.file === undefined ? [] : bootOptions(request, boot.file)),
  ]
  const { transaction } = packet.message
  const relays = packet.relays.map((relay) => ({
    ...relay,
    // RFC 8415, 19.3: of a relay's own options it is told this one again.
    options: relay.options.filter(([code]) => code === OPTION.interfaceId),
  }))
  const message = { type: isOffer ? MESSAGE.advertise : MESSAGE.reply, transaction, options }
  const addresses = changesOf(request, state)
  return { reply: { message, relays }, bootFile: boot.file, addresses, because: boot.because }
}

/** RFC 8415, section 16: what must be in a message, and what must not. */
function whyNot({ type, clientId, serverId, wishes }: Dhcp6Request, own: Uint8Array): string | undefined {
  const isFor = serverId && Buffer.from(serverId).equals(own)
  if (serverId && !isFor) return 'it is for another server'
  switch (type) {
    case 'information-request':
      return wishes.length > 0 ? 'a question for information that wants an address' : undefined
    case 'solicit':
    case 'confirm':
    case 'rebind':
      if (serverId) return `a ${type} to one server`
      break
    default:
      if (!serverId) return `a ${type} to no server`
  }
  return clientId ? undefined : 'it does not say who it is'
}

/** What there is to say to this kind of message, beside who speaks to whom and what to boot. */
function said(request: Dhcp6Request, state: Dhcp6State): Dhcp6Options {
  const { type, wishes } = request
  switch (type) {
    case 'release':
    case 'decline':
      return [status(STATUS.success)]
    case 'confirm': {
      const isHere = wishes.every(({ addresses }) => addresses.every((ip) => contains6(state.network, ip)))
      return [status(isHere ? STATUS.success : STATUS.notOnLink)]
    }
    default:
      return [...wishes.map(({ id }) => answerTo(id, request, state)), ...namesFor(request, state)]
  }
}

function changesOf(request: Dhcp6Request, state: Dhcp6State): Dhcp6Answer['addresses'] {
  const { type, wishes } = request
  switch (type) {
    case 'request':
    case 'renew':
    case 'rebind':
      return wishes.flatMap(({ id }) => {
        const ip = addressFor(id, request, state)
        return ip === undefined ? [] : [{ ip, seconds: VALID }]
      })
    case 'release':
    case 'decline':
      return wishes.flatMap(({ addresses }) => addresses.map((ip) => ({ ip, seconds: 0 })))
    default:
      return []
  }
}

function addressFor(
  id: Uint8Array,
  { mac, clientId = id }: Dhcp6Request,
  { network, server }: Dhcp6State,
): Ipv6 | undefined {
  const ip = network.prefix > 64 ? undefined : addressOf(network, mac, clientId, id)
  return ip === server ? undefined : ip
}

function answerTo(id: Uint8Array, request: Dhcp6Request, state: Dhcp6State) {
  const ip = addressFor(id, request, state)
  const given =
    ip === undefined
      ? status(STATUS.noAddresses)
      : ([OPTION.iaAddress, Buffer.concat([ipv6ToBytes(ip) ?? Buffer.alloc(16), ofU32(PREFERRED, VALID)])] as const)
  const times = ofU32(PREFERRED / 2, (PREFERRED * 4) / 5)
  return [OPTION.iaNa, Buffer.concat([id, times, encodeOptions([given])])] as const
}

/** With the machine's MAC in it, so that whoever sees it knows whose it is; else of its name and the number of the wish. */
function addressOf(network: Subnet6, mac: Mac | undefined, clientId: Uint8Array, id: Uint8Array): Ipv6 {
  if (mac) return ipv6OfMac(network, mac)
  return ipv6OfNetwork(network, createHash('sha256').update(clientId).update(id).digest().subarray(0, 8))
}

function namesFor({ wants }: Dhcp6Request, { dns, search }: Dhcp6State): Dhcp6Options {
  const servers = dns.map((ip) => ipv6ToBytes(ip) ?? Buffer.alloc(16))
  return [
    ...(wants.has(OPTION.dnsServers) && dns.length > 0 ? [[OPTION.dnsServers, Buffer.concat(servers)] as const] : []),
    ...(wants.has(OPTION.searchDomains) && search.length > 0
      ? [[OPTION.searchDomains, encodeDomains(search)] as const]
      : []),
  ]
}

function bootOf(
  { boot, mac }: Dhcp6Request,
  { known, policy, firmwareOf, bootFile }: Dhcp6State,
): { readonly file: string | undefined; readonly because: string } {
  if (!boot) return { file: undefined, because: 'it does not want to boot' }
  if (!mac) return { file: undefined, because: 'nothing that it sends tells its MAC address' }
  const firmware = firmwareOf(boot)
  if (!firmware) return { file: undefined, because: `no loader for ${boot.vendorClass || boot.archs.join(', ')}` }
  const decision = decideBoot(known, policy)
  if (decision.boot === 'ignore') return { file: undefined, because: decision.because }
  const file = bootFile(decision, { mac, firmware })
  // Option 59 is a URL, and a bare name would be none.
  if (file === undefined || !file.includes('://')) return { file: undefined, because: `${firmware} boots by IPv4` }
  return { file, because: `${decision.boot}: ${file}` }
}

/** HTTP Boot of UEFI takes only what answers in its own class (UEFI 2.10, 24.7.3.2). */
function bootOptions({ boot }: Dhcp6Request, file: string): Dhcp6Options {
  const word = Buffer.from('HTTPClient')
  const isHttp = boot?.vendorClass.startsWith('HTTPClient')
  return [
    [OPTION.bootFileUrl, Buffer.from(file)],
    ...(isHttp ? [[OPTION.vendorClass, Buffer.concat([ofU32(INTEL), ofU16(word.length), word])] as const] : []),
  ]
}

/** A DUID-UUID (RFC 6355) of our address: the same after every start, and another on every link. */
function serverIdOf({ server }: Dhcp6State): Buffer {
  return Buffer.concat([ofU16(4), createHash('sha256').update(`orchestra ${server}`).digest().subarray(0, 16)])
}

function status(code: number) {
  return [OPTION.statusCode, ofU16(code)] as const
}
