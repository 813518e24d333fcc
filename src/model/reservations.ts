/** Reservations by what they go by: found without looking through all of them. Pure. */
import { asBuffer } from '../lib/bytes.ts'
import type { Ipv4, Mac } from './address.ts'
import type { Reservation, ServedSubnet } from './subnet.ts'

/** What a machine says of itself. */
export interface Marks {
  readonly mac: Mac
  /** Option 61. */
  readonly clientId?: Uint8Array | undefined
  /** Option 97, 16 bytes. */
  readonly uuid?: Uint8Array | undefined
}

export interface Reservations {
  /** The addresses that are kept for it, at most one in each subnet. */
  of(marks: Marks): readonly Ipv4[]
  has(ip: Ipv4): boolean
}

export function reservations(subnets: readonly ServedSubnet[]): Reservations {
  const all = subnets.flatMap(({ reservations = [] }) => reservations)
  const byMark = new Map<string, Reservation[]>()
  for (const one of all) {
    const mark = one.clientId ?? one.uuid ?? one.mac ?? ''
    byMark.set(mark, [...(byMark.get(mark) ?? []), one])
  }
  const taken = new Set(all.map(({ ip }) => ip))
  if (all.length === 0) return { of: () => [], has: () => false }
  return {
    of({ mac, clientId, uuid }) {
      const id = hexOf(clientId)
      const uuids = uuidsOf(uuid)
      const candidates = [id, ...uuids, mac].flatMap((mark) => (mark === undefined ? [] : (byMark.get(mark) ?? [])))
      const fits = (one: Reservation) =>
        (one.mac === undefined || one.mac === mac) &&
        (one.clientId === undefined || one.clientId === id) &&
        (one.uuid === undefined || uuids.includes(one.uuid))
      return candidates.filter(fits).map(({ ip }) => ip)
    },
    has: (ip) => taken.has(ip),
  }
}

function hexOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && asBuffer(bytes).toString('hex')
}

/** As it came, and with its first three groups turned round: firmware sends them as the SMBIOS has them, little-endian. */
function uuidsOf(bytes: Uint8Array | undefined): string[] {
  const hex = bytes?.length === 16 ? hexOf(bytes) : undefined
  if (hex === undefined) return []
  const turned = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16)].map((group) =>
    (group.match(/../g) ?? []).reverse().join(''),
  )
  return [hex, turned.join('') + hex.slice(16)]
}
