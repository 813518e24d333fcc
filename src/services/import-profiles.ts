/** What an import makes besides the distro and its profile: sub-profiles and classes that orchestrators ask for by name. */
import { INHERIT } from '../model/item.ts'
import { emptyItem, type ItemOf } from '../model/items.ts'
import type { Profile } from '../model/profile.ts'
import { installerOf } from '../render/flavor.ts'

/** Cobbler's words; the old clients put a series and one of them together, and never say amd64. */
const NAME = /^[A-Za-z0-9].*-(x86_64|i386|aarch64|armhfp|ppc64le|riscv64|s390x)$/

const SUFFIXES = ['juju', 'ensemble']

/** Of the pair that was shipped first. */
const CLASSES = ['orchestra-juju-available', 'orchestra-juju-acquired']

/** What is to be saved where it is not there yet; a site that has changed its own keeps it so. */
export interface Besides {
  readonly profiles: readonly Profile[]
  readonly classes: readonly ItemOf['mgmtclass'][]
}

/** @param autoinstall the profile's own; a flavor for another installer than debian-installer goes for its children too */
export function besides(
  name: string,
  breed: string,
  autoinstall: Profile['autoinstall'],
  newUid: () => string,
): Besides {
  if (!isForOrchestrators(name, breed)) return { profiles: [], classes: [] }
  const isSeed = autoinstall === INHERIT || installerOf({ autoinstall, distro: { breed } }) === 'debian-installer'
  return {
    profiles: SUFFIXES.map((suffix) => ({
      ...emptyItem('profile', newUid()),
      name: `${name}-${suffix}`,
      parent: name,
      autoinstall: isSeed ? 'juju.seed' : INHERIT,
    })),
    classes: CLASSES.map((word) => ({ ...emptyItem('mgmtclass', newUid()), name: word })),
  }
}

/** A sentence on what was not made, and how it would be; undefined when there is nothing to say. */
export function whyNothingBesides(name: string, breed: string, arch: string): string | undefined {
  if (!isDebianLike(breed) || isForOrchestrators(name, breed)) return undefined
  return `profiles for Juju (${SUFFIXES.map((suffix) => `NAME-${suffix}`).join(', ')}) go with a name of the form SERIES-${arch}`
}

function isForOrchestrators(name: string, breed: string): boolean {
  return isDebianLike(breed) && NAME.test(name)
}

function isDebianLike(breed: string): boolean {
  return breed === 'debian' || breed === 'ubuntu'
}
