/** What GET /api/settings answers, and how the console asks for a restart. Times are milliseconds since 1970. */
import type { Json } from '../../../lib/json.ts'
import { call, get } from '../../api.ts'

interface Shape {
  readonly default: Json
  readonly meaning: string
  readonly kind: 'text' | 'number' | 'boolean' | 'choice' | 'list' | 'table'
  readonly choices: readonly string[]
  readonly secret: boolean
}

export interface Setting extends Shape {
  readonly path: string
  readonly value: Json
  readonly origin: 'default' | 'file' | 'environment'
  /** Why it cannot be changed here. */
  readonly locked: string | null
  /** The columns of a table. */
  readonly items: readonly (Shape & { readonly name: string })[]
}

export interface Settings {
  readonly file: string | null
  /** The file that is or would be written. */
  readonly place: string
  readonly writable: boolean
  /** It says something else than what runs. */
  readonly pending: boolean
  readonly faults: readonly Fault[]
  readonly values: readonly Setting[]
  readonly restarted: Restarted | null
}

export interface Fault {
  readonly path: string
  readonly message: string
}

export interface Restarted {
  readonly at: number
  /** Why the new settings could not be served; null: they are. */
  readonly because: string | null
}

export type Changes = Readonly<Record<string, Json>>

export const getSettings = (signal: AbortSignal) => get<Settings>('/api/settings', signal)

export async function checkChanges(changes: Changes): Promise<readonly Fault[]> {
  return (await call<{ faults: Fault[] }>('POST', '/api/settings/check', { body: { changes } })).body.faults
}

export async function saveChanges(changes: Changes): Promise<void> {
  await call('PATCH', '/api/settings', { body: { changes } })
}

const PATIENCE = 30_000

/**
 * Answers when the daemon serves again: with what, or why not. It may listen elsewhere then: the page goes there.
 * @throws Error when it is not back in half a minute
 */
export async function restart(): Promise<Restarted> {
  const { at, url } = (await call<{ at: number; url: string | null }>('POST', '/api/restart', { body: {} })).body
  if (url !== null) location.assign(`${url}/ui/`)
  for (const until = Date.now() + PATIENCE; Date.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, 250))
    const setup = await get<{ restarted: Restarted | null }>('/api/setup').catch(() => undefined)
    if (setup?.restarted && setup.restarted.at >= at) return setup.restarted
  }
  throw new Error('The daemon did not come back in half a minute; its log says why.')
}
