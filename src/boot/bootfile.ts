/**
 * Which loader a machine is told to fetch: a decision and a firmware become a file name (or a URL, for HTTP Boot and iPXE).
 *
 * A table, and nothing else: what the loader then reads is boot-config.ts, where its bytes come from is
 * services/boot-files.ts. A machine that boots its disk gets its loader as well; the loader's config sends it there.
 */
import type { Mac } from '../model/address.ts'
import type { Blend } from '../model/blend.ts'
import type { Firmware } from '../model/firmware.ts'
import type { BootDecision } from './decide.ts'
import type { BootFormat } from './request-path.ts'

/** What a site wants its machines to load, by kind of firmware. */
export interface LoaderChoice {
  readonly bios: 'pxelinux' | 'ipxe'
  readonly uefi: 'grub' | 'ipxe'
  /** By UEFI HTTP Boot; unset: the same. */
  readonly uefi_http?: 'grub' | 'ipxe' | undefined
}

/** What a machine's objects say of that: Cobbler's `boot_loaders`, the best first, and `filename`. */
export type LoaderWish = Pick<Blend, 'bootLoaders' | 'filename'>

/** What chooses the loader: names of a blend's values, or the setting. */
export function loaderFacts(wish: LoaderWish | undefined): readonly string[] {
  if (wish?.filename) return ['filename']
  return [wish && wish.bootLoaders.length > 0 ? 'boot_loaders' : 'setting.boot.loaders']
}

export interface BootFileUrls {
  /** Where machines reach this server's HTTP: `http://10.77.0.1` or `http://10.77.0.1:8080`; no slash at the end. */
  readonly http: string
  readonly loaders: LoaderChoice
}

const BIOS = { pxelinux: 'pxelinux.0', ipxe: 'undionly.kpxe' } as const
/** `grub`: the distribution's signed shim, which fetches the signed GRUB from the folder that it came from itself. */
const UEFI_X64 = { grub: 'shimx64.efi', ipxe: 'snponly.efi' } as const
const UEFI_ARM64 = { grub: 'shimaa64.efi', ipxe: 'snponly-arm64.efi' } as const
/** Debian builds no iPXE for 32-bit UEFI, so both choices are the shim. */
const UEFI_X86 = { grub: 'shimia32.efi', ipxe: 'shimia32.efi' } as const

/** Where it looks for its pxelinux.cfg is beside this, whether the site has such a script or not. */
const UBOOT = 'boot.scr.uimg'
/** The first of the files that it asks for by itself; they are a site's own, in the boot folder. */
const RASPBERRY = 'bootcode.bin'

/** Who asks for a loader. */
export interface BootingMachine {
  readonly mac: Mac
  readonly firmware: Firmware
  /** Another server gives it its address. */
  readonly isProxied?: boolean | undefined
  /** It asks by DHCPv6. */
  readonly isIpv6?: boolean | undefined
}

/** Undefined: say nothing about booting. */
export function bootFile(decision: BootDecision, machine: BootingMachine, urls: BootFileUrls): string | undefined {
  if (decision.boot === 'ignore') return undefined
  const { mac, firmware } = machine
  // iPXE that was loaded by us asks DHCP again, now as iPXE: a script instead of the loader ends that circle.
  if (firmware === 'ipxe') return `${urls.http}/boot/ipxe/${pxeName(mac)}`
  // Its ROM takes what it is offered; offered nothing, it goes on to its card.
  if (firmware === 'rpi' && decision.boot === 'local') return undefined
  const { blend: wish } = decision
  if (wish?.filename) return atHttp(firmware, wish.filename, urls)
  return loaderFor({ ...machine, firmware }, urls, wish)
}

/** UEFI HTTP Boot takes a URL and nothing else. */
function atHttp(firmware: Firmware, file: string, { http }: BootFileUrls): string {
  return firmware.startsWith('uefi-http') && !file.includes('://') ? `${http}/boot/${file.replace(/^\/+/, '')}` : file
}

/** The first file of a machine that is no iPXE yet. */
export function loaderFor(
  machine: Omit<BootingMachine, 'mac'> & { readonly firmware: Exclude<Firmware, 'ipxe'> },
  urls: BootFileUrls,
  wish?: LoaderWish,
): string {
  const loaders = fitting(urls.loaders, machine, wish)
  switch (machine.firmware) {
    case 'bios':
      return BIOS[loaders.bios]
    case 'uefi-x86':
      return UEFI_X86[loaders.uefi]
    case 'uefi-x64':
      return UEFI_X64[loaders.uefi]
    case 'uefi-arm64':
      return UEFI_ARM64[loaders.uefi]
    case 'uboot':
      return UBOOT
    case 'rpi':
      return RASPBERRY
    case 'uefi-http-x64':
      return atHttp(machine.firmware, UEFI_X64[loaders.uefi], urls)
    case 'uefi-http-arm64':
      return atHttp(machine.firmware, UEFI_ARM64[loaders.uefi], urls)
  }
}

/** Whose config that loader reads, and from where: a path below the boot root, by TFTP or by HTTP. */
export function configOf(
  machine: BootingMachine,
  wanted: LoaderChoice,
  wish?: LoaderWish,
): { readonly format: BootFormat; readonly via: 'tftp' | 'http'; readonly path: string } {
  const { mac, firmware } = machine
  const { bios, uefi } = fitting(wanted, machine, wish)
  const isPlain = firmware === 'uboot' || firmware === 'rpi'
  const loader = isPlain
    ? 'pxelinux'
    : firmware === 'bios'
      ? bios
      : firmware === 'ipxe'
        ? 'ipxe'
        : firmware === 'uefi-x86'
          ? 'grub'
          : uefi
  const name = pxeName(mac)
  switch (loader) {
    case 'pxelinux':
      return { format: 'pxelinux', via: 'tftp', path: `pxelinux.cfg/${name}` }
    case 'grub': {
      const via = firmware === 'uefi-http-x64' || firmware === 'uefi-http-arm64' ? 'http' : 'tftp'
      return { format: 'grub', via, path: `grub/grub.cfg-${name}` }
    }
    case 'ipxe':
      return { format: 'ipxe', via: 'http', path: `ipxe/${name}` }
  }
}

/**
 * A GRUB that came by TFTP looks for its config where the server of its address is, which is not here; iPXE asks that server
 * and us. By HTTP, GRUB keeps the server that it came from. By TFTP over IPv6 it has no address at all, since it knows no DHCPv6.
 */
function fitting(
  wanted: LoaderChoice,
  { firmware, isProxied, isIpv6 }: Omit<BootingMachine, 'mac'>,
  wish: LoaderWish | undefined,
): LoaderChoice {
  const byHttp = firmware.startsWith('uefi-http')
  const uefi = first(wish, UEFI_BY_NAME) ?? (byHttp ? wanted.uefi_http : undefined) ?? wanted.uefi
  const bios = first(wish, BIOS_BY_NAME) ?? wanted.bios
  return { bios, uefi: (isProxied || isIpv6) && !byHttp ? 'ipxe' : uefi }
}

/** Cobbler's names of loaders: those that there are for a kind of firmware. */
const BIOS_BY_NAME = { pxe: 'pxelinux', pxelinux: 'pxelinux', ipxe: 'ipxe' } as const
const UEFI_BY_NAME = { grub: 'grub', grub2: 'grub', ipxe: 'ipxe' } as const

function first<Loader>(wish: LoaderWish | undefined, byName: Readonly<Record<string, Loader>>): Loader | undefined {
  const name = wish?.bootLoaders.find((one) => Object.hasOwn(byName, one))
  return name === undefined ? undefined : byName[name]
}

/** `01-52-54-00-…`: PXELINUX's way to write a MAC, the ARP hardware type (1, Ethernet) in front. */
export function pxeName(mac: Mac): string {
  return `01-${mac.replaceAll(':', '-')}`
}
