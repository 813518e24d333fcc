/** What an acquirer wants of a machine, and why one is not it. */
import type { Blend, Unresolved } from './blend.ts'
import { type CustodyFacts, classesOf, notFreeBecause } from './custody.ts'
import type { ClassPair } from './mgmt-class.ts'
import type { System } from './system.ts'

export interface WantedMachine {
  readonly pair: ClassPair
  /** It must have all of them. */
  readonly classes: readonly string[]
  /** Cobbler's word; undefined: any. */
  readonly arch: string | undefined
  readonly isNamed: (name: string) => boolean
}

/** Debian's and the kernel's words for what Cobbler's distros are called. */
const ARCHES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  x64: 'x86_64',
  'x86-64': 'x86_64',
  x86: 'i386',
  i486: 'i386',
  i586: 'i386',
  i686: 'i386',
  arm64: 'aarch64',
  armhf: 'armhfp',
  ppc64el: 'ppc64le',
}

/** Two words for one architecture become one. */
export function archOf(word: string): string {
  const plain = word.trim().toLowerCase()
  return Object.hasOwn(ARCHES, plain) ? (ARCHES[plain] ?? plain) : plain
}

/** Half a sentence; undefined: it may be taken. */
export function passedOverBecause(
  system: System,
  wanted: WantedMachine,
  facts: CustodyFacts,
  blendOf: (system: System) => Blend | Unresolved,
): string | undefined {
  const { pair, classes, arch } = wanted
  if (!wanted.isNamed(system.name)) return 'its name does not match'
  const held = notFreeBecause(system, pair, facts)
  if (held !== undefined) return held
  if (!system.netbootEnabled) return 'netboot is off, so it would not be installed'
  if (arch === undefined && classes.length === 0) return undefined
  const blend = blendOf(system)
  const ofParents = blend.ok ? blend.mgmtClasses : []
  const missing = classes.filter((name) => ![...classesOf(system), ...ofParents].includes(name))
  if (missing.length > 0) return `it has not the class ${missing.join(', ')}`
  if (arch === undefined) return undefined
  if (!blend.ok) return `its architecture is not known: ${blend.because}`
  const own = archOf(blend.distro.arch)
  return own === archOf(arch) ? undefined : `its architecture is ${own}, not ${archOf(arch)}`
}
