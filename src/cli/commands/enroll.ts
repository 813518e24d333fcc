/** `orchestra system enroll MAC`: a machine that asked for something, and that nobody knew, becomes a system. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { print, printJson } from '../io.ts'

interface Given {
  readonly name?: string
  readonly profile?: string
  readonly mgmtClasses?: string
  readonly netboot?: true
}

export function buildEnroll(command: Command, { io, json, client }: Context): void {
  command
    .argument('<mac>', 'its MAC address, as orchestra trace shows it')
    .option('--name <name>', 'its name (default: node- and the MAC address)')
    .option('--profile <name>', 'what it gets (default: the only profile there is)')
    .option('--mgmt-classes <words>', 'its management classes, with blanks or commas between them')
    .option('--netboot', 'its next boot installs it (default: boots from its disk)')
    .action(async (mac: string, { name, profile, mgmtClasses, netboot }: Given) => {
      const { send } = await client()
      const system = await send<{ readonly name: string }>('POST', apiPath('unknown-machines', mac, 'enroll'), {
        ...(name !== undefined && { name }),
        ...(profile !== undefined && { profile }),
        ...(mgmtClasses !== undefined && { mgmtClasses: mgmtClasses.split(/[\s,]+/).filter((word) => word !== '') }),
        ...(netboot && { netboot }),
      })
      if (json) printJson(io, system)
      else print(io, `${mac} is ${system.name} now`)
    })
}
