/** A DISCOVER as a machine sends it that boots: for those who want to know what it would be answered. */
import { type Ipv4, type Mac, macToBytes } from '../model/address.ts'
import type { Architecture, AskingAs } from '../model/explanation.ts'
import type { DhcpPacket } from './codec.ts'
import { MESSAGE, OPTION, ofText, ofU8 } from './options.ts'
import { type DhcpRequest, readRequest } from './request.ts'

const NONE = '0.0.0.0' as Ipv4

/** Option 93 (IANA "Processor Architecture Types"); what is not here there is not. 15 has no loader of ours. */
const CODES: Readonly<Record<AskingAs['firmware'], Readonly<Partial<Record<Architecture, number>>>>> = {
  bios: { x86_64: 0, i386: 0 },
  uefi: { x86_64: 7, arm64: 11, i386: 6 },
  'uefi-http': { x86_64: 16, arm64: 19, i386: 15 },
  uboot: { arm64: 22 },
  rpi: { arm64: 41 },
  // As what it was built for: a BIOS, or UEFI.
  ipxe: { x86_64: 7, arm64: 11, i386: 0 },
}

/** What PXE ROMs and UEFI ask for, boot files among it. */
const WANTED = [1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67, 97]
/** As PXE ROMs have: an Ethernet frame and no more. */
const ROOM = Uint8Array.of(0x05, 0xc0)

/**
 * @param relay through which it comes; undefined: it is on a link of ours
 * @returns undefined: there are no such machines (a BIOS on ARM)
 */
export function askingRequest(mac: Mac, as: AskingAs, relay: Ipv4 = NONE): DhcpRequest | undefined {
  const packet = askingPacket(mac, as, relay)
  return packet && readRequest(packet)
}

/** The same as it is on the wire, its transaction 0. */
export function askingPacket(mac: Mac, { firmware, arch }: AskingAs, relay: Ipv4 = NONE): DhcpPacket | undefined {
  const code = CODES[firmware][arch]
  if (code === undefined) return undefined
  const chaddr = new Uint8Array(16)
  chaddr.set(macToBytes(mac))
  const client = firmware === 'uefi-http' ? 'HTTPClient' : 'PXEClient'
  return {
    ...{ op: 'request', htype: 1, hlen: 6, hops: 0, xid: 0, secs: 0, flags: 0, chaddr, sname: '', file: '' },
    ...{ ciaddr: NONE, yiaddr: NONE, siaddr: NONE, giaddr: relay },
    options: new Map([
      [OPTION.messageType, ofU8(MESSAGE.discover)],
      [OPTION.parameterList, Uint8Array.from(WANTED)],
      [OPTION.maxMessageSize, ROOM],
      [OPTION.clientArch, Uint8Array.of(code >> 8, code)],
      [OPTION.vendorClass, ofText(`${client}:Arch:${String(code).padStart(5, '0')}:UNDI:003000`)],
      ...(firmware === 'ipxe' ? [[OPTION.userClass, ofText('iPXE')] as const] : []),
    ]),
  }
}
