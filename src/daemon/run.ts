/** The supervised daemon, tied to the configuration: what main.ts starts. */
import { loadConfig } from '../config.ts'
import type { Environment } from '../config-check.ts'
import type { Settings } from '../config-schema.ts'
import { systemClock as clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { newToken } from '../lib/secret.ts'
import { type ServeOptions, serve } from './serve.ts'
import { openSettings } from './settings.ts'
import { type Supervised, supervise } from './supervise.ts'

export interface RunNeeds extends Pick<ServeOptions, 'version' | 'isRoot' | 'tellPassword'> {
  /** From `--config`. */
  readonly config: string | undefined
  readonly env: Environment
  readonly first: Settings
  readonly logOf: (settings: Settings) => Log
}

/** @throws OrchestraError config.invalid: one sentence on what is in the way */
export async function runDaemon({ config, env, first, logOf, ...rest }: RunNeeds): Promise<Supervised> {
  const localToken = newToken()
  return await supervise({
    settings: first,
    load: () => loadConfig(config, env),
    clock,
    fellBack: (because) => logOf(first).error(`the new settings cannot be served, the old ones are: ${because}`),
    serve: (settings, restart, running) =>
      serve({
        ...{ ...rest, settings, localToken, log: logOf(settings) },
        settingsDoor: { settings: openSettings({ named: config, env, running }), restart },
      }),
  })
}
