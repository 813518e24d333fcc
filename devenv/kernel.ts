/**
 * The kernel of the mini profile: this distribution's own virtual-machine kernel, unpacked and not installed, and the
 * modules that a virtual machine needs from it, found by what the modules themselves say that they depend on.
 */

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { candidatesOf, type Os, unpackPackages } from './packages.ts'

export interface Kernel {
  /** The packages it is made from, with their versions: a key for what is built from it. */
  readonly key: string
  /** `6.1.0-56-cloud-amd64` */
  readonly release: string
  /** The kernel's file. */
  readonly image: string
  /** The modules to load, in the order in which they can be loaded. */
  readonly modules: () => readonly KernelModule[]
}

export interface KernelModule {
  readonly name: string
  /** As the kernel wants it: not compressed. */
  readonly bytes: Uint8Array
}

/** What the mini profile needs of a kernel, built in or as a module: PCI, disk, network and the file systems. */
const WANTED = ['virtio_pci', 'virtio_blk', 'virtio_net', 'af_packet', 'ext4', 'vfat', 'nls_cp437', 'nls_utf8']

/** The package whose dependency is the kernel for virtual machines. */
const META = { debian: 'linux-image-cloud-amd64', ubuntu: 'linux-image-virtual' } as const

export async function fetchKernel(os: Os, cache: string): Promise<Kernel> {
  const meta = META[os.id]
  const depends = (await candidatesOf([meta], cache)).flatMap((one) => one.depends)
  const image = depends.find((name) => /^linux-image-\d/.test(name))
  if (!image) throw new Error(`${meta} depends on no linux-image package`)
  // Ubuntu keeps the modules in a package of their own.
  const more = (await candidatesOf([image], cache)).flatMap((one) => one.depends)
  const packages = await unpackPackages([image, ...more.filter((name) => /^linux-modules-\d/.test(name))], cache)
  const folders = packages.map(({ folder }) => folder)
  const kernel = folders.flatMap((folder) => filesOf(join(folder, 'boot'))).find((path) => /\/vmlinuz-/.test(path))
  if (!kernel) throw new Error(`${image} has no /boot/vmlinuz`)
  return {
    key: packages.map(({ key }) => key).join('+'),
    release: basename(kernel).replace('vmlinuz-', ''),
    image: kernel,
    modules: () => closeOver(WANTED, readTree(folders)),
  }
}

/** The modules of a kernel by name (with `_`, never `-`). */
export interface ModuleTree {
  readonly builtin: ReadonlySet<string>
  has(name: string): boolean
  /** Not compressed. */
  read(name: string): Uint8Array
}

function readTree(folders: readonly string[]): ModuleTree {
  const roots = folders.flatMap((folder) => [join(folder, 'lib/modules'), join(folder, 'usr/lib/modules')])
  const files = roots.flatMap(filesOf)
  const paths = new Map(files.flatMap((path) => (/\.ko(\.\w+)?$/.test(path) ? [[moduleName(path), path]] : [])))
  const lists = files.filter((path) => path.endsWith('/modules.builtin'))
  const builtin = lists.flatMap((path) => readFileSync(path, 'utf8').split('\n')).map(moduleName)
  return {
    builtin: new Set(builtin),
    has: (name) => paths.has(name),
    read: (name) => readModule(paths.get(name) ?? ''),
  }
}

/** `kernel/net/af-packet.ko.xz` is the module `af_packet`. */
function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_')
}

function filesOf(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  } catch {
    return []
  }
}

function readModule(path: string): Uint8Array {
  const bytes = readFileSync(path)
  if (path.endsWith('.zst')) return zstdDecompressSync(bytes)
  if (path.endsWith('.gz') || path.endsWith('.xz')) {
    // Node has no xz; both programs take the bytes on standard input.
    const { stdout, status } = spawnSync(path.endsWith('.xz') ? 'xz' : 'gzip', ['-dc'], {
      input: bytes,
      maxBuffer: 1 << 26,
    })
    if (status !== 0) throw new Error(`${path} cannot be unpacked`)
    return stdout
  }
  return bytes
}

/**
 * The wanted modules and all that they depend on, each after its dependencies; what is built in needs no loading.
 * @throws Error naming a module that is neither there nor built in
 */
export function closeOver(wanted: readonly string[], tree: ModuleTree): KernelModule[] {
  const found = new Map<string, KernelModule>()
  const visit = (name: string, asker: string) => {
    if (tree.builtin.has(name) || found.has(name)) return
    if (!tree.has(name)) throw new Error(`the kernel has no module ${name}, which ${asker} needs`)
    const bytes = tree.read(name)
    const { hard, soft } = dependencies(bytes)
    for (const other of hard) visit(other, name)
    // A soft dependency may be an algorithm's name (crc32c) instead of a module's; without it the module still loads.
    for (const other of soft) {
      const module = [other, `${other}_generic`].find((one) => tree.has(one))
      if (module) visit(module, name)
    }
    found.set(name, { name, bytes })
  }
  for (const name of wanted) visit(name, 'the lab')
  return [...found.values()]
}

/** The `.modinfo` section is a row of `key=value` strings, each ended by a NUL. */
function dependencies(module: Uint8Array): { hard: string[]; soft: string[] } {
  const text = Buffer.from(module).toString('latin1')
  const names = (list: string | undefined) =>
    (list ?? '')
      .split(/[,\s]+/)
      .filter(Boolean)
      .map(moduleName)
  return {
    hard: names(/\0depends=([\w,-]*)\0/.exec(text)?.[1]),
    soft: [...text.matchAll(/\0softdep=pre: ?([\w\s-]*?)(?: post:[^\0]*)?\0/g)].flatMap((match) => names(match[1])),
  }
}
