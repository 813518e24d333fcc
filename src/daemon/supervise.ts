/** Serves; and when it is asked to, closes all and serves again in the same process, with the settings as they are then. */
import { isDeepStrictEqual } from 'node:util'
import type { Settings } from '../config-schema.ts'
import type { Listen } from '../config-values.ts'
import type { NextStart, Restarted, SettingsRoutesOptions } from '../http/routes/settings.ts'
import type { Clock } from '../lib/clock.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Daemon } from './serve.ts'

/** What those who run are given, to ask for a start anew. */
export type Restart = SettingsRoutesOptions['restart']

export interface SuperviseNeeds {
  readonly settings: Settings
  /** Reads them anew. */
  readonly load: () =>
    | { readonly ok: true; readonly settings: Settings }
    | { readonly ok: false; readonly faults: readonly string[] }
  /** @param running what is served, as it was read */
  readonly serve: (settings: Settings, restart: Restart, running: () => Settings) => Promise<Daemon>
  readonly clock: Clock
  /** Told when the new settings could not be served, and the old ones are. */
  readonly fellBack: (because: string) => void
}

export interface Supervised {
  /** Rejects when neither the new nor the old settings can be served any more. */
  readonly failed: Promise<never>
  /** Waits for a start that is under way. */
  close(): Promise<void>
}

/** @throws OrchestraError config.invalid when the first start fails */
export async function supervise({ settings, load, serve, clock, fellBack }: SuperviseNeeds): Promise<Supervised> {
  let current = settings
  let last: Restarted | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let isClosing = false
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  failed.catch(() => {})

  const restart: Restart = { prepare, last: () => last }
  const start = (given: Settings) => serve(given, restart, () => current)
  let daemon = await start(settings)

  function prepare(): NextStart {
    const loaded = load()
    if (!loaded.ok) {
      const [field] = loaded.faults[0]?.split(':') ?? []
      throw new OrchestraError('item.invalid', loaded.faults.join('; '), field === undefined ? {} : { field })
    }
    const [next, at] = [loaded.settings, clock.now()]
    const { listen } = next.http
    return {
      at,
      moves: !isDeepStrictEqual(listen, current.http.listen),
      listen: listen.port === 0 ? undefined : reachable(listen),
      begin: () => {
        turn = turn.then(() => swap(next)).catch(fail)
      },
    }
  }

  async function swap(next: Settings): Promise<void> {
    if (isClosing) return
    const { ports } = daemon
    await daemon.close()
    try {
      daemon = await start(withPorts(next, current, ports))
      current = next
      last = { at: clock.now(), because: null }
    } catch (error) {
      if (!(error instanceof OrchestraError)) throw error
      fellBack(error.message)
      daemon = await start(withPorts(current, current, ports))
      last = { at: clock.now(), because: error.message }
    }
  }

  return {
    failed,
    async close() {
      isClosing = true
      await turn
      await daemon.close()
    },
  }
}

function reachable({ address, port }: Listen): { host: string; port: number } {
  if (address === '0.0.0.0' || address === '::') return { host: '*', port }
  return { host: address.includes(':') ? `[${address}]` : address, port }
}

const LISTENERS = ['http', 'tftp', 'dns', 'syslog', 'proxy'] as const
export type Ports = Readonly<Record<(typeof LISTENERS)[number], number | undefined>>

/** A port that the system chose stays the same, for whoever has found it: all but the settings that were changed. */
function withPorts(next: Settings, before: Settings, ports: Ports): Settings {
  const kept = LISTENERS.map((name) => {
    const { listen } = next[name]
    const isKept = listen.port === 0 && isDeepStrictEqual(listen, before[name].listen)
    return [name, { ...next[name], listen: { ...listen, port: (isKept ? ports[name] : undefined) ?? listen.port } }]
  })
  return { ...next, ...Object.fromEntries(kept) }
}
