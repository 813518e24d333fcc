/** A machine as one row of a table: what people filter, sort and act by; and how many machines there are of which kind. */
import type { Ipv4, Mac } from './address.ts'
import type { PowerAction, PowerState, PowerTask } from './power.ts'
import type { Stage } from './standing.ts'
import type { BootAttempt } from './trace.ts'

/** `both`: in classes that contradict each other. */
export type CustodyWord = 'available' | 'acquired' | 'both' | 'none'

export interface MachineRow {
  readonly uid: string
  readonly name: string
  readonly revision: number
  readonly macs: readonly Mac[]
  /** Its own, or the one that it has a lease of; empty: none. */
  readonly ip: Ipv4 | ''
  readonly hostname: string
  readonly profile: string
  /** Null when its profile does not say. */
  readonly arch: string | null
  readonly netboot: boolean
  readonly classes: readonly string[]
  readonly custody: CustodyWord
  readonly stage: Stage
  /** All times are milliseconds since 1970. */
  readonly since: number
  readonly broken: string | null
  readonly power: PowerState
  /** When its power was seen; null: never. */
  readonly powerAt: number | null
  readonly powerType: string
  readonly canSee: boolean
  /** What is done to its power now. */
  readonly task: { readonly id: string; readonly action: PowerAction; readonly state: PowerTask['state'] } | null
  /** Its last boot. */
  readonly boot: {
    readonly id: number
    readonly reached: BootAttempt['reached']
    readonly started: number
    readonly ended: number | null
    readonly verdict: string | null
  } | null
  readonly comment: string
}

export interface Summary {
  readonly systems: number
  readonly stages: Readonly<Record<Stage, number>>
  readonly power: Readonly<Record<PowerState, number>>
  readonly custody: Readonly<Record<CustodyWord, number>>
  /** MACs that are no system's, and asked for something. */
  readonly unknownMachines: number
  /** DHCP servers beside ours. */
  readonly foreignDhcp: number
}
