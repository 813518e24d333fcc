/** What a list says of a boot: how far it is, of what kind, and whether somebody waits for it. */
import type { Firmware } from './firmware.ts'
import { type BootAttempt, REACHED } from './trace.ts'

export interface BootFacts {
  readonly firmware: Firmware | undefined
  /** That it was told to install with. */
  readonly profile: string | undefined
  /** Of all that was sent. */
  readonly bytes: number
  /** 0 to 1, by the station that it reached; undefined: it is no boot. */
  readonly progress: number | undefined
}

export function bootFacts({ entries, reached }: BootAttempt): BootFacts {
  const firmwares = entries.flatMap(({ firmware }) => (firmware === undefined ? [] : [firmware]))
  const installs = entries.some(({ sign }) => sign === 'install')
  const isAtEnd = reached === 'ready' || (reached === 'disk' && !installs)
  return {
    // An iPXE that was loaded tells of itself; what loaded it is the machine's own.
    firmware: firmwares.find((one) => one !== 'ipxe') ?? firmwares[0],
    profile: entries.findLast(({ profile }) => profile !== undefined)?.profile,
    bytes: entries.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    progress: !isBoot(entries) ? undefined : isAtEnd ? 1 : REACHED.indexOf(reached) / (REACHED.length - 1),
  }
}

/** Under way or stalled: not at rest on its disk, not off, and not somebody who only wanted an address. */
export function isLive({ ended, reached, entries }: BootAttempt): boolean {
  if (ended !== undefined || reached === 'disk' || reached === 'ready' || !isBoot(entries)) return false
  const off = entries.findLastIndex(({ sign }) => sign === 'power-off')
  return off < 0 || entries.slice(off + 1).some(({ kind }) => kind !== 'api' && kind !== 'decision')
}

function isBoot(entries: BootAttempt['entries']): boolean {
  return entries.some(({ kind, boots }) => boots === true || (kind !== 'dhcp' && kind !== 'api' && kind !== 'decision'))
}
