/** What happens in Orchestra, by name: the event bus carries it, the log shows it, clients stream it. */
import type { Ipv4, Mac } from './address.ts'
import type { ItemType } from './items.ts'
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

export interface EventMap {
  'item.changed': { readonly type: ItemType; readonly name: string; readonly uid: string; readonly revision: number }
  'item.removed': { readonly type: ItemType; readonly name: string; readonly uid: string }
  'boot.step': BootEvent
  'power.changed': {
    readonly system: string
    readonly state: PowerState
    readonly action: PowerAction | undefined
    readonly task: string | undefined
    readonly because: string
  }
  /** A MAC that is no system of ours asked for something. */
  'machine.unknown': { readonly mac: Mac; readonly ip: Ipv4 | undefined; readonly asked: string }
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
