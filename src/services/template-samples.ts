/** Machines for a look at a template: one that is made up, for what no profile uses yet; and real ones without their secrets. */
import type { Ipv4, Mac } from '../model/address.ts'
import { type Blend, type BlendDefaults, blendProfile, blendSystem, type Unresolved } from '../model/blend.ts'
import { INHERIT, type Item } from '../model/item.ts'
import { emptyItem } from '../model/items.ts'
import { emptyInterface, type System } from '../model/system.ts'
import { bootTemplateOf, type TemplatePlace } from './template-places.ts'

const RELEASES = {
  debian: 'trixie',
  ubuntu: 'noble',
  redhat: 'rhel9',
  suse: 'opensuse15',
} as const
type Breed = keyof typeof RELEASES

function breedOf(path: string): Breed {
  if (/\.(ks|cfg)$/.test(path)) return 'redhat'
  if (path.endsWith('.xml')) return 'suse'
  return /\.ya?ml$/.test(path) ? 'ubuntu' : 'debian'
}

/** A machine of that profile. */
export function sampleSystem(profile: string): System {
  return {
    ...emptyItem('system', '2'.repeat(32)),
    ...{ name: 'sample', profile, hostname: 'sample' },
    interfaces: {
      eth0: { ...emptyInterface(), macAddress: '52:54:00:00:00:01' as Mac, ipAddress: '192.0.2.10' as Ipv4 },
    },
  }
}

/** A profile and a system of it that could use this file. */
export function sampleBlends(place: TemplatePlace, defaults: BlendDefaults): readonly Blend[] {
  const breed = bootTemplateOf(place) ? 'debian' : breedOf(place.path)
  const distro = {
    ...emptyItem('distro', '0'.repeat(32)),
    ...{ name: 'sample', kernel: '/srv/sample/linux', initrd: '/srv/sample/initrd.gz', arch: 'x86_64' },
    ...{ breed, osVersion: RELEASES[breed] },
  }
  const profile = {
    ...emptyItem('profile', '1'.repeat(32)),
    ...{ name: 'sample', distro: 'sample' },
    ...(place.kind === 'preseed' && { autoinstall: place.below }),
  }
  const system = sampleSystem(profile.name)
  const parents = { profile: () => profile, distro: () => distro }
  const both: (Blend | Unresolved)[] = [
    blendProfile(profile, parents, defaults),
    blendSystem(system, parents, defaults),
  ]
  return both.filter((blend) => blend.ok)
}

const MASK = '********'
const SECRET = 'redhat_management_key'

/** With stars for the one secret that a template can say and a viewer is told nowhere else. */
export function maskedBlend(blend: Blend): Blend {
  const masked = <Kind extends Item>(item: Kind): Kind =>
    !['', INHERIT, undefined].includes(item.other[SECRET] as string | undefined)
      ? { ...item, other: { ...item.other, [SECRET]: MASK } }
      : item
  const { system, profile, distro } = blend
  return { ...blend, system: system && masked(system), profile: masked(profile), distro: masked(distro) }
}
