/** `orchestra login`: a password becomes a token on standard output, for ORCHESTRA_TOKEN. Nothing is stored. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { print } from '../io.ts'

export function addLoginCommand(program: Command, { io, client }: Context): void {
  program
    .command('login')
    .description('print a token for ORCHESTRA_TOKEN')
    .addHelpText('after', '\nexport ORCHESTRA_TOKEN=$(orchestra --server URL login --user NAME)')
    .requiredOption('--user <name>', 'who; the password is asked for, or read from standard input')
    .action(async ({ user }: { user: string }) => {
      const server = await client()
      const password = await io.readSecret(`Password of ${user} at ${server.url}: `)
      const { token } = await server.send<{ token: string }>('POST', apiPath('login'), { user, password })
      print(io, token)
    })

  program
    .command('logout')
    .description('end the token in ORCHESTRA_TOKEN')
    .action(async () => {
      await (await client()).send('POST', apiPath('logout'))
    })
}
