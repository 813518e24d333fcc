/** The tables, as Kysely sees them. Times are milliseconds since 1970; `body` and `payload` are JSON text. */
import type { Generated } from 'kysely'

export interface Schema {
  item: ItemRow
  mac: { mac: string; uid: string }
  lease: LeaseRow
  user: { name: string; role: string; hash: string; digest: string; revision: Generated<number> }
  token: { hash: string; user: string; expires: number }
  /** Long-lived ones, that people give to programs. */
  api_token: ApiTokenRow
  audit: AuditRow
  /** Up to which event each was told. */
  webhook: { key: string; position: number }
  event: EventRow
  /** Answers to requests that may be sent twice. */
  idempotency: { key: string; request: string; answer: string; at: number }
  /** How a machine stands in its life, by the uid of its system. */
  standing: { uid: string; body: string }
  metadata_token: { hash: string; uid: string; body: string; expires: number }
  /** The trace of a boot; `mac` is empty when it is not known. */
  boot_attempt: { id: number; mac: string; uid: string | null; started: number; ended: number | null; body: string }
  /** What was on the wire, as blocks of a pcapng file. */
  boot_packets: { id: Generated<number>; boot: number; bytes: number; dropped: number; body: Buffer }
  install_log: InstallLogRow
  template_version: TemplateVersionRow
  /** The answer file that a system was sent last. */
  sent_preseed: { uid: string; at: number; boot: number | null; text: string; masked: string }
  job: JobRow
  /** Dead properties of the WebDAV store: `xml` is the whole element. */
  dav_property: { path: string; namespace: string; name: string; xml: string }
}

export interface ApiTokenRow {
  id: string
  hash: string
  user: string
  name: string
  /** Words with blanks between them. */
  scopes: string
  made: number
  /** Null: it ends when somebody ends it. */
  expires: number | null
  used: number | null
}

export interface AuditRow {
  id: Generated<number>
  at: number
  user: string
  peer: string
  door: string
  action: string
  /** Names with blanks between them. */
  fields: string
  outcome: string
}

export interface InstallLogRow {
  id: Generated<number>
  uid: string
  at: number
  /** RFC 5424 section 6.2.1: 0 emergency to 7 debug. */
  severity: number
  app: string
  message: string
}

export interface TemplateVersionRow {
  path: string
  /** Rises by one for each path. */
  version: number
  at: number
  /** Null: nobody's deed here; it lay on the disk. */
  user: string | null
  comment: string
  /** Null: the file was removed. */
  text: string | null
}

export interface JobRow {
  id: string
  kind: string
  state: string
  started: number
  ended: number | null
  /** Without what is in the columns that follow. */
  body: string
  /** JSON; `null` where there are none. */
  results: string
  lines: string
}

export interface ItemRow {
  uid: string
  type: string
  name: string
  revision: number
  body: string
}

export interface LeaseRow {
  ip: string
  mac: string
  state: string
  expires: number
  hostname: string
}

export interface EventRow {
  id: Generated<number>
  at: number
  name: string
  payload: string
}
