/** `orchestra sync`: for the hands of Cobbler's users; there is nothing that could be out of date. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { showTask, taskId } from '../task.ts'

export function buildSync(command: Command, context: Context): void {
  command
    .option('--verbose', 'says no more')
    .option('--dhcp', 'the same')
    .option('--dns', 'the same')
    .option('--systems <names>', 'the same')
    .action(async () => {
      const { get, url } = await context.client()
      await showTask(context, { id: taskId(context.io, 'sync'), title: 'Sync' }, async () => {
        // Only a daemon that answers is in sync with anything.
        await get(apiPath('version'))
        return {
          state: 'complete',
          because: `Nothing to sync: ${url} makes boot files, boot configs and DHCP answers when they are asked for.`,
        }
      })
    })
}
