/**
 * `orchestra validate-autoinstalls`: renders the preseed of every profile, and names those that cannot be. Not of systems: a
 * system's preseed that is fetched is a station of its boot.
 */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError } from '../io.ts'
import { fetchNames } from '../names.ts'
import { showTask, taskId } from '../task.ts'

export function buildValidate(command: Command, context: Context): void {
  command.action(async () => {
    const client = await context.client()
    const profiles = (await fetchNames(client, 'profile'))['profile'] ?? []
    const id = taskId(context.io, 'validate_autoinstall_files')
    await showTask(context, { id, title: 'Automated installation files validation' }, async (say) => {
      const faults: string[] = []
      for (const name of profiles) {
        try {
          await client.text(apiPath('profiles', name, 'autoinstall'))
        } catch (error) {
          // A daemon that is gone is no fault of a preseed.
          if (!(error instanceof CliError) || error.refusal === undefined) throw error
          faults.push(`profile ${name}: ${error.message}`)
          say(`profile ${name}: ${error.message}`)
        }
      }
      if (faults.length === 0) {
        return { state: 'complete', because: `${profiles.length} profiles were rendered, without a fault`, faults }
      }
      return { state: 'failed', because: `${faults.length} of ${profiles.length} profiles cannot be rendered`, faults }
    })
  })
}
