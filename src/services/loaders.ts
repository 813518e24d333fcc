/** The loaders that Debian and Ubuntu package: by the name that a machine asks for, where the file is and what brings it. */

export interface Loader {
  /** Absolute paths, the first that exists counts. */
  readonly paths: readonly string[]
  /** The package to install when none does. */
  readonly debian: string
}

const LIB = '/usr/lib'

/** PXELINUX's modules: what they can be named, all of them in one folder. */
const SYSLINUX_MODULE = /^[a-z0-9_]+\.c32$/
const GRUB_MODULE = /^grub\/((?:x86_64|i386|arm64)-efi)\/([a-z0-9_]+\.(?:mod|lst))$/
const GRUB_PACKAGE: Readonly<Record<string, string>> = {
  'x86_64-efi': 'grub-efi-amd64-bin',
  'i386-efi': 'grub-efi-ia32-bin',
  'arm64-efi': 'grub-efi-arm64-bin',
}

const LOADERS: Readonly<Record<string, Loader>> = {
  'pxelinux.0': { paths: [`${LIB}/PXELINUX/pxelinux.0`], debian: 'pxelinux' },
  'lpxelinux.0': { paths: [`${LIB}/PXELINUX/lpxelinux.0`], debian: 'pxelinux' },

  'undionly.kpxe': { paths: [`${LIB}/ipxe/undionly.kpxe`], debian: 'ipxe' },
  'ipxe.efi': { paths: [`${LIB}/ipxe/ipxe.efi`], debian: 'ipxe' },
  'snponly.efi': { paths: [`${LIB}/ipxe/snponly.efi`, `${LIB}/ipxe/ipxe.efi`], debian: 'ipxe' },
  'snponly-arm64.efi': {
    paths: [`${LIB}/ipxe/snponly-arm64.efi`, `${LIB}/ipxe/ipxe-arm64.efi`],
    debian: 'ipxe',
  },

  // The shim fetches the GRUB beside it, and MokManager when a key is to be enrolled. Not GRUB's image for disks: the one
  // for networks, which has the drivers in it that Secure Boot does not let it load.
  'shimx64.efi': { paths: [`${LIB}/shim/shimx64.efi.signed`], debian: 'shim-signed' },
  'mmx64.efi': {
    paths: [`${LIB}/shim/mmx64.efi.signed`, `${LIB}/shim/mmx64.efi`],
    debian: 'shim-helpers-amd64-signed',
  },
  'grubx64.efi': { paths: [`${LIB}/grub/x86_64-efi-signed/grubnetx64.efi.signed`], debian: 'grub-efi-amd64-signed' },
  'shimia32.efi': { paths: [`${LIB}/shim/shimia32.efi.signed`], debian: 'shim-signed:i386' },
  'grubia32.efi': {
    paths: [`${LIB}/grub/i386-efi-signed/grubnetia32.efi.signed`],
    debian: 'grub-efi-ia32-signed:i386',
  },
  'shimaa64.efi': { paths: [`${LIB}/shim/shimaa64.efi.signed`], debian: 'shim-signed:arm64' },
  'mmaa64.efi': { paths: [`${LIB}/shim/mmaa64.efi.signed`, `${LIB}/shim/mmaa64.efi`], debian: 'shim-signed:arm64' },
  'grubaa64.efi': {
    paths: [`${LIB}/grub/arm64-efi-signed/grubnetaa64.efi.signed`],
    debian: 'grub-efi-arm64-signed:arm64',
  },
}

/** What a machine boots first, and not what that loads behind it. */
const FIRST = /^(l?pxelinux\.0|undionly\.kpxe|(ipxe|snponly(-arm64)?|shim(x64|ia32|aa64))\.efi)$/

export const isFirstLoader = (name: string): boolean => FIRST.test(name)

export function findLoader(name: string): Loader | undefined {
  if (Object.hasOwn(LOADERS, name)) return LOADERS[name]
  if (SYSLINUX_MODULE.test(name)) {
    return { paths: [`${LIB}/syslinux/modules/bios/${name}`], debian: 'syslinux-common' }
  }
  const [, platform, module] = GRUB_MODULE.exec(name) ?? []
  if (platform === undefined) return undefined
  return { paths: [`${LIB}/grub/${platform}/${module}`], debian: GRUB_PACKAGE[platform] ?? 'grub2' }
}
