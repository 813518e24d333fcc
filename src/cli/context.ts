/** What a command is given. */
import type { Client } from './client.ts'
import type { Io } from './io.ts'

export interface Context {
  readonly io: Io
  /** The daemon that this call is for; found when first asked for. */
  readonly client: () => Promise<Client>
}
