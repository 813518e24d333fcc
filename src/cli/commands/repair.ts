/** `orchestra repair NAME…`: a person's word that machines were mended; each may be taken and installed again. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { print, printJson } from '../io.ts'
import { standingLines, type ToldStanding } from './attention.ts'

export function buildRepair(command: Command, { io, json, client }: Context): void {
  command.argument('<names...>', 'the systems').action(async (names: string[]) => {
    const { send } = await client()
    const told: ToldStanding[] = []
    for (const name of names) {
      const one = await send<ToldStanding>('POST', apiPath('systems', name, 'repair'))
      told.push(one)
      if (!json) print(io, ...standingLines(one))
    }
    if (json) printJson(io, told)
  })
}
