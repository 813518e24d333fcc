/**
 * What a machine wants, told from the path it asks for: a boot config in some format, a distro's kernel or initrd, or a
 * plain file. Pure: nothing is looked up here, and whether a plain file may be opened is for lib/files.ts to say.
 */
import { asMac, type Mac } from '../model/address.ts'

export type BootFormat = 'pxelinux' | 'grub' | 'ipxe'

export type RequestedFile =
  /** `mac` is undefined where the path does not tell who asks: then the address of the peer must. */
  | { readonly want: 'config'; readonly format: BootFormat; readonly mac: Mac | undefined }
  | { readonly want: 'distro-file'; readonly distro: string; readonly file: string }
  | { readonly want: 'file'; readonly name: string }
  | { readonly want: 'nothing'; readonly because: string }

/** @param path as asked for; slashes in front or doubled make no difference. */
export function readRequestPath(path: string): RequestedFile {
  const name = path.replace(/\/{2,}/g, '/').replace(/^\//, '')
  const [folder, last] = splitLast(name)

  if (folder === 'pxelinux.cfg' || folder.endsWith('/pxelinux.cfg')) return pxelinuxConfig(last)

  const [, distro, file] = /^images\/([^/]+)\/([^/]+)$/.exec(name) ?? []
  if (distro !== undefined && file !== undefined) return { want: 'distro-file', distro, file }

  if (last === 'grub.cfg') {
    // Debian's network GRUB tries $prefix/x86_64-efi/grub.cfg first. One config is enough, and this one is looked for, then read.
    if (/(^|\/)(x86_64|i386|arm64)-efi$/.test(folder)) return nothing('GRUB asks again without its platform')
    return { want: 'config', format: 'grub', mac: undefined }
  }
  if (last.startsWith('grub.cfg-')) return byMac('grub', last.slice('grub.cfg-'.length))

  if (last === 'autoexec.ipxe') return { want: 'config', format: 'ipxe', mac: undefined }
  if (folder === 'ipxe') {
    const script = byMac('ipxe', last.replace(/\.ipxe$/, ''))
    if (script.want === 'config') return script
  }
  return { want: 'file', name }
}

/** PXELINUX asks by UUID, by MAC, by address with ever fewer digits, then for `default`: ten questions, of which one counts. */
function pxelinuxConfig(last: string): RequestedFile {
  if (last === 'default') return { want: 'config', format: 'pxelinux', mac: undefined }
  return byMac('pxelinux', last)
}

/** `01-52-54-00-…` (1: Ethernet), or the MAC alone. */
function byMac(format: BootFormat, last: string): RequestedFile {
  const mac = asMac(last.replace(/^01-(?=.{17}$)/, ''))
  return mac ? { want: 'config', format, mac } : nothing(`${format} is answered by MAC address, and this is none`)
}

function splitLast(name: string): [folder: string, last: string] {
  const at = name.lastIndexOf('/')
  return [name.slice(0, Math.max(at, 0)), name.slice(at + 1)]
}

function nothing(because: string): RequestedFile {
  return { want: 'nothing', because }
}
