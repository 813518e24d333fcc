/** What others should hear of DHCP: a machine that got its address to boot with, and machines that nobody knows. */
import type { Clock } from '../lib/clock.ts'
import type { Ipv4, Mac } from '../model/address.ts'
import type { Firmware } from '../model/firmware.ts'
import type { DhcpAnswer, DhcpState } from './answer.ts'
import type { BootWish, DhcpRequest } from './request.ts'

export type DhcpSighting =
  | {
      readonly seen: 'address'
      readonly mac: Mac
      /** System name, if it is one of ours. */
      readonly system: string | undefined
      readonly ip: Ipv4
      readonly firmware: Firmware | undefined
      readonly because: string
    }
  /** `asked` is one sentence: what it said of itself. */
  | { readonly seen: 'unknown'; readonly mac: Mac; readonly ip: Ipv4 | undefined; readonly asked: string }

/** An unknown machine that asks again and again is news once a minute. */
const REPEAT_AFTER = 60_000
const MOST_REMEMBERED = 10_000
/** Of those that do not even boot, so many are news in a second: a hall of telephones must not push all else out of the events. */
const MOST_PASSERS_BY = 20

export function sightings(
  clock: Clock,
  onSeen: (seen: DhcpSighting) => void,
): (request: DhcpRequest, state: DhcpState, answer: DhcpAnswer) => void {
  const lastSeen = new Map<Mac, number>()
  let passersBy = { second: 0, count: 0 }

  function isCrowd(): boolean {
    const second = Math.floor(clock.now() / 1000)
    if (second !== passersBy.second) passersBy = { second, count: 0 }
    return ++passersBy.count > MOST_PASSERS_BY
  }

  function isNews(mac: Mac): boolean {
    const now = clock.now()
    if (now - (lastSeen.get(mac) ?? Number.NEGATIVE_INFINITY) < REPEAT_AFTER) return false
    if (lastSeen.size >= MOST_REMEMBERED) lastSeen.clear()
    lastSeen.set(mac, now)
    return true
  }

  return (request, { known }, { kind, reply, because }) => {
    const { mac, boot } = request
    const ip = reply && (kind === 'offer' || kind === 'ack') ? reply.yiaddr : undefined
    // A renewal is no station of a boot, and an address for a passer-by is none either.
    const isBoot = kind === 'ack' && request.type === 'request' && request.ciaddr === undefined && (known || boot)
    if (isBoot && ip !== undefined) {
      onSeen({ seen: 'address', mac, system: known?.system.name, ip, firmware: boot?.firmware, because })
    }
    if (!known && (boot || !isCrowd()) && isNews(mac)) onSeen({ seen: 'unknown', mac, ip, asked: describe(request) })
  }
}

function describe({ type, boot, hostname }: DhcpRequest): string {
  const parts = [`a DHCP ${type.toUpperCase()}`]
  if (hostname !== '') parts.push(`as ${hostname}`)
  if (boot) parts.push(`to boot: ${describeBoot(boot)}`)
  return parts.join(' ')
}

function describeBoot({ firmware, arch, vendorClass, userClass }: BootWish): string {
  const said = [
    firmware ?? 'unknown firmware',
    arch === undefined ? '' : `architecture ${arch}`,
    // Bytes of a stranger: what a terminal or a page could take for more than text is not passed on.
    vendorClass === '' ? '' : `vendor class ${printable(vendorClass)}`,
    userClass === '' ? '' : `user class ${printable(userClass)}`,
  ]
  return said.filter((part) => part !== '').join(', ')
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 80)
}
