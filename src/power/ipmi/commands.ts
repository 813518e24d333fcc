/** What is asked of a chassis (IPMI 2.0, 28): power, the next boot, the lamp; commands as bytes and answers as facts. */
import type { PowerState } from '../../model/power.ts'
import type { BootOnce } from '../driver.ts'
import type { IpmiResponse } from './codec.ts'
import { COMPLETION } from './failure.ts'
import type { SessionRequest } from './session-state.ts'

const CHASSIS = 0x00

/** Chassis Control (28.3). */
export const CONTROL = { off: 0, on: 1, cycle: 2, reset: 3, soft: 5 } as const
export type Control = keyof typeof CONTROL

export const ASK_STATUS: SessionRequest = { netFn: CHASSIS, command: 0x01, data: new Uint8Array() }

export function control(what: Control): SessionRequest {
  return { netFn: CHASSIS, command: 0x02, data: Uint8Array.of(CONTROL[what]), slow: true }
}

/** Get Chassis Status: bit 0 is what counts, whatever the bits of faults say. */
export function parseStatus({ completion, data }: IpmiResponse): PowerState {
  const [state] = data
  if (completion !== 0 || state === undefined) return 'unknown'
  return (state & 1) === 1 ? 'on' : 'off'
}

/** The lamp, up to 255 s; more means until it is told otherwise (28.5). 0 ends it. */
export function identify(seconds: number): SessionRequest {
  const whole = Math.max(0, Math.min(255, Math.round(seconds)))
  const data = seconds > 255 ? Uint8Array.of(0, 1) : Uint8Array.of(whole)
  return { netFn: CHASSIS, command: 0x04, data }
}

const PXE = 1
/** Parameters of the boot options (table 28-14). */
const PARAMETER = { inProgress: 0, validBits: 3, acknowledge: 4, flags: 5 } as const

export const ASK_BOOT: SessionRequest = {
  netFn: CHASSIS,
  command: 0x09,
  data: Uint8Array.of(PARAMETER.flags, 0, 0),
}

export interface BootFlags {
  readonly valid: boolean
  readonly persistent: boolean
  readonly efi: boolean
  readonly device: number
}

/** Undefined: it does not tell. */
export function parseBoot({ completion, data }: IpmiResponse): BootFlags | undefined {
  const [, parameter = 0, flags = 0, device = 0] = data
  if (completion !== 0 || data.length < 4 || (parameter & 0x7f) !== PARAMETER.flags) return undefined
  return {
    valid: (flags & 0x80) !== 0,
    persistent: (flags & 0x40) !== 0,
    efi: (flags & 0x20) !== 0,
    device: (device >> 2) & 0x0f,
  }
}

/**
 * What is said to have the next boot, and only that, by network; `must`: without it, there is no sense in the rest.
 * The order without a chassis command within a minute is forgotten, unless parameter 3 says otherwise; and a BIOS looks
 * only at what parameter 4 calls unread.
 */
export function bootByNetworkOnce(
  efi: boolean,
): readonly { readonly request: SessionRequest; readonly must: boolean }[] {
  const set = (parameter: number, ...data: readonly number[]): SessionRequest => ({
    netFn: CHASSIS,
    command: 0x08,
    data: Uint8Array.of(parameter, ...data),
  })
  return [
    { request: set(PARAMETER.inProgress, 1), must: false },
    { request: set(PARAMETER.validBits, 0x08), must: false },
    { request: set(PARAMETER.acknowledge, 1, 1), must: false },
    { request: set(PARAMETER.flags, efi ? 0xa0 : 0x80, PXE << 2, 0, 0, 0), must: true },
    { request: set(PARAMETER.inProgress, 0), must: false },
  ]
}

/** What the BMC says after the order, against what it was told. */
export function compareBoot(flags: BootFlags | undefined): BootOnce {
  if (!flags) return { obeyed: 'unknown', because: 'the BMC took the order, but does not tell what it keeps of it' }
  if (!flags.valid) return no('says that there is none')
  if (flags.device !== PXE) return no(`keeps boot device ${flags.device} instead of the network (1)`)
  if (flags.persistent) return no('keeps it for every boot, not only the next')
  return { obeyed: 'yes', because: 'read back: the network, for the next boot only' }
}

function no(what: string): BootOnce {
  return { obeyed: 'no', because: `the BMC took the order for the next boot, but ${what}` }
}

/** The BMC does not know this way of restarting; another may do. */
export function isNotKnown(completion: number): boolean {
  return completion === COMPLETION.notSupported || completion === COMPLETION.invalidData
}
