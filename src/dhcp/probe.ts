/** What a probe for DHCP servers says and hears: a DISCOVER as a machine sends it, and the OFFERs to it. An address is never taken. */
import { type Ipv4, type Mac, macToBytes } from '../model/address.ts'
import { BROADCAST, type DhcpPacket } from './codec.ts'
import { MESSAGE, OPTION, ofU8, readIpv4, readU8 } from './options.ts'

/** A DHCP server that answered. */
export interface Offering {
  readonly server: Ipv4
  /** The address that it would give. */
  readonly offered: Ipv4
}

const NONE = '0.0.0.0' as Ipv4

/** @param mac of the interface: switches that watch DHCP let no other through */
export function probeDiscover(mac: Mac, xid: number): DhcpPacket {
  const chaddr = new Uint8Array(16)
  chaddr.set(macToBytes(mac))
  return {
    ...{ op: 'request', htype: 1, hlen: 6, hops: 0, xid, secs: 0, flags: BROADCAST, chaddr, sname: '', file: '' },
    ...{ ciaddr: NONE, yiaddr: NONE, siaddr: NONE, giaddr: NONE },
    options: new Map([
      [OPTION.messageType, ofU8(MESSAGE.discover)],
      [OPTION.parameterList, Uint8Array.of(OPTION.subnetMask, OPTION.router, OPTION.serverId)],
    ]),
  }
}

/** The server of an OFFER or an ACK, and of an OFFER to a probe when its xid is given. Undefined: it is something else. */
export function offeringOf({ op, xid, yiaddr, siaddr, options }: DhcpPacket, probe?: number): Offering | undefined {
  const kind = readU8(options, OPTION.messageType)
  if (op !== 'reply' || (kind !== MESSAGE.offer && kind !== MESSAGE.ack)) return undefined
  if (probe !== undefined && (xid !== probe || kind !== MESSAGE.offer)) return undefined
  const server = readIpv4(options, OPTION.serverId) ?? siaddr
  return server === NONE ? undefined : { server, offered: yiaddr }
}
