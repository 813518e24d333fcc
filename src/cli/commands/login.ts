/** `orchestra login`: a password becomes a token on standard output, for ORCHESTRA_TOKEN. Nothing is stored. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { print, printJson } from '../io.ts'

export function buildLogin(command: Command, { io, json, client }: Context): void {
  command
    .addHelpText('after', '\nexport ORCHESTRA_TOKEN=$(orchestra --server URL login --user NAME)')
    .requiredOption('--user <name>', 'who; the password is asked for, or read from standard input')
    .action(async ({ user }: { user: string }) => {
      const server = await client()
      const password = await io.readSecret(`Password of ${user} at ${server.url}: `)
      const { token } = await server.send<{ token: string }>('POST', apiPath('login'), { user, password })
      if (json) printJson(io, { user, token })
      else print(io, token)
    })
}

export function buildLogout(command: Command, { client }: Context): void {
  command.action(async () => {
    await (await client()).send('POST', apiPath('logout'))
  })
}
