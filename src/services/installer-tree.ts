/** Where in a tree of files an installer's kernel and initrd are, told from the paths alone. */
import { isInitrdName, isKernelName } from '../model/distro.ts'
import { OrchestraError } from '../model/errors.ts'

export interface InstallerTree {
  /** Paths below the tree's root. */
  readonly kernel: string
  readonly initrd: string
  /** The distribution's note on which release this is; undefined when there is none. */
  readonly note: string | undefined
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
  // Red Hat's discs have the same files twice, once for booting from the disc.
  const forNetwork = plain.filter(({ kernel }) => /(^|\/)images\/pxeboot\//.test(kernel))
  const [first, ...others] = [forNetwork, plain, found].find((some) => some.length > 0) ?? []
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
  return { ...first, note: noteOf(first.kernel, paths) }
}

function pairsOf(paths: readonly string[]): Omit<InstallerTree, 'note'>[] {
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

/** Debian's installer, Ubuntu's live one, Red Hat's and SUSE's. */
const NOTES = ['version.info', '.disk/info', '.treeinfo']

function noteOf(kernel: string, paths: readonly string[]): string | undefined {
  for (let folder = folderOf(kernel); ; folder = folderOf(folder)) {
    const found = NOTES.map((name) => (folder === '' ? name : `${folder}/${name}`)).find((path) => paths.includes(path))
    if (found !== undefined || folder === '') return found
  }
}

export interface Release {
  readonly breed: string
  readonly osVersion: string
  readonly arch?: string | undefined
}

/** What a note says; undefined for one that is not understood. @param path of the note */
export function readNote(path: string, text: string): Release | undefined {
  switch (lastOf(path)) {
    case 'version.info': {
      // `Debian version:  12 (bookworm)`
      const [, vendor, release] = /^(\w+) version:\s+[^(\n]*\((\w+)\)/m.exec(text) ?? []
      return vendor === undefined || release === undefined
        ? undefined
        : { breed: vendor.toLowerCase(), osVersion: release }
    }
    case 'info': {
      // `Ubuntu-Server 22.04.3 LTS "Jammy Jellyfish" - Release amd64 (20230810)`
      const [, vendor, release] = /^(Ubuntu|Debian)\b[^"]*"(\w+)/.exec(text) ?? []
      if (vendor === undefined || release === undefined) return undefined
      const arch = archOf(text.split(/\s+/).find((word) => archOf(word) !== undefined))
      return { breed: vendor.toLowerCase(), osVersion: release.toLowerCase(), arch }
    }
    default:
      return readTreeInfo(text)
  }
}

function readTreeInfo(text: string): Release | undefined {
  // Anaconda's programs read the section [general]; the others say the same in other words.
  const general = /^\[general\]$([\s\S]*?)(?=^\[|$(?![\s\S]))/m.exec(text)?.[1] ?? ''
  const value = (key: string) => new RegExp(`^${key}\\s*=\\s*(.+?)\\s*$`, 'm').exec(general)?.[1] ?? ''
  const [family, version, arch] = [value('family'), value('version'), archOf(value('arch'))]
  const major = /^\d+/.exec(version)?.[0]
  if (family === '' || major === undefined) return undefined
  if (/suse/i.test(family)) {
    return { breed: 'suse', osVersion: `${/opensuse/i.test(family) ? 'opensuse' : 'sles'}${major}`, arch }
  }
  return { breed: 'redhat', osVersion: `${/fedora/i.test(family) ? 'fedora' : 'rhel'}${major}`, arch }
}

function archOf(word: string | undefined): string | undefined {
  return word !== undefined && Object.hasOwn(ARCHES, word) ? ARCHES[word] : undefined
}

/** Ubuntu's releases whose server was installed by debian-installer. */
const BEFORE_SUBIQUITY = new Set(
  'dapper edgy feisty gutsy hardy intrepid jaunty karmic lucid maverick natty oneiric precise quantal raring saucy trusty utopic vivid wily xenial yakkety zesty artful bionic cosmic disco eoan'.split(
    ' ',
  ),
)

/** The flavor that goes with an installer's tree; undefined: a preseed, which is what profiles inherit. */
export function flavorFor({ kernel, note }: InstallerTree, breed: string, osVersion: string): string | undefined {
  if (breed === 'redhat') return 'kickstart.ks'
  if (breed === 'suse') return 'autoyast.xml'
  if (breed !== 'ubuntu') return undefined
  const isLive = /(^|\/)casper\//.test(kernel)
  const isPreseeded = note !== undefined && lastOf(note) === 'version.info'
  const isNew = osVersion !== '' && !BEFORE_SUBIQUITY.has(osVersion)
  return isLive || (isNew && !isPreseeded) ? 'autoinstall.yaml' : undefined
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0))
}

export function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
