/** What Debian's profiles are made of: the real debian-installer, and a QEMU that can emulate its kernel. */
import { join } from 'node:path'
import { findMirror, unpackFrom } from './archive.ts'
import { readInstallerIndex } from './installer-index.ts'
import type { Qemu } from './machines.ts'
import { findOs } from './packages.ts'
import { wholeInstaller } from './whole-installer.ts'

/** Releases by their suites, with the number that their installer's package has. */
const NUMBERS = { bookworm: '12', trixie: '13' } as const
export type Suite = keyof typeof NUMBERS

export interface Installer {
  /** A folder with `linux` and `initrd.gz`. */
  readonly folder: string
  /** Base URL of the archive that it installs from. */
  readonly mirror: string
  /** What it gets of that in place of files. */
  readonly amended: ReadonlyMap<string, Buffer | undefined>
}

/** The installer of a release, fit for the archive. @param mirror this machine's unless told. @throws Error when the archive lacks too much */
export async function prepareInstaller(
  cache: string,
  say: (sentence: string) => void,
  mirror: string | undefined,
  suite: Suite,
): Promise<Installer> {
  const archive = mirror ?? (await findMirror())
  const { text, amended } = await readInstallerIndex(archive, suite)
  const tree = { folder: await fetchInstaller(cache, suite), mirror: archive, suite, cache, say }
  return { folder: await wholeInstaller(tree, text), mirror: archive, amended }
}

/** A folder with `linux` and `initrd.gz`. */
async function fetchInstaller(cache: string, suite: Suite): Promise<string> {
  const number = NUMBERS[suite]
  const folder = join(cache, `packages/debian-installer-${number}`)
  await unpackFrom(await findMirror(), suite, [`debian-installer-${number}-netboot-amd64`], folder)
  return join(folder, `usr/lib/debian-installer/images/${number}/amd64/text/debian-installer/amd64`)
}

/** QEMU 7.2's emulation lets a kernel of Debian 13 panic in one boot of eight; Debian 12 has a newer one in its backports. */
export async function soundQemu(cache: string): Promise<Qemu | undefined> {
  const { id, version } = findOs()
  if (id !== 'debian' || version !== '12') return undefined
  const folder = join(cache, 'packages/qemu-bookworm-backports')
  const packages = ['qemu-system-x86', 'qemu-system-common', 'qemu-system-data', 'seabios']
  await unpackFrom(await findMirror(), 'bookworm-backports', packages, folder)
  const data = ['usr/share/qemu', 'usr/share/seabios'].map((path) => join(folder, path))
  return {
    program: join(folder, 'usr/bin/qemu-system-x86_64'),
    args: [...data, '/usr/share/qemu', '/usr/lib/ipxe/qemu'].flatMap((path) => ['-L', path]),
  }
}
