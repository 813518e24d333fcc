/** `orchestra list` and `orchestra report`: everything, by type. */
import type { Command } from 'commander'
import type { JsonObject } from '../../lib/json.ts'
import { ITEM_TYPES, PLURALS } from '../../model/items.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { FIELDS } from '../fields.ts'
import { print } from '../io.ts'
import { reportLines } from '../report.ts'

export function addListCommands(program: Command, { io, client }: Context): void {
  program
    .command('list')
    .description('names of everything')
    .action(async () => {
      const { get } = await client()
      for (const type of ITEM_TYPES) {
        const items = await get<JsonObject[]>(apiPath(PLURALS[type]))
        print(io, `${PLURALS[type]}:`, ...items.map(({ name }) => `   ${name}`), '')
      }
    })

  program
    .command('report')
    .description('all that is known of everything')
    .action(async () => {
      const { get } = await client()
      for (const type of ITEM_TYPES) {
        print(io, `${PLURALS[type]}:`, '==========')
        for (const item of await get<JsonObject[]>(apiPath(PLURALS[type])))
          print(io, ...reportLines(FIELDS[type], item), '')
      }
    })
}
