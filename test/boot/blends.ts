/** Systems, distros and blends for the tests of boot and render: real objects of the model, blended by the model. */
import type { BootDecision } from '../../src/boot/decide.ts'
import { kernelLine } from '../../src/boot/kernel-line.ts'
import { type Mac, parseMac } from '../../src/model/address.ts'
import { type Blend, blendProfile, blendSystem } from '../../src/model/blend.ts'
import type { Distro } from '../../src/model/distro.ts'
import { emptyItem } from '../../src/model/items.ts'
import type { Profile } from '../../src/model/profile.ts'
import { emptyInterface, type System } from '../../src/model/system.ts'

export const MAC: Mac = parseMac('52:54:00:77:00:01')

export function aDistro(fields: Partial<Distro> = {}): Distro {
  return {
    ...emptyItem('distro', 'd'.repeat(32)),
    name: 'debian-12-x86_64',
    kernel: '/srv/images/debian-12-x86_64/linux',
    initrd: '/srv/images/debian-12-x86_64/initrd.gz',
    osVersion: 'bookworm',
    ...fields,
  }
}

export function aProfile(fields: Partial<Profile> = {}): Profile {
  return { ...emptyItem('profile', 'c'.repeat(32)), name: 'debian-12-x86_64', distro: 'debian-12-x86_64', ...fields }
}

export function aSystem(fields: Partial<System> = {}): System {
  return {
    ...emptyItem('system', 'a'.repeat(32)),
    name: 'node1',
    profile: 'debian-12-x86_64',
    interfaces: { eth0: { ...emptyInterface(), macAddress: MAC } },
    ...fields,
  }
}

export interface Parts {
  readonly system?: Partial<System>
  readonly profile?: Partial<Profile>
  readonly distro?: Partial<Distro>
  readonly server?: string
  readonly nameServers?: readonly string[]
}

export function aBlend({ system, profile, distro, server = '10.77.0.1', nameServers = [] }: Parts = {}): Blend {
  const parents = { profile: () => aProfile(profile), distro: () => aDistro(distro) }
  return resolved(blendSystem(aSystem(system), parents, defaults(server, nameServers)))
}

export function aProfileBlend({ profile, distro, server = '10.77.0.1', nameServers = [] }: Parts = {}): Blend {
  const parents = { profile: () => aProfile(profile), distro: () => aDistro(distro) }
  return resolved(blendProfile(aProfile(profile), parents, defaults(server, nameServers)))
}

export const DECISIONS: Record<BootDecision['boot'], () => BootDecision> = {
  install: () => ({ boot: 'install', blend: { ...aBlend(), syslog: { host: undefined, port: 514 } } }),
  local: () => ({ boot: 'local', system: aSystem({ netbootEnabled: false }) }),
  enlist: () => ({ boot: 'enlist', blend: aProfileBlend({ profile: { name: 'enlist' } }) }),
  ignore: () => ({ boot: 'ignore', because: 'nobody knows it' }),
}

function defaults(server: string, nameServers: readonly string[]) {
  return { server, autoinstall: 'default.seed', nameServers, nameServersSearch: [], owners: ['admin'] }
}

function resolved(blend: ReturnType<typeof blendSystem>): Blend {
  if (!blend.ok) throw new Error(blend.because)
  return blend
}

export function kernelWords(...given: Parameters<typeof kernelLine>): string[] {
  return kernelLine(...given).map(({ word }) => word)
}
