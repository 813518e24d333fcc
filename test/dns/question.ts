/** Questions for the DNS tests: the bytes that a client sends, and what an answer of ours says. */
import packet from 'dns-packet'
import { asBuffer } from '../../src/lib/bytes.ts'

export interface Asked {
  readonly name?: string
  readonly type?: string
  readonly class?: string
  readonly flags?: number
  readonly edns?: { readonly udpPayloadSize: number; readonly ednsVersion?: number }
}

export const RD = packet.RECURSION_DESIRED

export function questionBytes({
  name = 'node01.lab.example',
  type = 'A',
  flags = RD,
  edns,
  ...more
}: Asked = {}): Buffer {
  const opt = edns && {
    type: 'OPT' as const,
    name: '.',
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
    ...edns,
  }
  return packet.encode({
    type: 'query',
    id: 4711,
    flags,
    questions: [{ name, type: type as packet.RecordType, class: (more.class ?? 'IN') as packet.RecordClass }],
    additionals: opt ? [opt] : [],
  })
}

/** The library answers the codes too, but its types do not say so. */
export type Read = packet.DecodedPacket & { readonly rcode: string; readonly opcode: string }

export function readAnswer(bytes: Uint8Array): Read {
  return packet.decode(asBuffer(bytes)) as Read
}
