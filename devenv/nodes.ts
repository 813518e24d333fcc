/** The lab's network, its machines and the profiles that they can be given, as data. */

/** The server's addresses on the lab's network. */
export const SERVER = '10.77.0.1'
export const SERVER_URL = `http://${SERVER}`
/** Where machines find a package mirror, on the server's address. */
export const MIRROR_PORT = 8081
/** For router advertisements: iPXE waits 16 seconds in every stage of a boot for one. */
export const SERVER_V6 = 'fd77::1'

/** The server's address in Ensemble's own documents: the lab answers there too, so that their environments.yaml fits. */
export const DOCUMENTED_SERVER = '192.168.123.2'
/** The administrator, by the name that Cobbler's clients have in their files. */
export const LAB_USER = 'cobbler'
/** By which an orchestrator takes the lab's machines and gives them back. */
export const CLASSES = { available: 'foo-available', acquired: 'foo-acquired' } as const

export type NodeFirmware = 'bios' | 'uefi'

export interface LabNode {
  readonly name: string
  readonly mac: string
  readonly firmware: NodeFirmware
}

export const NODES: readonly LabNode[] = [
  { name: 'node01', mac: '52:54:00:77:00:01', firmware: 'bios' },
  { name: 'node02', mac: '52:54:00:77:00:02', firmware: 'uefi' },
  { name: 'node03', mac: '52:54:00:77:00:03', firmware: 'bios' },
]

export type ProfileName = 'mini' | 'debian-13'

/** What a machine must have for a profile. (UEFI, shim, GRUB, the GRUB that it chains to and a kernel need 512 MB.) */
export interface Hardware {
  readonly cpus: number
  readonly megabytes: number
  readonly diskMegabytes: number
}

export const HARDWARE: Readonly<Record<ProfileName, Hardware>> = {
  mini: { cpus: 1, megabytes: 512, diskMegabytes: 256 },
  'debian-13': { cpus: 2, megabytes: 2048, diskMegabytes: 4096 },
}

/** Seconds from power on to ready before the lab calls it a failure; without KVM the processor is emulated. */
export const DEADLINE: Readonly<Record<ProfileName, number>> = { mini: 180, 'debian-13': 3600 }
