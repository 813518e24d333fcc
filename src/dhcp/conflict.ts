/** Addresses that we take for free and that a stranger may have set for himself: which of our offers are looked at before they leave. */
import type { Ipv4 } from '../model/address.ts'
import type { DhcpAnswer, DhcpState } from './answer.ts'
import type { DhcpRequest } from './request.ts'

const NONE = '0.0.0.0'

/** The address to ask for on the link; undefined: it is the client's already, it is far away, or nobody wants to know. */
export function unproven(
  { packet }: DhcpRequest,
  { subnet, held }: DhcpState,
  { kind, reply }: DhcpAnswer,
): Ipv4 | undefined {
  if (!subnet?.conflictCheck || kind !== 'offer' || packet.giaddr !== NONE) return undefined
  const ip = reply?.yiaddr
  return ip === undefined || ip === NONE || held?.ip === ip ? undefined : ip
}
