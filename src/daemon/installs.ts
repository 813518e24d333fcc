/** What installers are sent, tied together: their answers, what was sent last, and what an explanation says of both. */
import type { BootPolicy } from '../boot/decide.ts'
import type { Clock } from '../lib/clock.ts'
import type { System } from '../model/system.ts'
import type { BootFileSearch } from '../services/boot-file-search.ts'
import type { Catalog } from '../services/catalog.ts'
import { createInstall, type Install, type InstallOptions } from '../services/install.ts'
import { textMask } from '../services/log-secrets.ts'
import { preseedTexts } from '../services/preseed-texts.ts'
import { openSentPreseeds, type SentPreseeds } from '../services/sent-preseeds.ts'
import type { Traces } from '../services/trace.ts'
import type { Db } from '../store/db.ts'
import type { ExplainParts } from './explain.ts'

export interface InstallNeeds extends Omit<InstallOptions, 'system' | 'profile' | 'save' | 'sent'> {
  readonly db: Db
  readonly clock: Clock
  readonly catalog: Catalog
  readonly traces: Pick<Traces, 'of'>
  readonly policy: () => BootPolicy
  readonly search: BootFileSearch
  readonly onStop: (stop: () => unknown) => void
}

export interface Installs {
  readonly install: Install
  readonly sentPreseeds: SentPreseeds
  readonly explained: ExplainParts
}

export function openInstalls({
  db,
  clock,
  catalog,
  traces,
  policy,
  search,
  onStop,
  ...shared
}: InstallNeeds): Installs {
  const bootOf = async (system: System) => (await traces.of(system, { limit: 1 }))[0]?.id
  const sentPreseeds = openSentPreseeds({ db, clock, bootOf, log: shared.log })
  onStop(() => sentPreseeds.settled())
  const find = {
    system: (name: string) => catalog.get('system', name),
    profile: (name: string) => catalog.get('profile', name),
  }
  const install = createInstall({
    ...{ ...shared, ...find },
    save: (system) => catalog.save('system', system),
    sent: (system, blend, text) => sentPreseeds.keep(system, text, textMask(system, blend)(text)),
  })
  const { known, blendProfile, template, domain, giveToken } = shared
  const explained: ExplainParts = {
    ...{ ...find, known, blendProfile, template, domain, policy, search },
    ...{ systemByMac: catalog.systemByMac, texts: preseedTexts(shared), hasMetadata: giveToken !== undefined },
  }
  return { install, sentPreseeds, explained }
}
