/**
 * Firmware: what reads the boot file of the machine that is asking, told from the client architecture (RFC 4578 option 93,
 * IANA "Processor Architecture Types") and, for iPXE, from the user class (option 77).
 */
export type Firmware =
  | 'bios'
  | 'uefi-x86'
  | 'uefi-x64'
  | 'uefi-arm64'
  | 'uefi-http-x64'
  | 'uefi-http-arm64'
  | 'uboot'
  /** The boot ROM of a Raspberry Pi, which looks for files of its own. */
  | 'rpi'
  | 'ipxe'

/**
 * What has a loader of ours, by client architecture. What is not here (Itanium, RISC-V, 32-bit ARM, HTTP Boot on
 * 32-bit x86) has none. Number 9 is EFI byte code since RFC 4578's erratum of 2016 and was x86-64 before: what sends it are
 * x86-64 machines of that time.
 */
export const FIRMWARE_BY_ARCHITECTURE: Readonly<Record<number, Exclude<Firmware, 'ipxe'>>> = {
  0: 'bios',
  6: 'uefi-x86',
  7: 'uefi-x64',
  9: 'uefi-x64',
  11: 'uefi-arm64',
  16: 'uefi-http-x64',
  19: 'uefi-http-arm64',
  21: 'uboot',
  22: 'uboot',
  41: 'rpi',
}
