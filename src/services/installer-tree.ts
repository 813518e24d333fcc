/** Where in a tree of files an installer's kernel and initrd are, told from the paths alone. */
import { isInitrdName, isKernelName } from '../model/distro.ts'
import { OrchestraError } from '../model/errors.ts'

export interface InstallerTree {
  /** Paths below the tree's root. */
  readonly kernel: string
  readonly initrd: string
  /** Debian's note on which release this is; undefined when there is none. */
  readonly versionInfo: string | undefined
  /** Cobbler's word, where a folder's name tells it. */
  readonly arch: string | undefined
}

/** Debian's words for architectures, and Cobbler's. */
const ARCHES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  x86_64: 'x86_64',
  i386: 'i386',
  arm64: 'aarch64',
  aarch64: 'aarch64',
  armhf: 'armhfp',
  ppc64el: 'ppc64le',
  ppc64le: 'ppc64le',
  riscv64: 'riscv64',
  s390x: 's390x',
}

/** Names that a kernel goes by before others that only begin like one. */
const USUAL = ['linux', 'vmlinuz', 'bzImage', 'initrd.gz', 'initrd.img', 'initrd']

/**
 * @param arch Cobbler's word; undefined: whichever there is.
 * @throws OrchestraError content.invalid, naming what was looked for
 */
export function findInstaller(paths: readonly string[], arch: string | undefined, where: string): InstallerTree {
  const found = pairsOf(paths).filter((one) => arch === undefined || one.arch === undefined || one.arch === arch)
  // Debian's graphical installer and the one for Xen are the same release in another dress.
  const plain = found.filter(({ kernel }) => !/(^|\/)(gtk|xen)\//.test(kernel))
  const [first, ...others] = plain.length > 0 ? plain : found
  if (!first) {
    throw new OrchestraError(
      'content.invalid',
      `no installer in ${where}: looked for a folder with a kernel (linux, vmlinuz …) and an initrd (initrd.gz, initrd.img …)${
        arch === undefined ? '' : ` for ${arch}`
      } among its ${paths.length} files`,
    )
  }
  if (others.length > 0) {
    const folders = [first, ...others].map(({ kernel }) => folderOf(kernel) || '.')
    throw new OrchestraError(
      'content.invalid',
      `${folders.length} installers in ${where}: ${folders.slice(0, 6).join(', ')}; name the folder of one, or the arch`,
    )
  }
  return { ...first, versionInfo: versionInfoOf(first.kernel, paths) }
}

function pairsOf(paths: readonly string[]): Omit<InstallerTree, 'versionInfo'>[] {
  const byFolder = new Map<string, string[]>()
  for (const path of paths) byFolder.set(folderOf(path), [...(byFolder.get(folderOf(path)) ?? []), path])
  return [...byFolder].flatMap(([folder, files]) => {
    const kernel = best(files.filter((path) => isKernelName(lastOf(path))))
    const initrd = best(files.filter((path) => isInitrdName(lastOf(path))))
    if (kernel === undefined || initrd === undefined) return []
    const arch = folder.split('/').findLast((part) => Object.hasOwn(ARCHES, part))
    return [{ kernel, initrd, arch: arch === undefined ? undefined : ARCHES[arch] }]
  })
}

function best(files: readonly string[]): string | undefined {
  const rank = (path: string) => {
    const at = USUAL.indexOf(lastOf(path))
    return at < 0 ? USUAL.length : at
  }
  return files.toSorted(
    (one, other) => rank(one) - rank(other) || one.length - other.length || (one < other ? -1 : 1),
  )[0]
}

function versionInfoOf(kernel: string, paths: readonly string[]): string | undefined {
  for (let folder = folderOf(kernel); ; folder = folderOf(folder)) {
    const path = folder === '' ? 'version.info' : `${folder}/version.info`
    if (paths.includes(path)) return path
    if (folder === '') return undefined
  }
}

/** `Debian version:  12 (bookworm)`. */
export function readVersionInfo(text: string): { breed: string; osVersion: string } | undefined {
  const [, vendor, release] = /^(\w+) version:\s+[^(\n]*\((\w+)\)/m.exec(text) ?? []
  return vendor === undefined || release === undefined ? undefined : { breed: vendor.toLowerCase(), osVersion: release }
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0))
}

export function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
