/** As what a machine is explained: the firmware and the architecture that are asked for, that it was seen with, or a guess. */

import type { Architecture, AskingAs, Explanation, WhatIf } from '../model/explanation.ts'
import type { Firmware } from '../model/firmware.ts'

const SEEN: Readonly<Record<Firmware, AskingAs>> = {
  bios: { firmware: 'bios', arch: 'x86_64' },
  'uefi-x86': { firmware: 'uefi', arch: 'i386' },
  'uefi-x64': { firmware: 'uefi', arch: 'x86_64' },
  'uefi-arm64': { firmware: 'uefi', arch: 'arm64' },
  'uefi-http-x64': { firmware: 'uefi-http', arch: 'x86_64' },
  'uefi-http-arm64': { firmware: 'uefi-http', arch: 'arm64' },
  uboot: { firmware: 'uboot', arch: 'arm64' },
  rpi: { firmware: 'rpi', arch: 'arm64' },
  ipxe: { firmware: 'ipxe', arch: 'x86_64' },
}

/**
 * @param seen the firmware of its last boot
 * @param distro the architecture that its distro is for, in Cobbler's word
 */
export function askingAs(
  { firmware, arch }: Pick<WhatIf, 'firmware' | 'arch'>,
  seen: Firmware | undefined,
  distro: string | undefined,
): Explanation['asks'] {
  const last = seen && SEEN[seen]
  const likely = last?.arch ?? archOf(distro)
  if (firmware !== undefined) {
    // No BIOS is for ARM, and no board with U-Boot is a PC: who asks for one means another machine.
    const isPc = firmware !== 'rpi' && firmware !== 'uboot'
    const fitting = !isPc ? 'arm64' : firmware === 'bios' && likely === 'arm64' ? 'x86_64' : likely
    return { firmware, arch: arch ?? fitting, because: 'as it was asked' }
  }
  if (arch !== undefined) {
    const kind = last?.firmware ?? 'bios'
    return { firmware: kind === 'bios' && arch === 'arm64' ? 'uefi' : kind, arch, because: 'as it was asked' }
  }
  if (last) return { ...last, because: 'the firmware of its last boot' }
  const guess = { firmware: likely === 'arm64' ? 'uefi' : 'bios', arch: likely } as const
  return { ...guess, because: 'it was never seen to boot: this is a guess' }
}

/** Cobbler's word for an architecture. */
export function archOf(word: string | undefined): Architecture {
  if (word === 'aarch64' || word === 'arm64') return 'arm64'
  return word === 'i386' ? 'i386' : 'x86_64'
}
