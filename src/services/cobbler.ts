/** What only users who come from Cobbler ask for: their settings, their files, texts made of them, status and advice. */
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import type { Profile } from '../model/profile.ts'
import type { System } from '../model/system.ts'
import { giveAdvice } from './advice.ts'
import type { Catalog } from './catalog.ts'
import { type CobblerFiles, openCobblerFiles } from './cobbler-files.ts'
import { type CobblerSettings, openCobblerSettings } from './cobbler-settings.ts'
import { belowTemplates, type CobblerTexts, createCobblerTexts } from './cobbler-texts.ts'
import { type InstallStatus, openInstallStatuses } from './install-status.ts'
import type { Journal } from './journal.ts'
import type { TemplateHistory } from './template-history.ts'
import { checkTemplate } from './template-syntax.ts'

export interface Cobbler {
  readonly settings: CobblerSettings
  readonly files: CobblerFiles
  readonly texts: CobblerTexts
  readonly statuses: () => readonly InstallStatus[]
  /** What should be mended, a sentence each. */
  readonly advice: (server: ServerFacts) => string[]
  /** Whether a preseed or template of this name is there to be rendered. */
  readonly hasPreseed: (name: string) => boolean
}

/** What only those know who listen. */
export interface ServerFacts {
  readonly dhcp: boolean
  readonly anonymousReads: boolean
}

export interface CobblerOptions {
  /** The data directory. */
  readonly data: string
  readonly bootRoot: string
  /** Which loaders machines are sent, and of how many subnets. */
  readonly loaders: { readonly bios: 'pxelinux' | 'ipxe'; readonly uefi: 'grub' | 'ipxe' }
  readonly subnets: number
  readonly catalog: Catalog
  readonly journal: Journal
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
  /** Why a system is not installed though netboot is on. */
  readonly stoppedBecause?: ((system: System) => string | undefined) | undefined
  /** Machines that need a person, a sentence each. */
  readonly attention?: (() => readonly string[]) | undefined
  readonly preseed: (path: string) => string | undefined
  readonly template: (path: string) => string | undefined
  readonly domain: string
  /** Keeps what files said before; unset: nobody does. */
  readonly history?: Pick<TemplateHistory, 'note'> | undefined
  readonly clock: Clock
  readonly log: Log
}

const FIRST_LOADERS = {
  pxelinux: ['pxelinux.0', 'ldlinux.c32'],
  grub: ['shimx64.efi', 'grubx64.efi'],
  ipxe: ['snponly.efi'],
} as const

export async function openCobbler(options: CobblerOptions): Promise<Cobbler> {
  const { data, bootRoot, loaders, subnets, catalog, journal, clock, log, preseed } = options
  const root = join(data, 'cobbler')
  const files = openCobblerFiles(root, checkTemplate, options.history)
  const statuses = (await openInstallStatuses(journal, clock)).list
  const hasPreseed = (name: string) => {
    const path = belowTemplates(name)
    return files.read('templates', path) !== undefined || preseed(path) !== undefined
  }
  const bios = loaders.bios === 'ipxe' ? ['undionly.kpxe'] : FIRST_LOADERS.pxelinux

  return {
    settings: openCobblerSettings({ root, log }),
    files,
    texts: createCobblerTexts({ ...options, files }),
    statuses,
    hasPreseed,
    advice: ({ dhcp, anonymousReads }) => {
      const installed = new Set(statuses().flatMap(({ system, ended }) => (ended === undefined ? [] : [system])))
      return giveAdvice({
        catalog,
        blendSystem: options.blendSystem,
        loaders: [...bios, ...FIRST_LOADERS[loaders.uefi]],
        bootRoot,
        subnets,
        dhcp,
        hasPreseed,
        wasInstalled: (system) => installed.has(system),
        anonymousReads,
        attention: options.attention?.() ?? [],
      })
    },
  }
}
