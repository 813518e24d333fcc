/** `orchestra release`: give a machine back, to be installed anew for whoever takes it next. */
import type { Command } from 'commander'
import type { HandedMachine } from '../../model/handed-machine.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { print, printJson } from '../io.ts'

interface Released {
  readonly system: HandedMachine
  readonly power: { readonly task: string | null; readonly because: string }
}

export function buildRelease(command: Command, { io, json, client }: Context): void {
  command
    .argument('<name>', 'the system')
    .option('--key <key>', 'repeated with the same key within a day, the command does nothing more')
    .action(async (name: string, { key }: { key?: string }) => {
      const { send } = await client()
      const path = apiPath('systems', name, 'release')
      const released = await send<Released>('POST', path, undefined, key === undefined ? {} : { key })
      if (json) return printJson(io, released)
      const { system, power } = released
      print(io, `released ${system.name} (uid ${system.uid}): its classes are ${system.mgmtClasses.join(' ')}`)
      print(io, power.because)
    })
}
