/**
 * Where a loader, a kernel or an initial ramdisk lies on this server, or why there is none: asked by those who hand it out
 * and by those who only want to know. Nothing is recorded here.
 */
import { type OpenFile, openBelow, openRegular } from '../lib/files.ts'
import { type Distro, isInitrdName, isKernelName } from '../model/distro.ts'
import { findLoader, isFirstLoader } from './loaders.ts'

/** The file is open: whoever gets it closes it. */
export type FoundBootFile = { readonly file: OpenFile; readonly isKernel: boolean }

export interface NoBootFile {
  readonly file: undefined
  /** `lacking`: it ought to be here, and somebody must do something. */
  readonly how: 'lacking' | 'missing' | 'refused'
  readonly because: string
}

export interface BootFileSearch {
  distroFile(distro: string, name: string): Promise<FoundBootFile | NoBootFile>
  loader(name: string): Promise<FoundBootFile | NoBootFile>
}

export interface BootFileSearchOptions {
  readonly distro: (name: string) => Distro | undefined
  /** Holds a site's own loaders, and `images/`. */
  readonly bootRoot: string
}

export function bootFileSearch({ distro: findDistro, bootRoot }: BootFileSearchOptions): BootFileSearch {
  return {
    async distroFile(name, asked) {
      const distro = findDistro(name)
      if (!distro) return none('missing', `there is no distro "${name}"`)
      const isKernel = asked === lastPart(distro.kernel)
      const path = isKernel ? distro.kernel : asked === lastPart(distro.initrd) ? distro.initrd : undefined
      if (path === undefined) return none('missing', `distro ${name} has no kernel or initrd of that name`)

      const file = await openRegular(path)
      if (!file) {
        return none('lacking', `${path} of distro ${name} is not there; import it again, or correct the distro`)
      }
      // A link named linux must not hand out another file of this server.
      const realName = lastPart(file.path)
      if ((isKernel ? isKernelName : isInitrdName)(realName)) return { file, isKernel }
      await file.close()
      const what = isKernel ? 'kernel' : 'initrd'
      return none('lacking', `${path} of distro ${name} leads to ${realName}, which is no ${what}`)
    },

    async loader(name) {
      const own = await openBelow(bootRoot, name)
      if (own) return { file: own, isKernel: false }
      const loader = findLoader(name)
      if (!loader) return none('missing', 'there is no such file')
      for (const path of loader.paths) {
        const file = await openRegular(path)
        if (file) return { file, isKernel: false }
      }
      // A module that an optional part of a loader looks for is no reason to alarm anybody.
      if (!isFirstLoader(name) && !name.endsWith('.efi') && name !== 'ldlinux.c32')
        return none('refused', 'not installed')
      return none('lacking', `${name} is not here: apt-get install ${loader.debian}, or put it into ${bootRoot}`)
    },
  }
}

function none(how: NoBootFile['how'], because: string): NoBootFile {
  return { file: undefined, how, because }
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
