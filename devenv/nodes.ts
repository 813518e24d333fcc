/** What the lab is beside its settings: the profiles that it knows and what hardware they want, its user and its classes. */
import type { LabNode } from './settings.ts'

/** Where machines find a package mirror, on the server's address. */
export const MIRROR_PORT = 8081
/** For router advertisements: iPXE waits 16 seconds in every stage of a boot for one. */
export const SERVER_V6 = 'fd77::1'

/** The administrator, by the name that Cobbler's clients have in their files. */
export const LAB_USER = 'cobbler'
/** By which an orchestrator takes the lab's machines and gives them back. */
export const CLASSES = { available: 'foo-available', acquired: 'foo-acquired' } as const

export const PROFILES = ['mini', 'debian', 'debian-12', 'debian-13'] as const
export type ProfileName = (typeof PROFILES)[number]
/** `debian` is laid from an image that is ready; the others by the real debian-installer. */
export const SUITES = { debian: 'trixie', 'debian-12': 'bookworm', 'debian-13': 'trixie' } as const

/** What a machine must have for a profile: megabytes. (UEFI, shim, GRUB, the GRUB that it chains to and a kernel need 512.) */
interface Hardware {
  readonly cpus: number
  readonly mem: number
  readonly disk: number
}

const HARDWARE: Readonly<Record<ProfileName, Hardware>> = {
  mini: { cpus: 1, mem: 512, disk: 256 },
  debian: { cpus: 2, mem: 1024, disk: 2048 },
  'debian-12': { cpus: 2, mem: 2048, disk: 4096 },
  'debian-13': { cpus: 2, mem: 2048, disk: 4096 },
}

/** The machine as it must be for a profile: never less than its settings say. */
export function fitFor(profile: ProfileName, node: LabNode): LabNode {
  const { cpus, mem, disk } = HARDWARE[profile]
  return { ...node, cpus: Math.max(cpus, node.cpus), mem: Math.max(mem, node.mem), disk: Math.max(disk, node.disk) }
}

/** Seconds from power on to ready before the lab calls it a failure; without KVM the processor is emulated. */
export const DEADLINE: Readonly<Record<ProfileName, number>> = {
  mini: 180,
  debian: 600,
  'debian-12': 3600,
  'debian-13': 3600,
}
