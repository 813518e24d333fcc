/**
 * What to answer a DHCP request: one pure function from the request and what is known of its machine.
 *
 * Nothing is remembered between the steps of a client; what must stay true (a hold, a lease) is said in `changes` and is
 * on disk before an ACK leaves. Which boot file a machine gets is boot/decide.ts; how a reply looks is reply.ts.
 */
import { contains, type Ipv4 } from '../model/address.ts'
import type { Lease, LeaseChange } from '../model/lease.ts'
import { addressNamed, type DhcpAnswer, type DhcpState, silence } from './answer.ts'
import { bootOf } from './boot-wish.ts'
import { decideProxy } from './proxy.ts'
import { ackInform, nak, offerOrAck, type ReplyContext } from './reply.ts'
import { type DhcpRequest, isForUs } from './request.ts'

/** How long an address is kept for a client that was offered it. */
const HOLD_SECONDS = 60
/** How long an address that a client found in use is kept out of the pool. */
export const QUARANTINE_SECONDS = 3600

export function decideDhcp(request: DhcpRequest, state: DhcpState): DhcpAnswer {
  const { subnet } = state
  if (!subnet) return silence(`no subnet is served for clients behind ${request.relay ?? state.server}`)
  const context: ReplyContext = { request, subnet, server: state.server, known: state.known }
  if (subnet.mode === 'off') return silence('DHCP is off on this subnet (dhcp.subnets[].mode)')
  if (subnet.mode === 'proxy') return decideProxy(context, state)
  switch (request.type) {
    case 'discover':
      return onDiscover(context, state)
    case 'request':
      return onRequest(context, state)
    case 'decline':
      return onDecline(request, state)
    case 'release':
      return onRelease(request, state)
    case 'inform':
      return onInform(context, state)
  }
}

function onDiscover(context: ReplyContext, state: DhcpState): DhcpAnswer {
  const { ip, because } = state.choice
  return ip === undefined ? silence(because) : give('offer', ip, because, context, state)
}

/** RFC 2131 section 4.3.2: SELECTING has a server id, INIT-REBOOT a requested address, RENEWING and REBINDING a ciaddr. */
function onRequest(context: ReplyContext, state: DhcpState): DhcpAnswer {
  const { request, subnet } = context
  const { serverId } = request
  if (!isForUs(request, state.server)) {
    return { ...silence(`the client took the offer of ${serverId}`), changes: freedHold(state.held) }
  }
  const ip = addressNamed(request)
  if (ip === undefined) return silence('a REQUEST that names no address')

  const isAlone = subnet.mode !== 'beside'
  const isOurs = serverId !== undefined || state.held !== undefined || state.known !== undefined
  switch (state.standing) {
    case 'own':
      return give('ack', ip, 'its own address', context, state)
    case 'free':
      // No record of ours: after a loss of our database the client is right; else it is another server's.
      if (!isOurs && !isAlone) return silence(`we know of no lease of ${ip}`)
      return give('ack', ip, 'an address that nobody else has', context, state)
    default: {
      if (!isOurs && !isAlone) return silence(`${ip} may be a lease of another server`)
      const because = WHY_NOT[state.standing ?? 'unmanaged'](ip)
      return { kind: 'nak', reply: nak(context, because), changes: [], because }
    }
  }
}

const WHY_NOT: Readonly<Record<'taken' | 'unmanaged' | 'elsewhere', (ip: Ipv4) => string>> = {
  taken: (ip) => `${ip} is not for this client`,
  unmanaged: (ip) => `${ip} is not in the pool`,
  elsewhere: (ip) => `${ip} is not on this network`,
}

function onDecline(request: DhcpRequest, { held, server }: DhcpState): DhcpAnswer {
  const { asked, serverId, mac } = request
  if (!isForUs(request, server)) return silence(`a DECLINE for server ${serverId}`)
  // Only its own: or one broken client could take the whole pool out of use.
  if (asked === undefined || held?.ip !== asked) return silence(`a DECLINE of ${asked ?? 'nothing'}, not its lease`)
  return {
    ...silence(`the client found ${asked} in use: not given out for an hour`),
    changes: [{ change: 'decline', ip: asked, mac, seconds: QUARANTINE_SECONDS }],
  }
}

function onRelease(request: DhcpRequest, { held, server }: DhcpState): DhcpAnswer {
  const { ciaddr, serverId, mac } = request
  if (!isForUs(request, server)) return silence(`a RELEASE for server ${serverId}`)
  if (ciaddr === undefined || held?.ip !== ciaddr) return silence(`a RELEASE of ${ciaddr ?? 'nothing'}, not its lease`)
  return { ...silence(`the client gave ${ciaddr} back`), changes: [{ change: 'release', ip: ciaddr, mac }] }
}

/** RFC 2131 section 4.3.5: the client has an address by other means, so none is given and none is recorded. */
function onInform(context: ReplyContext, state: DhcpState): DhcpAnswer {
  const { request, subnet } = context
  if (request.ciaddr === undefined) return silence('an INFORM without an address')
  // The answer goes to that address: nobody shall make us send to strangers.
  if (!contains(subnet.subnet, request.ciaddr)) return silence(`an INFORM of ${request.ciaddr}, which is not of here`)
  const boot = bootOf(request, state)
  const booting = boot.ok ? boot.booting : undefined
  return { kind: 'ack', reply: ackInform(context, booting), changes: [], because: 'the settings of this network' }
}

function give(kind: 'offer' | 'ack', ip: Ipv4, because: string, context: ReplyContext, state: DhcpState): DhcpAnswer {
  const { request, subnet } = context
  const boot = bootOf(request, state)
  // An address is withheld only from a machine that wants to boot; one that runs keeps what it has.
  if (!boot.ok && request.ciaddr === undefined) return silence(boot.because)
  const { mac, hostname } = request
  const change: LeaseChange =
    kind === 'ack'
      ? { change: 'lease', ip, mac, seconds: subnet.leaseSeconds, hostname }
      : { change: 'hold', ip, mac, seconds: HOLD_SECONDS }
  const reply = offerOrAck(kind, ip, context, boot.ok ? boot.booting : undefined)
  return { kind, reply, changes: [change], because: `${ip}: ${because}${boot.because && `; ${boot.because}`}` }
}

function freedHold(held: Lease | undefined): LeaseChange[] {
  return held?.state === 'offered' ? [{ change: 'release', ip: held.ip, mac: held.mac }] : []
}
