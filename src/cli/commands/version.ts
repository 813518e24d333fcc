/** `orchestra version`: of this program, and of the daemon that it speaks to. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print } from '../io.ts'

export function addVersionCommand(program: Command, { io, client }: Context): void {
  program
    .command('version')
    .description('of this program and of the daemon')
    .action(async () => {
      print(io, `orchestra ${io.version}`)
      print(io, await daemonLine())
    })

  /** No daemon is no error here. */
  async function daemonLine(): Promise<string> {
    try {
      const { url, get } = await client()
      return `daemon ${(await get<{ version: string }>(apiPath('version'))).version} at ${url}`
    } catch (error) {
      if (error instanceof CliError) return `daemon: ${error.message}`
      throw error
    }
  }
}
