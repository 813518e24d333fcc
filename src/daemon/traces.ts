/** The traces of boots, tied together: what each server and service sees goes to one place, in the words of model/trace.ts. */
import type { Settings } from '../config-schema.ts'
import { type Exchange, isOfBoot, sightedOf } from '../dhcp/exchange.ts'
import type { BootFetch } from '../http/routes/boot.ts'
import type { PreseedCall } from '../http/routes/install.ts'
import type { MetadataReading } from '../http/routes/metadata.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { asIpv4, type Ipv4, type Mac } from '../model/address.ts'
import { waitsOf } from '../model/verdict-waits.ts'
import type { Catalog } from '../services/catalog.ts'
import type { NewLine } from '../services/install-log.ts'
import type { Journal } from '../services/journal.ts'
import { openTraces, type Traces } from '../services/trace.ts'
import { traceJournal } from '../services/trace-journal.ts'
import type { Db } from '../store/db.ts'
import type { TransferReport } from '../tftp/server.ts'

export interface TraceNeeds {
  readonly db: Db
  readonly settings: Pick<Settings, 'trace'>
  readonly clock: Clock
  readonly log: Log
  readonly catalog: Catalog
  readonly journal: Journal
  readonly macAt: (ip: Ipv4) => Mac | undefined
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
    systemByMac: catalog.systemByMac,
    systemByName: (name) => catalog.get('system', name),
    systemByUid: (uid) => catalog.byUid('system', uid),
    macAt: (peer) => {
      const ip = asIpv4(plainPeer(peer))
      return ip && macAt(ip)
    },
  })
  onStop(() => traces.flushed())
  onStop(traceJournal({ journal, catalog, note: traces.note }))
  return traces
}

/** What each server is handed. */
export function traceNotes({ note, admits }: Pick<Traces, 'note' | 'admits'>) {
  return {
    dhcp(exchange: Exchange): void {
      const { mac, boot } = exchange.request
      if (isOfBoot(exchange) && admits(mac, boot !== undefined)) note({ mac }, sightedOf(exchange))
    },

    tftp({ peer, path, bytes, ms: milliseconds, outcome, because }: TransferReport): void {
      const facts = { kind: 'tftp', path, bytes, milliseconds, because } as const
      // PXE ROMs ask for the size, break off, and ask again.
      const isLook = outcome === 'aborted' && bytes === 0
      const what = outcome === 'done' ? 'was sent' : isLook ? 'was asked for its size' : 'was sent in part'
      note({ peer }, { ...facts, outcome: outcome === 'done' || isLook ? 'ok' : 'error', text: `${path} ${what}` })
    },

    boot({ peer, path, status, bytes, milliseconds, isWhole }: BootFetch): void {
      const facts = { kind: 'http', path, bytes, milliseconds } as const
      const end = isWhole
        ? ({ outcome: 'ok', text: `${path} was sent (${status})` } as const)
        : ({ outcome: 'error', text: `${path} was sent in part`, because: 'the client hung up' } as const)
      note({ peer }, { ...facts, ...end })
    },

    preseed({ system, peer, bytes, milliseconds }: PreseedCall): void {
      const facts = { kind: 'http', path: `/cblr/svc/op/autoinstall/system/${system}`, milliseconds } as const
      const end =
        bytes === undefined
          ? ({ outcome: 'error', text: `the preseed was asked for by ${peer}, and not sent` } as const)
          : ({ outcome: 'ok', bytes, text: `the preseed was sent to ${peer}` } as const)
      note({ system }, { ...facts, ...end })
    },

    metadata({ peer, document, bytes }: MetadataReading): void {
      const end = bytes === undefined ? 'was asked for, and not given' : 'was read'
      note(
        { peer },
        { kind: 'http', outcome: bytes === undefined ? 'refused' : 'ok', bytes, text: `metadata: ${document} ${end}` },
      )
    },

    dns(peer: string, name: string, rcode: number): void {
      const said = rcode === 0 ? 'answered' : `not found here (rcode ${rcode})`
      note({ peer }, { kind: 'dns', outcome: rcode === 0 ? 'ok' : 'missing', text: `the address of ${name}: ${said}` })
    },

    syslog(uid: string, { app, message, severity }: NewLine): void {
      // What Orchestra writes there itself is in the trace already.
      if (app === 'orchestra') return
      const text = app === '' ? message : `${app}: ${message}`
      note({ uid }, { kind: 'syslog', outcome: severity <= 3 ? 'error' : 'ok', text })
    },
  }
}

/** An IPv4 client of a socket that listens on [::] is called ::ffff:10.0.0.1. */
function plainPeer(peer: string): string {
  return peer.replace(/^::ffff:/i, '')
}
