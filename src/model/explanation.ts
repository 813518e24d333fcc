/** What a machine would be told if it booted now, step by step, and where each line of that comes from. */
import type { Mac } from './address.ts'

export interface Source {
  /** `computed`: by Orchestra itself, from nothing that anybody has set. */
  readonly kind: 'distro' | 'profile' | 'system' | 'setting' | 'template' | 'script' | 'request' | 'lease' | 'computed'
  /** Of the object, the setting or the file. */
  readonly name: string
  readonly field: string | null
  /** Of a template or script. */
  readonly line: number | null
}

/**
 * Where a fact comes from, by the name that a template or a server has for it: `hostname`, `meta.locale`, `kernel.console`;
 * and `setting.`, `system.`, `request.`, `lease.` and `computed.` with what they name behind it.
 */
export type SourcesOf = (fact: string) => readonly Source[]

export interface ExplainedLine {
  readonly text: string
  readonly from: readonly Source[]
}

export interface ExplainedOption {
  readonly code: number
  /** IANA's. */
  readonly name: string
  /** For people. */
  readonly value: string
  readonly hex: string
  readonly from: readonly Source[]
}

export type StepId = 'dhcp' | 'loader' | 'config' | 'kernel' | 'preseed' | 'late-command' | 'metadata'

export interface Step {
  readonly id: StepId
  readonly title: string
  /** `none`: it would not come to this; `error`: it would, and fail. */
  readonly outcome: 'ok' | 'none' | 'error'
  /** One sentence. */
  readonly because: string
  /** What the machine fetches. */
  readonly url: string | null
  /** A text cut at its line breaks, without an empty last one. */
  readonly lines: readonly ExplainedLine[]
  /** Of the DHCP reply. */
  readonly options?: readonly ExplainedOption[]
}

export const FIRMWARES = ['bios', 'uefi', 'uefi-http', 'ipxe', 'rpi', 'uboot'] as const
export type FirmwareKind = (typeof FIRMWARES)[number]
export const ARCHITECTURES = ['x86_64', 'arm64', 'i386'] as const
export type Architecture = (typeof ARCHITECTURES)[number]

/** What is to be otherwise than it is; undefined: as it is. */
export interface WhatIf {
  readonly firmware: FirmwareKind | undefined
  readonly arch: Architecture | undefined
  readonly netboot: boolean | undefined
  /** Of a machine that nobody knows: the profile that it would enlist with. */
  readonly profile: string | undefined
}

/** As what the machine asks. */
export interface AskingAs {
  readonly firmware: FirmwareKind
  readonly arch: Architecture
}

export interface Explanation {
  readonly machine: { readonly mac: Mac | null; readonly system: string | null; readonly known: boolean }
  readonly whatIf: {
    readonly firmware: FirmwareKind | null
    readonly arch: Architecture | null
    readonly netboot: boolean | null
    readonly profile: string | null
  }
  /** What it was taken for, and why. */
  readonly asks: AskingAs & { readonly because: string }
  readonly decision: { readonly boot: 'install' | 'local' | 'enlist' | 'ignore'; readonly because: string }
  readonly steps: readonly Step[]
}
