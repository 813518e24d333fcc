/** One exchange of DHCP as an entry of a boot's trace: what was asked, what was answered, and why. */
import { asIpv4, type Ipv4 } from '../model/address.ts'
import type { Datagram } from '../model/packet.ts'
import type { Sighted, TraceSign } from '../model/trace.ts'
import type { DhcpAnswer, DhcpState } from './answer.ts'
import { OPTION, readText } from './options.ts'
import { type DhcpRequest, isForUs } from './request.ts'

interface Decided {
  readonly request: DhcpRequest
  readonly state: DhcpState
  readonly decided: DhcpAnswer
}

export interface Exchange extends Decided {
  readonly wire: Wire
}

/** What was heard and sent, and where. */
export interface Wire {
  readonly bytes: Uint8Array
  readonly peer: { readonly address: string; readonly port: number }
  /** Our address on that link, and our port. */
  readonly link: Ipv4
  readonly port: number
  readonly reply: { readonly bytes: Uint8Array; readonly ip: Ipv4; readonly port: number } | undefined
}

/** @param at when the answer left */
export function packetsOf({ wire }: Pick<Exchange, 'wire'>, at: number, comment: string): Datagram[] {
  const { bytes, peer, link, port, reply } = wire
  const all = { protocol: 'dhcp', at, comment, server: { ip: link, port } } as const
  const client = { ip: asIpv4(peer.address), port: peer.port }
  // Whoever has no address yet is not heard otherwise, and neither is his answer where it goes to everybody.
  const asked: Datagram = { ...all, way: 'in', bytes, client, isBroadcast: client.ip === NOWHERE }
  if (!reply) return [asked]
  const to = { ip: reply.ip === EVERYBODY ? client.ip : reply.ip, port: reply.port }
  return [asked, { ...all, way: 'out', bytes: reply.bytes, client: to, isBroadcast: reply.ip === EVERYBODY }]
}

const NOWHERE = '0.0.0.0'
const EVERYBODY = '255.255.255.255'

/** A machine that keeps the address that it uses, or gives it back, is no part of a boot; one that asks a boot server is. */
export function isOfBoot({ request: { type, ciaddr, boot }, state }: Decided): boolean {
  if (type === 'inform' || (isProxied(state) && boot)) return true
  return ciaddr === undefined && type !== 'release'
}

/** The other server, whose offer it took. */
export function elsewhereOf({ request, state }: Decided): Ipv4 | undefined {
  if (isProxied(state)) return undefined
  return request.type === 'request' && !isForUs(request, state.server) ? request.serverId : undefined
}

/** The addresses are another server's, and we know it. */
function isProxied({ subnet }: DhcpState): boolean {
  return subnet?.mode === 'proxy'
}

export function sightedOf(exchange: Decided): Sighted {
  const { request, state, decided } = exchange
  const { type, boot } = request
  const { kind, reply, because } = decided
  const path = (reply && (reply.file || readText(reply.options, OPTION.bootFile))) || undefined
  const elsewhere = elsewhereOf(exchange)
  const heard = decided.changes.find(({ change }) => change === 'heard')
  return {
    kind: 'dhcp',
    outcome: (reply && kind !== 'nak') || heard ? 'ok' : 'refused',
    text: `${type.toUpperCase()}${whoOf(request)}: ${reply || !heard ? answerOf(decided, path, elsewhere) : because}`,
    because,
    sign: signOf(request, decided, elsewhere),
    path,
    firmware: boot?.firmware,
    server: elsewhere,
    ...(boot && { boots: true, wants: wantsOf(state) }),
  }
}

function signOf({ type }: DhcpRequest, decided: DhcpAnswer, elsewhere: Ipv4 | undefined): TraceSign | undefined {
  const { kind, changes } = decided
  if (elsewhere !== undefined) return 'elsewhere'
  if (changes.some(({ change }) => change === 'heard')) return 'address'
  if (type === 'discover') return kind === 'offer' ? 'offer' : 'discover'
  return type === 'request' && kind === 'ack' ? 'address' : undefined
}

function wantsOf({ known, policy }: DhcpState): Sighted['wants'] {
  if (!known) return policy.enlist === undefined ? undefined : 'install'
  return known.system.netbootEnabled && known.stopped === undefined ? 'install' : 'disk'
}

/** Bytes of a stranger are made plain by whoever keeps them. */
function whoOf({ boot }: DhcpRequest): string {
  if (!boot) return ''
  const { firmware, arch, vendorClass } = boot
  const said = [arch === undefined ? '' : `architecture ${arch}`, vendorClass].filter((part) => part !== '').join(', ')
  return ` by ${firmware ?? 'unknown firmware'}${said === '' ? '' : ` (${said})`}`
}

function answerOf({ kind, reply }: DhcpAnswer, path: string | undefined, elsewhere: Ipv4 | undefined): string {
  if (elsewhere !== undefined) return `it took the offer of ${elsewhere}`
  if (!reply) return 'no answer'
  if (kind === 'nak') return 'refused'
  const isNone = reply.yiaddr === '0.0.0.0'
  const what = isNone ? 'told' : kind === 'offer' ? `offered ${reply.yiaddr}` : `has ${reply.yiaddr}`
  return path === undefined ? what : `${what}, to boot ${path}`
}
