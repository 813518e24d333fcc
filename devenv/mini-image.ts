/**
 * The mini profile's netboot tree: a kernel and a ramdisk that installs (see mini/). Built once from this machine's own
 * packages and kept in the lab's cache, by what it was built from.
 */
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { exec } from '../src/lib/exec.ts'
import { fetchGrub, makeGrub } from './grub-images.ts'
import { fetchKernel, type Kernel } from './kernel.ts'
import { findOs, unpackPackages } from './packages.ts'

const SOURCES = join(import.meta.dirname, 'mini')

export interface MiniImage {
  /** A folder with the two files, as `orchestra import` wants it. */
  readonly folder: string
  readonly kernel: string
  readonly initrd: string
}

export async function buildMiniImage(cache: string, say: (sentence: string) => void = () => {}): Promise<MiniImage> {
  const kernel = await fetchKernel(findOs(), cache)
  const [busybox] = await unpackPackages(['busybox-static'], cache)
  if (!busybox) throw new Error('a package was not unpacked')
  const grub = await fetchGrub(cache)
  const folder = join(cache, 'mini', digest([kernel.key, busybox.key, grub.key, ...sources()]))
  const image = { folder, kernel: join(folder, 'vmlinuz'), initrd: join(folder, 'initrd.img') }
  if (existsSync(folder)) return image
  say(`Building the mini profile from ${kernel.release} and busybox (kept in ${cache})`)

  mkdirSync(dirname(folder), { recursive: true })
  const work = mkdtempSync(`${folder}.part-`)
  try {
    const ramdisk = join(work, 'ramdisk')
    fillRamdisk(ramdisk, kernel, busyboxIn(busybox.folder))
    await makeGrub(grub, 'orchestra-mini', join(ramdisk, 'lib/grub'))
    const tree = join(work, 'tree')
    mkdirSync(tree)
    writeFileSync(join(tree, 'initrd.img'), await packRamdisk(ramdisk, join(work, 'initrd.cpio')))
    cpSync(kernel.image, join(tree, 'vmlinuz'))
    renameSync(tree, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return image
}

function sources(): string[] {
  const scripts = readdirSync(SOURCES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = scripts.map((entry) => join(entry.parentPath, entry.name)).sort()
  return [...paths, import.meta.filename].map((path) => readFileSync(path, 'utf8'))
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

function busyboxIn(folder: string): string {
  const path = ['bin/busybox', 'usr/bin/busybox'].map((name) => join(folder, name)).find(existsSync)
  if (!path) throw new Error('the package busybox-static has no busybox')
  return path
}

function fillRamdisk(root: string, kernel: Kernel, busybox: string): void {
  for (const name of ['bin', 'dev', 'lib/modules', 'lib/grub', 'proc', 'root', 'sys', 'tmp', 'var/lib', 'etc']) {
    mkdirSync(join(root, name), { recursive: true })
  }
  cpSync(busybox, join(root, 'bin/busybox'))
  for (const name of readdirSync(join(SOURCES, 'ramdisk'))) {
    const path = name === 'init' ? join(root, name) : join(root, 'bin', name)
    cpSync(join(SOURCES, 'ramdisk', name), path)
    chmodSync(path, 0o755)
  }
  for (const name of ['installed-init', 'cloud-config.awk']) cpSync(join(SOURCES, name), join(root, 'lib', name))
  chmodSync(join(root, 'lib/installed-init'), 0o755)
  const modules = kernel.modules()
  for (const { name, bytes } of modules) writeFileSync(join(root, 'lib/modules', `${name}.ko`), bytes)
  writeFileSync(join(root, 'lib/modules/order'), modules.map(({ name }) => `${name}.ko\n`).join(''))
}

async function packRamdisk(root: string, output: string): Promise<Uint8Array> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()
  await exec('cpio', ['-o', '-H', 'newc', '-R', '+0:+0', '--reproducible', '--quiet', '-O', output], {
    cwd: root,
    stdin: `${['.', ...paths].join('\n')}\n`,
  })
  // Level 6: TFTP's time for a byte is more than the guest's time to unpack it.
  return gzipSync(readFileSync(output), { level: 6 })
}
