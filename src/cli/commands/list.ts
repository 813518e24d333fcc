/** `orchestra list`: the names of everything, by type. */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { print, printJson } from '../io.ts'
import { fetchNames } from '../names.ts'
import { NOUN_NAMES, pluralOf } from '../nouns.ts'

export function buildList(command: Command, { io, json, client }: Context): void {
  command.action(async () => {
    const names = await fetchNames(await client())
    if (json) return printJson(io, Object.fromEntries(NOUN_NAMES.map((type) => [pluralOf(type), names[type] ?? []])))
    for (const [index, type] of NOUN_NAMES.entries()) {
      if (index > 0) print(io, '')
      print(io, `${pluralOf(type)}:`, ...(names[type] ?? []).map((name) => `   ${name}`))
    }
  })
}
