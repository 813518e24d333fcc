/** Distro: a kernel and an initial ramdisk of one release for one architecture. */

import { OrchestraError } from './errors.ts'
import type { Inheritable, Item, Options } from './item.ts'

export interface Distro extends Item {
  /** Absolute paths on this server. */
  readonly kernel: string
  readonly initrd: string
  /** Cobbler's word: x86_64, i386, aarch64 … */
  readonly arch: string
  /** debian, ubuntu, redhat … */
  readonly breed: string
  /** trixie, jammy, rhel9 … */
  readonly osVersion: string
  readonly kernelOptions: Options
  readonly kernelOptionsPost: Options
  readonly meta: Options
  /** See LoaderWish in boot/bootfile.ts. */
  readonly bootLoaders: Inheritable<readonly string[]>
  /** SHA-256 by file name, recorded at import. */
  readonly checksums: Readonly<Record<string, string>>
}

/** What Cobbler takes for a kernel or an initial ramdisk: it keeps a distro from serving any other file of the server. */
const KERNEL_NAME = /^(vmlinu[xz]|kernel|linux|pxeboot\.n12|wimboot|mboot\.c32|tboot\.gz|b\.b00|bzImage)/
const INITRD_NAME = /^(initrd|initramfs|ramdisk|uInitrd|boot\.sdi|imgpayld\.tgz|mini\.img)/

export const isKernelName = (fileName: string): boolean => KERNEL_NAME.test(fileName)
export const isInitrdName = (fileName: string): boolean => INITRD_NAME.test(fileName)

/** @throws OrchestraError item.invalid */
export function checkDistro(distro: Distro): void {
  for (const [field, path, isOne] of [
    ['kernel', distro.kernel, isKernelName],
    ['initrd', distro.initrd, isInitrdName],
  ] as const) {
    if (path === '' && field === 'initrd') continue
    if (path === '')
      throw new OrchestraError('item.invalid', `Error with distro ${distro.name} - ${field} is required`, { field })
    if (!path.startsWith('/'))
      throw new OrchestraError('item.invalid', `${field} of distro ${distro.name} must be an absolute path: ${path}`, {
        field,
      })
    const fileName = path.slice(path.lastIndexOf('/') + 1)
    if (!isOne(fileName)) {
      throw new OrchestraError('item.invalid', `${field} of distro ${distro.name} is not named like one: ${fileName}`, {
        field,
      })
    }
  }
}
