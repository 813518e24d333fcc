/** What happens in Orchestra, by name: the event bus carries it, the log shows it, clients stream it. */
import type { Ipv4, Mac } from './address.ts'
import type { Ipv6 } from './address6.ts'
import type { ItemType } from './items.ts'
import type { Job } from './job.ts'
import type { PowerAction, PowerState } from './power.ts'

/**
 * The stations of a boot in their order. `address` = DHCP ACK; `loader` = boot file fetched; `config` = boot config
 * (pxelinux.cfg, grub.cfg, iPXE script) handed out; `kernel` = kernel fetched; `preseed` = preseed fetched;
 * `installing` = the installer reports; `installed` = its last call; `first-boot` = a boot from the disk was ordered
 * after an install; `ready` = the installed system called back. `failed` may follow any.
 */
export const BOOT_STEPS = [
  'power',
  'address',
  'loader',
  'config',
  'kernel',
  'preseed',
  'installing',
  'installed',
  'first-boot',
  'ready',
  'failed',
] as const
export type BootStep = (typeof BOOT_STEPS)[number]

export interface BootEvent {
  readonly mac: Mac | undefined
  /** System name, if the machine is one of ours. */
  readonly system: string | undefined
  readonly step: BootStep
  /** One sentence: what was seen. */
  readonly because: string
}

export interface CustodyEvent {
  readonly system: string
  readonly uid: string
  /** The acquired class. */
  readonly class: string
  /** The user; undefined when it was nobody's request. */
  readonly by: string | undefined
}

/** A machine that does not get on in time: what was seen of it last, and what a person can do. */
export interface OverdueEvent {
  readonly system: string
  readonly stage: string
  readonly since: number
  readonly evidence: { readonly at: number; readonly text: string }
  readonly next: string
}

export interface EventMap {
  'item.changed': { readonly type: ItemType; readonly name: string; readonly uid: string; readonly revision: number }
  'item.removed': { readonly type: ItemType; readonly name: string; readonly uid: string }
  /** An orchestrator took a machine, or gave it back. */
  'machine.acquired': CustodyEvent
  'machine.released': CustodyEvent
  'machine.overdue': OverdueEvent
  /** An install failed: nobody is given this machine until a person or a later install says that it works. */
  'machine.broken': { readonly system: string; readonly because: string }
  'machine.repaired': { readonly system: string; readonly by: string }
  'boot.step': BootEvent
  'power.changed': {
    readonly system: string
    readonly state: PowerState
    readonly action: PowerAction | undefined
    readonly task: string | undefined
    readonly because: string
  }
  /** `by`: the user. A change that somebody made on the disk is told when the file is next saved. */
  'template.changed': { readonly path: string; readonly by: string | undefined }
  /** A long task began, went on (a few times a second at most), or ended. */
  'job.changed': Pick<Job, 'id' | 'kind' | 'state' | 'progress'>
  /** A MAC that is no system of ours asked for something. */
  'machine.unknown': { readonly mac: Mac; readonly ip: Ipv4 | Ipv6 | undefined; readonly asked: string }
  /** Another DHCP server was seen on a network. */
  'dhcp.foreign': {
    readonly server: Ipv4
    /** Undefined: it is behind a relay. */
    readonly interface: string | undefined
    /** The address that it gave to somebody; empty: not seen. */
    readonly offered: string
    readonly because: string
  }
}
export type EventName = keyof EventMap

/** An event as it is kept and streamed. */
export interface RecordedEvent<Name extends EventName = EventName> {
  /** Rises by one; never used twice. */
  readonly id: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly name: Name
  readonly payload: EventMap[Name]
}
