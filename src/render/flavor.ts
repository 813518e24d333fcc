/** Which installer reads an answer file: told by the breed of the distro and the ending of the file's name. */
import type { Distro } from '../model/distro.ts'

export type Installer = 'debian-installer' | 'subiquity' | 'anaconda' | 'yast' | 'raw'

/** Undefined: an installer that is not known, or one that cannot read this file (a preseed for a kickstart's breed). */
export function installerOf(blend: {
  readonly autoinstall: string
  readonly distro: Pick<Distro, 'breed'>
}): Installer | undefined {
  const ending = /\.([a-z0-9]+)$/i.exec(blend.autoinstall)?.[1]?.toLowerCase()
  // A script that lays an image runs in whatever small system it is given.
  if (ending === 'sh') return 'raw'
  switch (blend.distro.breed) {
    case 'debian':
    case 'ubuntu':
      return ending === 'yaml' || ending === 'yml' ? 'subiquity' : 'debian-installer'
    case 'redhat':
      return ending === 'seed' ? undefined : 'anaconda'
    case 'suse':
      return ending === 'seed' ? undefined : 'yast'
    default:
      return undefined
  }
}

/** Cobbler's clients give the path that a preseed has on a Cobbler server; here it is the name that counts. */
export function flavorOf(autoinstall: string): string {
  return autoinstall.replace(/^\/var\/lib\/cobbler\/(kickstarts|autoinstall_templates|templates)\/+/, '')
}
