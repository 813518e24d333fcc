/** Explanations over a catalog in memory: no DHCP, no files, the built-in templates. */
import { askingRequest } from '../../src/dhcp/asking.ts'
import type { Blend, Unresolved } from '../../src/model/blend.ts'
import type { Profile } from '../../src/model/profile.ts'
import type { System } from '../../src/model/system.ts'
import { bootFileSearch } from '../../src/services/boot-file-search.ts'
import type { Catalog } from '../../src/services/catalog.ts'
import { createExplain, type Explain } from '../../src/services/explain.ts'
import { preseedTexts } from '../../src/services/preseed-texts.ts'
import { builtIn } from '../boot/golden-text.ts'

interface Blended {
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
}

export function testExplain(catalog: Catalog, blended: Blended): Explain {
  const [template, preseed] = [builtIn('templates'), builtIn('preseeds')]
  const find = {
    system: (name: string) => catalog.get('system', name),
    profile: (name: string) => catalog.get('profile', name),
    distro: (name: string) => catalog.get('distro', name),
  }
  return createExplain({
    ...{ ...find, ...blended, systemByMac: catalog.systemByMac, template, domain: 'lab', hasMetadata: true },
    known: (system) => ({ system, blend: blended.blendSystem(system) }),
    policy: () => ({ enlist: undefined }),
    search: bootFileSearch({ ...find, bootRoot: '/nowhere' }),
    texts: preseedTexts({ preseed, template, domain: 'lab', uploaded: () => undefined }),
    ask: (mac, as) => {
      const request = askingRequest(mac, as)
      const answer = () => ({
        ...({ id: 'dhcp', title: 'DHCP reply', outcome: 'none', because: 'DHCP is off', url: null } as const),
        lines: [],
      })
      return request && { firmware: request.boot?.firmware, isProxied: false, at: undefined, answer }
    },
    urls: () => ({
      ...{ http: 'http://10.0.0.2', tftp: 'tftp://10.0.0.2' },
      loaders: { bios: 'pxelinux', uefi: 'grub' },
    }),
    ...{ seen: async () => undefined, addressOf: () => undefined },
  })
}
