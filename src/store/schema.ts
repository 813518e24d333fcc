/** The tables, as Kysely sees them. Times are milliseconds since 1970; `body` and `payload` are JSON text. */
import type { Generated } from 'kysely'

export interface Schema {
  item: ItemRow
  mac: { mac: string; uid: string }
  lease: LeaseRow
  user: { name: string; role: string; hash: string }
  token: { hash: string; user: string; expires: number }
  event: EventRow
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
