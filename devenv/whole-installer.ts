/**
 * The debian-installer for archives that do not have all of its parts: its netboot image and the parts (udebs) that it fetches
 * are of two ages between a point release and its mirrors, and some mirrors have no udebs at all. What is missing is laid into
 * the ramdisk beforehand, from the ordinary packages that the same archive has; with a whole archive nothing is changed.
 */
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { EnvHttpProxyAgent, request } from 'undici'
import { exec } from '../src/lib/exec.ts'
import { unpackFrom } from './archive.ts'

export interface InstallerTree {
  /** With `linux` and `initrd.gz`. */
  readonly folder: string
  /** Base URL of the archive that it will install from. */
  readonly mirror: string
  readonly suite: string
  readonly cache: string
  readonly say: (sentence: string) => void
}

/** What it takes. */
export const INSTALLER_PACKAGES = ['kmod', 'cpio', 'debian-archive-keyring'] as const

/** Kernel modules for the disks of virtual machines and what is on them, and those without which the partitioner stops. */
const MODULES = [
  ...['ext4', 'virtio_blk', 'virtio_scsi', 'virtio_pci', 'ahci', 'ata_piix', 'sd_mod', 'sr_mod', 'nvme', 'loop'],
  ...['dm-mod', 'dm-crypt', 'md-mod', 'raid0', 'raid1', 'raid10', 'raid456', 'linear'],
]
/** The udebs that they stand for. */
const MODULE_UDEBS = [
  'ext4-modules',
  'scsi-modules',
  'ata-modules',
  'sata-modules',
  'md-modules',
  'loop-modules',
  'cdrom-core-modules',
]

const LIB = 'usr/lib/x86_64-linux-gnu'
/** Programs by the udeb that has them, in ordinary packages; what else is missing of the archive is not needed for an install. */
const PROGRAMS: readonly { readonly packages: readonly string[]; readonly files: readonly string[] }[] = [
  {
    packages: ['e2fsprogs', 'libext2fs2', 'libcom-err2', 'libss2'],
    files: [
      'usr/sbin/{mke2fs,mkfs.ext*,e2fsck,fsck.ext*,tune2fs,resize2fs,badblocks}',
      'etc/mke2fs.conf',
      `${LIB}/lib{ext2fs,e2p,com_err,ss}.so*`,
    ],
  },
  {
    packages: ['fdisk', 'libfdisk1', 'libmount1', 'libsmartcols1'],
    files: ['usr/sbin/{fdisk,sfdisk,cfdisk}', `${LIB}/lib{fdisk,mount,smartcols}.so*`],
  },
]

/** Without these there is no install, and no ordinary package has them. */
const ESSENTIAL = [
  ...[
    'anna',
    'apt-setup-udeb',
    'base-installer',
    'bootstrap-base',
    'clock-setup',
    'debootstrap-udeb',
    'finish-install',
  ],
  ...['grub-installer', 'netcfg', 'net-retriever', 'partman-auto', 'partman-base', 'partman-target', 'pkgsel'],
  ...['preseed-common', 'user-setup-udeb'],
]

interface Stanza {
  readonly name: string
  readonly version: string
  readonly text: string
  readonly file: string
}

/** Answers a folder with `linux` and `initrd.gz`; the given one when nothing is missing. */
export async function wholeInstaller(tree: InstallerTree, index: string): Promise<string> {
  const { folder, suite, cache, say } = tree
  const whole = join(cache, 'installers', suite)
  if (existsSync(join(whole, 'initrd.gz'))) return whole
  const work = mkdtempSync(join(tmpdir(), 'orchestra-installer-'))
  try {
    const ramdisk = join(work, 'ramdisk')
    await unpackRamdisk(join(folder, 'initrd.gz'), ramdisk)
    const installed = stanzasOf(readFileSync(join(ramdisk, 'var/lib/dpkg/status'), 'utf8'))
    const root = modulesIn(ramdisk)
    const kernel = readdirSync(join(ramdisk, root))[0] ?? ''
    const { missing, hasModules } = await askArchive(tree, stanzasOf(index), installed, kernel)
    if (missing.length === 0 && hasModules) return folder
    const lost = missing.flatMap(({ name }) => (ESSENTIAL.includes(name) ? [name] : []))
    if (lost.length > 0) {
      throw new Error(
        `${tree.mirror} lacks parts of the installer of ${suite} that nothing else has (${lost.sort().join(', ')}): name another archive with --mirror`,
      )
    }
    say(
      `The archive lacks ${missing.length} parts of the installer${hasModules ? '' : ` and the modules of its kernel, ${kernel}`}: they are made from ordinary packages`,
    )
    const more = join(work, 'more')
    const files = await layFiles(tree, more, hasModules ? undefined : { kernel, ramdisk })
    const ours = [
      ...missing.map(({ name, version }) => ({ name, version, provides: '' })),
      ...(hasModules ? [] : modulesAs(kernel)),
    ]
    const status = [readFileSync(join(ramdisk, 'var/lib/dpkg/status'), 'utf8').trim(), ...ours.map(asInstalled)]
    mkdirSync(join(more, 'var/lib/dpkg'), { recursive: true })
    writeFileSync(join(more, 'var/lib/dpkg/status'), `${status.join('\n\n')}\n\n`)
    say(`${files} files were added`)
    const part = mkdtempSync(join(work, 'whole-'))
    cpSync(join(folder, 'linux'), join(part, 'linux'))
    writeFileSync(join(part, 'initrd.gz'), Buffer.concat([readFileSync(join(folder, 'initrd.gz')), await packed(more)]))
    mkdirSync(dirname(whole), { recursive: true })
    rmSync(whole, { recursive: true, force: true })
    cpSync(part, whole, { recursive: true })
    return whole
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** A second archive behind the first, as the kernel takes them. */
async function packed(folder: string): Promise<Buffer> {
  const out = `${folder}.cpio`
  await exec('sh', ['-c', 'cd "$0" && find . | sort | cpio --quiet -o -H newc -R 0:0 >"$1"', folder, out], {
    timeout: 120_000,
  })
  const bytes = gzipSync(readFileSync(out), { level: 1 })
  rmSync(out)
  return bytes
}

const MODULE_ROOTS = ['usr/lib/modules', 'lib/modules'] as const

/** Where a tree has its kernel's modules: releases differ. @throws Error when it has none */
function modulesIn(tree: string): string {
  const root = MODULE_ROOTS.find((path) => existsSync(join(tree, path)))
  if (root === undefined) throw new Error(`${tree} has no kernel modules`)
  return root
}

async function unpackRamdisk(initrd: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const cpio = `${folder}.cpio`
  writeFileSync(cpio, gunzipSync(readFileSync(initrd)))
  const patterns = [...MODULE_ROOTS.map((root) => `${root}/*`), 'var/lib/dpkg/status']
  await exec('sh', ['-c', 'cd "$0" && cpio --quiet -idm "$2" "$3" "$4" <"$1"', folder, cpio, ...patterns], {
    timeout: 120_000,
  })
  renameSync(cpio, `${folder}.done`)
  rmSync(`${folder}.done`)
}

function stanzasOf(text: string): Stanza[] {
  return text.split(/\n\n+/).flatMap((stanza) => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? ''
    const name = field('Package')
    return name === '' ? [] : [{ name, version: field('Version'), text: stanza, file: field('Filename') }]
  })
}

/** Which udebs the archive names and does not have, beside those that the ramdisk has and those of other kernels. */
async function askArchive(
  { mirror }: InstallerTree,
  index: readonly Stanza[],
  installed: readonly Stanza[],
  kernel: string,
) {
  const dispatcher = new EnvHttpProxyAgent({ connections: 16 })
  const has = new Set(installed.map(({ name }) => name))
  // The graphical installer and speech are not in the netboot image's way.
  const wanted = index.filter(({ name }) => !has.has(name) && !/-di$|gtk|at-spi|libatk|espeak|speakup/.test(name))
  const missing: Stanza[] = []
  const modules = index.find(({ name }) => name === `ext4-modules-${kernel}-di`)
  const queue = modules ? [...wanted, modules] : [...wanted]
  let hasModules = modules !== undefined
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { statusCode, body } = await request(`${mirror}/${next.file}`, { method: 'HEAD', dispatcher })
        await body.dump()
        if (statusCode === 200) continue
        if (next === modules) hasModules = false
        else missing.push(next)
      }
    }),
  )
  await dispatcher.close()
  return { missing, hasModules }
}

const modulesAs = (kernel: string) =>
  MODULE_UDEBS.map((udeb) => ({ name: `${udeb}-${kernel}-di`, version: '1', provides: udeb }))

function asInstalled({ name, version, provides }: { name: string; version: string; provides: string }): string {
  return [
    ...[`Package: ${name}`, 'Status: install ok installed', 'Architecture: amd64', `Version: ${version}`],
    ...(provides ? [`Provides: ${provides}`] : []),
    'Description: laid into the ramdisk',
  ].join('\n')
}

/** Answers how many. */
async function layFiles(
  { mirror, suite, cache }: InstallerTree,
  more: string,
  modules: { readonly kernel: string; readonly ramdisk: string } | undefined,
): Promise<number> {
  // The transition to 64-bit time renamed it.
  const named = (name: string) => (name === 'libext2fs2' && suite !== 'bookworm' ? 'libext2fs2t64' : name)
  const names = [
    ...PROGRAMS.flatMap(({ packages }) => packages.map(named)),
    ...(modules ? [`linux-image-${modules.kernel}`] : []),
  ]
  const from = join(cache, `packages/installer-parts-${suite}-${modules?.kernel ?? 'programs'}`)
  await unpackFrom(mirror, suite, names, from)
  const lay = (path: string) => {
    mkdirSync(dirname(join(more, path)), { recursive: true })
    cpSync(join(from, path), join(more, path), { verbatimSymlinks: true })
  }
  const programs = globSync(
    PROGRAMS.flatMap(({ files }) => files),
    { cwd: from },
  )
  for (const path of programs) lay(path)
  if (!modules) return programs.length
  const { kernel, ramdisk } = modules
  const root = modulesIn(from)
  // depmod knows one place alone.
  mkdirSync(`${more}.base/lib`, { recursive: true })
  symlinkSync(join(from, root), `${more}.base/lib/modules`)
  await exec('depmod', ['--basedir', `${more}.base`, kernel], { timeout: 120_000 })
  const added = closureOf(readFileSync(join(from, root, kernel, 'modules.dep'), 'utf8'))
  const place = join(modulesIn(ramdisk), kernel)
  // depmod must see what was there and what came.
  const union = join(`${more}.union/lib/modules`, kernel)
  cpSync(join(ramdisk, place), union, { recursive: true })
  for (const path of added) {
    for (const to of [join(more, place, path), join(union, path)]) {
      mkdirSync(dirname(to), { recursive: true })
      cpSync(join(from, root, kernel, path), to)
    }
  }
  await exec('depmod', ['--basedir', `${more}.union`, kernel], { timeout: 120_000 })
  for (const path of globSync('modules.*', { cwd: union })) cpSync(join(union, path), join(more, place, path))
  rmSync(`${more}.union`, { recursive: true })
  return programs.length + added.size
}

/** The wanted modules and all that they need. @param dep modules.dep: `kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz …` */
function closureOf(dep: string): Set<string> {
  const added = new Set<string>()
  for (const line of dep.split('\n')) {
    const [path = '', needs = ''] = line.split(':')
    const name = /([^/]+)\.ko(\.\w+)?$/.exec(path)?.[1]?.replaceAll('_', '-')
    if (name === undefined || !MODULES.some((one) => one.replaceAll('_', '-') === name)) continue
    for (const one of [path, ...needs.trim().split(' ')]) if (one !== '') added.add(one)
  }
  return added
}
