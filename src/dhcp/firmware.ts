/** Which firmware is asking: from option 93 (RFC 4578), the vendor class (60) and iPXE's own marks. */
import { FIRMWARE_BY_ARCHITECTURE, type Firmware } from '../model/firmware.ts'

/** Some firmware names its processor in option 93 and its way to boot only in the vendor class. */
const BY_HTTP: Readonly<Partial<Record<Firmware, Firmware>>> = {
  'uefi-x64': 'uefi-http-x64',
  'uefi-arm64': 'uefi-http-arm64',
}

export interface FirmwareMarks {
  /** Option 93: a list, the best first. */
  readonly archs: readonly number[]
  readonly vendorClass: string
  readonly isIpxe: boolean
  /** Of a board with the Raspberry Pi's boot ROM, by its MAC. */
  readonly isRaspberry?: boolean
}

export function firmwareOf({ archs, vendorClass, isIpxe, isRaspberry = false }: FirmwareMarks): {
  readonly firmware: Firmware | undefined
  readonly arch: number | undefined
} {
  const said = archs.length > 0 ? archs : archOfVendorClass(vendorClass)
  const arch = said.find((one) => FIRMWARE_BY_ARCHITECTURE[one] !== undefined) ?? said[0]
  // iPXE that we loaded asks again: its mark wins over the machine's, or it would be given itself for ever.
  if (isIpxe) return { firmware: 'ipxe', arch }
  if (vendorClass.startsWith('U-Boot')) return { firmware: 'uboot', arch }
  // It says that it is a BIOS, which it is not.
  if (isRaspberry && arch === 0) return { firmware: 'rpi', arch }
  // A PXE ROM older than option 93 can only be that of a BIOS.
  if (arch === undefined) return { firmware: vendorClass.startsWith('PXEClient') ? 'bios' : undefined, arch }
  const firmware = FIRMWARE_BY_ARCHITECTURE[arch]
  const byHttp = firmware && vendorClass.startsWith('HTTPClient') ? BY_HTTP[firmware] : undefined
  return { firmware: byHttp ?? firmware, arch }
}

/** `PXEClient:Arch:00007:UNDI:003016` */
function archOfVendorClass(vendorClass: string): number[] {
  const match = /^(?:PXE|HTTP)Client:Arch:(\d{5})/.exec(vendorClass)
  return match ? [Number(match[1])] : []
}

/** Option 77. RFC 3004 wants a list with lengths; iPXE and most others send the bare word. */
export function userClasses(bytes: Uint8Array | undefined): string[] {
  if (!bytes || bytes.length === 0) return []
  const words: string[] = []
  let at = 0
  while (at < bytes.length) {
    const length = bytes[at] ?? 0
    if (length === 0 || at + 1 + length > bytes.length) return [printable(bytes)]
    words.push(printable(bytes.subarray(at + 1, at + 1 + length)))
    at += 1 + length
  }
  return words
}

function printable(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.filter((byte) => byte >= 0x20 && byte < 0x7f))
}
