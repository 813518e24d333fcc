/** DHCPv6 requests for tests, as the bytes that a client or its relay sends. */
import { encode, encodeOptions, MESSAGE, OPTION } from '../../src/dhcp6/codec.ts'
import { ofU16, ofU32 } from '../../src/lib/bytes.ts'
import { type Ipv6, ipv6ToBytes } from '../../src/model/address6.ts'

/** A DUID-UUID, as UEFI has it: no MAC in it. */
export const CLIENT = Buffer.from('000400112233445566778899aabbccddeeff', 'hex')
export const MAC = '52:54:00:77:00:01'
/** Made of that MAC. */
export const PEER = 'fe80::5054:ff:fe77:1' as Ipv6

export interface Asking {
  readonly clientId?: Uint8Array | null
  readonly serverId?: Uint8Array
  /** Addresses that it names in its wish; undefined: it wishes none. */
  readonly wishes?: readonly Ipv6[] | undefined
  readonly wants?: readonly number[]
  readonly arch?: number
  readonly vendorClass?: string
  readonly userClass?: string
}

const text = (word: string) => Buffer.concat([ofU16(word.length), Buffer.from(word)])

export function askingBytes(type: keyof typeof MESSAGE, asking: Asking = {}): Uint8Array {
  const { clientId = CLIENT, serverId, wishes, wants = [23, 24, 59], arch, vendorClass, userClass } = asking
  const named = (wishes ?? []).map(
    (ip) => [OPTION.iaAddress, Buffer.concat([ipv6ToBytes(ip) ?? Buffer.alloc(16), ofU32(0, 0)])] as const,
  )
  return encode({
    relays: [],
    message: {
      type: MESSAGE[type],
      transaction: 0xabcdef,
      options: [
        ...(clientId ? [[OPTION.clientId, clientId] as const] : []),
        ...(serverId ? [[OPTION.serverId, serverId] as const] : []),
        ...(wishes ? [[OPTION.iaNa, Buffer.concat([ofU32(7, 0, 0), encodeOptions(named)])] as const] : []),
        [OPTION.optionRequest, ofU16(...wants)],
        ...(arch === undefined ? [] : [[OPTION.clientArch, ofU16(arch)] as const]),
        ...(vendorClass ? [[OPTION.vendorClass, Buffer.concat([ofU32(343), text(vendorClass)])] as const] : []),
        ...(userClass ? [[OPTION.userClass, text(userClass)] as const] : []),
      ],
    },
  })
}

/** In the envelope of a relay on `link`. */
export function relayedBytes(inner: Uint8Array, link: Ipv6, peer: Ipv6, more: Buffer = Buffer.alloc(0)): Uint8Array {
  const ends = [link, peer].map((ip) => ipv6ToBytes(ip) ?? Buffer.alloc(16))
  return Buffer.concat([
    ...[Buffer.of(MESSAGE.relayForward, 0), ...ends, more],
    encodeOptions([[OPTION.relayMessage, inner]]),
  ])
}
