/**
 * What should this machine boot? The only place in Orchestra that answers.
 *
 * DHCP asks for a boot file, TFTP and HTTP for a boot config, the CLI and the UI for a preview: all of them ask here, so
 * they can never disagree halfway through a boot. The decision does not look at firmware; bootfile.ts and boot-config.ts
 * word it for each.
 */
import type { Blend, Unresolved } from '../model/blend.ts'
import type { System } from '../model/system.ts'

export type BootDecision =
  | { readonly boot: 'install'; readonly blend: Blend }
  /** `because`: why it is not installed, though netboot is on. Without a blend what it boots by is the settings' choice. */
  | { readonly boot: 'local'; readonly system: System; readonly blend?: Blend | undefined; readonly because?: string }
  | { readonly boot: 'enlist'; readonly blend: Blend }
  | { readonly boot: 'ignore'; readonly because: string }

/** A system that we know, with its profile and distro blended in, or the reason why that cannot be done. */
export interface Known {
  readonly system: System
  readonly blend: Blend | Unresolved
  /** Why it is not installed, though netboot is on: it began one install after another, and ended none. */
  readonly stopped?: string | undefined
}

export interface BootPolicy {
  /** The blended profile that registers unknown machines; undefined: enlisting is off. */
  readonly enlist: Blend | Unresolved | undefined
}

export function decideBoot(known: Known | undefined, policy: BootPolicy): BootDecision {
  if (known === undefined) {
    if (policy.enlist === undefined) return { boot: 'ignore', because: 'unknown machine, and enlisting is off' }
    if (!policy.enlist.ok) return { boot: 'ignore', because: policy.enlist.because }
    return { boot: 'enlist', blend: policy.enlist }
  }
  const blend = known.blend.ok ? known.blend : undefined
  // Installed machines still netboot first; sending them to their disk is what ends the install loop.
  if (!known.system.netbootEnabled) return { boot: 'local', system: known.system, blend }
  // What installs again and again is left with what is on its disk, for somebody to look at.
  if (known.stopped !== undefined) return { boot: 'local', system: known.system, blend, because: known.stopped }
  // Never half an install: what does not resolve is not begun.
  if (!known.blend.ok) return { boot: 'ignore', because: known.blend.because }
  return { boot: 'install', blend: known.blend }
}
