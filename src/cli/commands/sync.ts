/** `orchestra sync`: for the hands of Cobbler's users; there is nothing that could be out of date. */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { print } from '../io.ts'

export function addSyncCommand(program: Command, { io }: Context): void {
  program
    .command('sync')
    .description('does nothing, since nothing needs it')
    .action(() =>
      print(io, 'Nothing to sync: boot files, boot configs and DHCP answers are made when they are asked for.'),
    )
}
