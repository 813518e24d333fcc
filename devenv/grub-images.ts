/** GRUB for a disk without its installer: images for BIOS and UEFI that find their menu by the label of the root file system. */
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from '../src/lib/exec.ts'
import { unpackPackages } from './packages.ts'

const COMMON = [
  ...['part_msdos', 'ext2', 'normal', 'configfile', 'linux', 'minicmd', 'echo', 'test'],
  ...['search', 'search_label', 'search_fs_uuid'],
]

export interface GrubModules {
  /** Of the packages that they are from. */
  readonly key: string
  readonly bios: string
  readonly efi: string
}

/** GRUB's own modules, unpacked into the lab's cache. */
export async function fetchGrub(cache: string): Promise<GrubModules> {
  const [bios, efi] = await unpackPackages(['grub-pc-bin', 'grub-efi-amd64-bin'], cache)
  if (!bios || !efi) throw new Error('a package was not unpacked')
  return {
    key: `${bios.key}+${efi.key}`,
    bios: join(bios.folder, 'usr/lib/grub/i386-pc'),
    efi: join(efi.folder, 'usr/lib/grub/x86_64-efi'),
  }
}

/**
 * `boot.img` for the first 440 bytes of a disk, `core.img` for the sectors behind them, `efi.img` for an EFI system partition;
 * all look for /boot/grub/grub.cfg.
 */
export async function makeGrub({ bios, efi }: GrubModules, label: string, into: string): Promise<void> {
  const early = join(into, 'early.cfg')
  writeFileSync(early, `search --no-floppy --set=root --label ${label}\nset prefix=($root)/boot/grub\n`)
  const make = (format: string, folder: string, output: string, also: readonly string[]) => {
    const args = ['-O', format, '-d', folder, '-c', early, '-p', '/boot/grub', '-o', join(into, output)]
    return exec('grub-mkimage', [...args, ...COMMON, ...also])
  }
  await make('i386-pc', bios, 'core.img', ['biosdisk'])
  await make('x86_64-efi', efi, 'efi.img', ['fat', 'part_gpt'])
  rmSync(early)
  cpSync(join(bios, 'boot.img'), join(into, 'boot.img'))
}
