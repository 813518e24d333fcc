/**
 * A ready disk image of Debian, for the profile that streams it (preseeds/raw.sh): unpacked by mmdebstrap, with GRUB for BIOS and
 * UEFI beside it. Made once, in a minute or less, and kept in the lab's cache.
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { exec } from '../src/lib/exec.ts'
import { findMirror, KEYRING } from './archive.ts'
import type { Suite } from './debian-installer.ts'
import { fetchGrub, makeGrub } from './grub-images.ts'
import { howToBeRoot } from './packages.ts'

/** To be installed on this machine before an image is made. */
export const IMAGE_PACKAGES = ['mmdebstrap', 'debian-archive-keyring', 'dosfstools', 'mtools', 'fdisk']

const CUSTOMIZE = join(import.meta.dirname, 'debian-image/customize.sh')
const MINUTES = 60_000
const MB = 1_048_576
const SECTORS_IN_MB = MB / 512

/** What a server in a network needs, and no more: it is sent to every machine. */
const CONTENT = [
  ...['linux-image-cloud-amd64', 'initramfs-tools', 'grub2-common', 'systemd-sysv', 'systemd-resolved', 'udev', 'dbus'],
  ...['cloud-init', 'cloud-guest-utils', 'fdisk', 'e2fsprogs', 'openssh-server', 'sudo', 'iproute2', 'ca-certificates'],
  ...['curl', 'less'],
]
/** Nobody reads them on a machine that is to be gone tomorrow. */
const LEFT_OUT = ['/usr/share/man/*', '/usr/share/doc/*', '/usr/share/locale/*', '/usr/share/info/*']

/** MBR, megabytes: the EFI system partition first, so that the root file system can grow to the end of any disk. */
export const IMAGE_LAYOUT = { efi: { at: 1, size: 16 }, root: { at: 17, number: 2 } } as const
const LABEL = 'orchestra-root'

/** The path of a whole disk, raw. @param mirror base URL of a Debian archive; this machine's unless told. @throws Error with the last words of what failed */
export async function buildDebianImage(
  cache: string,
  suite: Suite,
  say: (sentence: string) => void,
  mirror?: string,
): Promise<string> {
  const [archive, grub] = [mirror ?? (await findMirror()), await fetchGrub(cache)]
  const made = [import.meta.filename, CUSTOMIZE].map((path) => readFileSync(path, 'utf8'))
  const folder = join(cache, 'debian-image', `${suite}-${digest([archive, grub.key, ...made])}`)
  if (!existsSync(folder)) {
    say(`Making an image of Debian ${suite} from ${archive} (kept in ${folder}; remove that for a newer one)`)
    mkdirSync(dirname(folder), { recursive: true })
    const work = mkdtempSync(`${folder}.part-`)
    const root = await howToBeRoot('mmdebstrap')
    try {
      const tree = join(work, 'tree')
      await unpackSystem(root, archive, suite, tree)
      const part = join(work, 'root.ext4')
      await packRoot(root, tree, part)
      mkdirSync(join(work, 'image'))
      await makeGrub(grub, LABEL, work)
      const file = join(work, 'image/disk.img')
      await joinDisk(file, part, await packEfi(work))
      renameSync(join(work, 'image'), folder)
    } finally {
      await run(root, 'rm', ['-rf', work])
    }
  }
  return join(folder, 'disk.img')
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

function run(root: readonly string[], program: string, args: readonly string[]): Promise<string> {
  const [first = program, ...rest] = [...root, program, ...args]
  return exec(first, rest, { timeout: 15 * MINUTES })
}

async function unpackSystem(root: readonly string[], archive: string, suite: Suite, tree: string): Promise<void> {
  await run(root, 'mmdebstrap', [
    ...['--mode=root', '--variant=apt', '--architectures=amd64', '--format=directory', '--quiet'],
    ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    `--include=${CONTENT.join(',')}`,
    `--customize-hook=${CUSTOMIZE}`,
    ...[suite, tree, `deb [signed-by=${KEYRING}] ${archive} ${suite} main`],
  ])
}

/** An ext4 file system with all of it, a fifth larger than that; the first boot lets it grow. */
async function packRoot(root: readonly string[], tree: string, part: string): Promise<void> {
  const [kilobytes = ''] = (await run(root, 'du', ['-skx', tree])).split('\t')
  const size = Math.ceil((Number(kilobytes) / 1024) * 1.2) + 32
  await run(root, 'mke2fs', ['-q', '-t', 'ext4', '-m', '1', '-L', LABEL, '-d', tree, part, `${size}M`])
  if (root.length > 0) await run(root, 'chown', [`${process.getuid?.()}`, part])
}

/** The one file that UEFI looks for on a disk that nobody has told it of. */
async function packEfi(work: string): Promise<string> {
  const part = join(work, 'efi.fat')
  await exec('mkfs.vfat', ['-C', '-n', 'EFI', part, `${IMAGE_LAYOUT.efi.size * 1024}`])
  await exec('mmd', ['-i', part, '::/EFI', '::/EFI/BOOT'])
  await exec('mcopy', ['-i', part, join(work, 'efi.img'), '::/EFI/BOOT/BOOTX64.EFI'])
  return part
}

async function joinDisk(disk: string, root: string, efi: string): Promise<void> {
  const { efi: first, root: second } = IMAGE_LAYOUT
  const megabytes = statSync(root).size / MB
  writeFileSync(disk, '')
  truncateSync(disk, (second.at + megabytes) * MB)
  const lines = [
    `${first.at * SECTORS_IN_MB},${first.size * SECTORS_IN_MB},ef`,
    `${second.at * SECTORS_IN_MB},${megabytes * SECTORS_IN_MB},83,*`,
  ]
  await exec('sfdisk', ['--quiet', '--label', 'dos', disk], { stdin: `${lines.join('\n')}\n` })
  const put = (from: string, ...how: string[]) =>
    exec('dd', [`if=${from}`, `of=${disk}`, 'conv=notrunc,sparse', 'status=none', ...how])
  // boot.img keeps its hands off the partition table; core.img fits between it and the first partition.
  await put(join(dirname(root), 'boot.img'), 'bs=440', 'count=1')
  await put(join(dirname(root), 'core.img'), 'bs=512', 'seek=1')
  await put(efi, 'bs=1M', `seek=${first.at}`)
  await put(root, 'bs=1M', `seek=${second.at}`)
}
