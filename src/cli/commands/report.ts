/** `orchestra report`: all that is known of everything, by type. */
import type { Command } from 'commander'
import type { JsonObject } from '../../lib/json.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { fieldsOf } from '../fields.ts'
import { print, printJson } from '../io.ts'
import { NOUN_NAMES, pluralOf } from '../nouns.ts'
import { reportLines } from '../report.ts'

export function buildReport(command: Command, { io, json, client }: Context): void {
  command.action(async () => {
    const { get } = await client()
    const lists = await Promise.all(NOUN_NAMES.map((type) => get<JsonObject[]>(apiPath(pluralOf(type)))))
    if (json) return printJson(io, Object.fromEntries(NOUN_NAMES.map((type, index) => [pluralOf(type), lists[index]])))
    for (const [index, type] of NOUN_NAMES.entries()) {
      if (index > 0) print(io, '')
      print(io, `${pluralOf(type)}:`, '==========')
      for (const item of lists[index] ?? []) print(io, ...reportLines(fieldsOf(type), item), '')
    }
  })
}
