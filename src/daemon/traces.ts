/** The traces of boots, tied to the journal, the catalog and the audit; what servers see comes by trace-notes.ts. */
import type { Settings } from '../config-schema.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { asIpv4, type Ipv4, type Mac } from '../model/address.ts'
import { asIpv6, type Ipv6 } from '../model/address6.ts'
import { waitsOf } from '../model/verdict-waits.ts'
import type { Catalog } from '../services/catalog.ts'
import type { Journal } from '../services/journal.ts'
import { openTraces, type Traces } from '../services/trace.ts'
import { traceJournal } from '../services/trace-journal.ts'
import type { Db } from '../store/db.ts'
import { plainPeer } from './links.ts'

export interface TraceNeeds {
  readonly db: Db
  readonly settings: Pick<Settings, 'trace'>
  readonly clock: Clock
  readonly log: Log
  readonly catalog: Catalog
  readonly journal: Journal
  readonly macAt: (ip: Ipv4 | Ipv6) => Mac | undefined
  readonly onStop: (stop: () => unknown) => void
}

export async function openBootTraces({
  settings,
  catalog,
  journal,
  macAt,
  onStop,
  ...needs
}: TraceNeeds): Promise<Traces> {
  const traces = await openTraces({
    ...needs,
    waits: waitsOf(settings.trace.patience),
    bounds: { packetsOfBoot: settings.trace.packet_bytes },
    systemByMac: catalog.systemByMac,
    systemByName: (name) => catalog.get('system', name),
    systemByUid: (uid) => catalog.byUid('system', uid),
    macAt: (peer) => {
      const ip = asIpv4(plainPeer(peer)) ?? asIpv6(peer)
      return ip && macAt(ip)
    },
  })
  onStop(() => traces.flushed())
  onStop(traceJournal({ journal, catalog, log: needs.log, ...traces }))
  return traces
}
