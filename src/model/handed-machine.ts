/** A machine as whoever takes it, or gives it back, needs to know it. */
import type { Blend, Unresolved } from './blend.ts'
import { classesOf } from './custody.ts'
import type { System } from './system.ts'
import { archOf } from './wanted-machine.ts'

export interface HandedMachine {
  readonly uid: string
  readonly name: string
  readonly hostname: string
  readonly profile: string
  /** Null when its profile does not say. */
  readonly arch: string | null
  readonly mgmtClasses: readonly string[]
  readonly revision: number
}

export function handedMachine(system: System, blend: Blend | Unresolved): HandedMachine {
  const { uid, name, hostname, profile, revision } = system
  const arch = blend.ok ? archOf(blend.distro.arch) : null
  return { uid, name, hostname, profile, arch, mgmtClasses: classesOf(system), revision }
}
