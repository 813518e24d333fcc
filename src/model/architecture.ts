/** IANA "Processor Architecture Types" (RFC 5970, section 3.3): what option 93 and DHCPv6's option 61 say of a machine. */

const NAMES: Readonly<Record<number, string>> = {
  0: 'x86 BIOS',
  1: 'NEC/PC98',
  2: 'Itanium',
  3: 'DEC Alpha',
  4: 'Arc x86',
  5: 'Intel Lean Client',
  6: 'x86 UEFI',
  7: 'x64 UEFI',
  8: 'EFI Xscale',
  9: 'EBC',
  10: 'ARM 32-bit UEFI',
  11: 'ARM 64-bit UEFI',
  12: 'PowerPC Open Firmware',
  13: 'PowerPC ePAPR',
  14: 'POWER OPAL v3',
  15: 'x86 UEFI by HTTP',
  16: 'x64 UEFI by HTTP',
  17: 'EBC by HTTP',
  18: 'ARM UEFI 32 by HTTP',
  19: 'ARM UEFI 64 by HTTP',
  20: 'PC/AT BIOS by HTTP',
  21: 'ARM 32 U-Boot',
  22: 'ARM 64 U-Boot',
  23: 'ARM U-Boot 32 by HTTP',
  24: 'ARM U-Boot 64 by HTTP',
  25: 'RISC-V 32-bit UEFI',
  26: 'RISC-V 32-bit UEFI by HTTP',
  27: 'RISC-V 64-bit UEFI',
  28: 'RISC-V 64-bit UEFI by HTTP',
  29: 'RISC-V 128-bit UEFI',
  30: 'RISC-V 128-bit UEFI by HTTP',
  31: 's390 Basic',
  32: 's390 Extended',
  33: 'MIPS 32-bit UEFI',
  34: 'MIPS 64-bit UEFI',
  35: 'Sunway 32-bit UEFI',
  36: 'Sunway 64-bit UEFI',
  37: 'LoongArch 32-bit UEFI',
  38: 'LoongArch 32-bit UEFI by HTTP',
  39: 'LoongArch 64-bit UEFI',
  40: 'LoongArch 64-bit UEFI by HTTP',
  41: 'ARM rpiboot',
}

/** `27 (RISC-V 64-bit UEFI)`; of one that the registry has not, the number. */
export function architectureName(code: number): string {
  const name = NAMES[code]
  return name === undefined ? `${code}` : `${code} (${name})`
}
