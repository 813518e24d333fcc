/** What a profile is made of, fetched and made before the lab starts; and what runs beside it for as long as the lab is there. */
import { constants, copyFileSync, linkSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildDebianImage, IMAGE_LAYOUT, IMAGE_PACKAGES } from './debian-image.ts'
import { type Installer, prepareInstaller, soundQemu } from './debian-installer.ts'
import type { Qemu } from './machines.ts'
import { startMirror } from './mirror.ts'
import { type ProfileName, SUITES } from './nodes.ts'
import { INSTALLER_PACKAGES } from './whole-installer.ts'

/** Of an image, below `/boot/` of the server's HTTP. */
export const IMAGE_PATH = 'debian/disk.img'

export interface ProfileParts {
  /** Of the real debian-installer's profiles. */
  readonly installer?: Installer
  /** Of the profile that lays an image: the file of a whole disk. */
  readonly image?: string
  /** Undefined: this machine's own will do. */
  readonly qemu?: Qemu | undefined
}

/** Debian packages that this machine must have for it, beyond the lab's own. */
export function packagesOf(profile: ProfileName): readonly string[] {
  if (profile === 'mini') return []
  return profile === 'debian' ? IMAGE_PACKAGES : INSTALLER_PACKAGES
}

/** Where the root file system of an installed machine begins on its disk: bytes. */
export function rootOffsetOf(profile: ProfileName): number {
  return (profile === 'debian' ? IMAGE_LAYOUT.root.at : 1) * 1_048_576
}

interface PartsNeeds {
  readonly cache: string
  /** Base URL of a package mirror; else this machine's. */
  readonly mirror: string | undefined
  readonly say: (sentence: string) => void
}

export async function prepareParts(profile: ProfileName, { cache, mirror, say }: PartsNeeds): Promise<ProfileParts> {
  if (profile === 'mini') return {}
  const qemu = await soundQemu(cache)
  if (profile === 'debian') return { qemu, image: await buildDebianImage(cache, SUITES.debian, say, mirror) }
  return { qemu, installer: await prepareInstaller(cache, say, mirror, SUITES[profile]) }
}

/** Puts an image where the daemon serves it: a link where that can be, for it is large. */
export function placeImage(file: string, bootRoot: string): void {
  const path = join(bootRoot, IMAGE_PATH)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    linkSync(file, path)
  } catch {
    copyFileSync(file, path, constants.COPYFILE_FICLONE)
  }
}

/** Answers how to end what it has started. @param socket where the lab's machines are led to a mirror */
export async function startParts(
  { installer }: ProfileParts,
  socket: string,
  note: (line: string) => void,
): Promise<() => void> {
  return installer ? await startMirror(socket, installer.mirror, installer.amended, note) : () => {}
}
