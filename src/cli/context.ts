/** What a command is given. */
import type { Client } from './client.ts'
import type { Io } from './io.ts'

export interface Context {
  readonly io: Io
  /** `orchestra`, or `cobbler` for those who type what Cobbler's documents say. */
  readonly name: string
  /** True: results are JSON on standard output. */
  readonly json: boolean
  /** The daemon that this call is for; found when first asked for. */
  readonly client: () => Promise<Client>
}
