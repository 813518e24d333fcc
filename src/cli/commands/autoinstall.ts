/** `orchestra profile|system get-autoinstall` and `dumpvars`: what an installer would be given, and from which values. */
import type { Command } from 'commander'
import type { JsonObject } from '../../lib/json.ts'
import type { ItemType } from '../../model/items.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { print, printJson } from '../io.ts'
import { pluralOf } from '../nouns.ts'
import { python } from '../python.ts'

interface Given {
  readonly name: string
}

export function buildGetAutoinstall(command: Command, type: ItemType, { io, json, client }: Context): void {
  command.requiredOption('--name <name>', 'its name').action(async ({ name }: Given) => {
    const { text } = await client()
    const rendered = await text(apiPath(pluralOf(type), name, 'autoinstall'))
    if (json) printJson(io, { name, autoinstall: rendered })
    else print(io, ...rendered.replace(/\n$/, '').split('\n'))
  })
}

export function buildDumpvars(command: Command, type: ItemType, { io, json, client }: Context): void {
  command.requiredOption('--name <name>', 'its name').action(async ({ name }: Given) => {
    const { get } = await client()
    const values = await get<JsonObject>(apiPath(pluralOf(type), name, 'variables'))
    if (json) return printJson(io, values)
    const sorted = Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1))
    print(io, ...sorted.map(([key, value]) => `${key} : ${python(value)}`))
  })
}
