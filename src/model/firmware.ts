/**
 * Firmware: what reads the boot file of the machine that is asking, told from the client architecture (RFC 4578 option 93,
 * IANA "Processor Architecture Types") and, for iPXE, from the user class (option 77).
 */
export type Firmware = 'bios' | 'uefi-x86' | 'uefi-x64' | 'uefi-arm64' | 'uefi-http-x64' | 'uefi-http-arm64' | 'ipxe'
