/** Where a reply goes (RFC 2131 section 4.1). */
import type { Ipv4 } from '../model/address.ts'
import type { DhcpPacket } from './codec.ts'
import { MESSAGE, OPTION, readU8 } from './options.ts'

export interface ReplyAddress {
  readonly ip: Ipv4
  /** Relays listen where servers do. */
  readonly port: 'server' | 'client'
}

const NONE = '0.0.0.0'
const EVERYBODY = '255.255.255.255' as Ipv4

/**
 * A client without an address could be sent a frame by its MAC when it does not set BROADCAST; UDP sockets cannot do
 * that, and every client takes a broadcast, so that is what it gets.
 */
export function replyAddress(reply: DhcpPacket): ReplyAddress {
  if (reply.giaddr !== NONE) return { ip: reply.giaddr, port: 'server' }
  const isNak = readU8(reply.options, OPTION.messageType) === MESSAGE.nak
  if (isNak || reply.ciaddr === NONE) return { ip: EVERYBODY, port: 'client' }
  return { ip: reply.ciaddr, port: 'client' }
}
