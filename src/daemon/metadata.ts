/** The metadata service, tied together: its tokens before whoever gives them out, its documents after what they are made of. */
import type { Settings } from '../config-schema.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { asIpv4 } from '../model/address.ts'
import { asIpv6 } from '../model/address6.ts'
import type { Blend, Unresolved } from '../model/blend.ts'
import type { System } from '../model/system.ts'
import { openBootTokens } from '../services/boot-tokens.ts'
import type { Catalog } from '../services/catalog.ts'
import type { Install } from '../services/install.ts'
import type { Journal } from '../services/journal.ts'
import type { Leases } from '../services/leases.ts'
import { createMetadata, type GiveToken, giveTokens, type Metadata } from '../services/metadata.ts'
import type { Db } from '../store/db.ts'
import { systemAt } from './links.ts'

export interface MetadataNeeds {
  readonly db: Db
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Log
  readonly journal: Journal
  readonly catalog: Catalog
  readonly leases: Leases
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly domain: string
  readonly onStop: (stop: () => unknown) => void
}

export interface MetadataParts {
  /** Undefined: the service is off. */
  readonly giveToken: GiveToken | undefined
  readonly answerWith: (install: Install) => Metadata | undefined
}

export async function openMetadata(needs: MetadataNeeds): Promise<MetadataParts> {
  const { settings, catalog, onStop } = needs
  if (!settings.metadata.enabled) return { giveToken: undefined, answerWith: () => undefined }
  const systemByUid = (uid: string) => catalog.byUid('system', uid)
  const tokens = await openBootTokens({ ...needs, system: (name) => catalog.get('system', name), systemByUid })
  onStop(() => tokens.settled())
  const at = (peer: string): System | undefined => {
    const ip = asIpv4(peer) ?? asIpv6(peer)
    return ip && systemAt(needs, ip)
  }
  const anonymousReads = settings.cobbler.anonymous_reads
  return {
    giveToken: giveTokens({ tokens, systemAt: at }),
    answerWith: (install) => createMetadata({ ...needs, tokens, systemByUid, systemAt: at, install, anonymousReads }),
  }
}
