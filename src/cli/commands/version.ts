/** `orchestra version`: of this program, and of the daemon that it speaks to. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson } from '../io.ts'

interface Daemon {
  readonly version: string
  readonly url: string
}

export function buildVersion(command: Command, context: Context): void {
  const { io, json } = context
  command.action(async () => {
    const daemon = await findDaemon(context)
    if (json) return printJson(io, { orchestra: io.version, daemon: typeof daemon === 'string' ? null : daemon })
    print(io, `orchestra ${io.version}`)
    print(io, typeof daemon === 'string' ? `daemon: ${daemon}` : `daemon ${daemon.version} at ${daemon.url}`)
  })
}

/** None is no error here: why there is none is said. */
async function findDaemon({ client }: Context): Promise<Daemon | string> {
  try {
    const { url, get } = await client()
    return { version: (await get<{ version: string }>(apiPath('version'))).version, url }
  } catch (error) {
    if (error instanceof CliError) return error.message
    throw error
  }
}
