/** `orchestra restart`: the daemon closes all and serves anew, with the settings as they are now; waits until it does. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, tell } from '../io.ts'

interface Setup {
  readonly restarted: { readonly at: number; readonly because: string | null } | null
}

/** Milliseconds: a start takes a second or two. */
const PATIENCE = 30_000
const PAUSE = 200

export function buildRestart(command: Command, { io, client }: Context): void {
  command.action(async () => {
    const asked = await (await client()).send<{ at: number; moves: boolean; url: string | null }>(
      'POST',
      apiPath('restart'),
    )
    for (const until = io.clock.now() + PATIENCE; io.clock.now() < until; await wait(PAUSE)) {
      // Found anew each time: where it listens may be another place then.
      const setup = await client()
        .then(({ get }) => get<Setup>(apiPath('setup')))
        .catch((error: unknown) => {
          if (error instanceof CliError) return undefined
          throw error
        })
      const restarted = setup?.restarted
      if (!restarted || restarted.at < asked.at) continue
      if (restarted.because === null) return tell(io, 'Serving anew.')
      throw new CliError(`the new settings cannot be served, the old ones are: ${restarted.because}`)
    }
    const where = asked.moves ? `; it moves to ${asked.url ?? 'a port that the system chooses'}` : ''
    throw new CliError(`no answer from the daemon within ${PATIENCE / 1000} s${where}; its log says why`)
  })
}
