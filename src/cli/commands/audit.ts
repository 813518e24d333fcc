/** `orchestra audit`: who changed what, from where, and with which result; the newest last. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson } from '../io.ts'

interface Entry {
  readonly at: number
  readonly user: string
  readonly peer: string
  readonly door: string
  readonly action: string
  readonly fields: readonly string[]
  readonly outcome: string
}

interface Given {
  readonly lines: string
  readonly user?: string
  readonly action?: string
  readonly outcome?: string
}

export function buildAudit(command: Command, { io, json, client }: Context): void {
  command
    .option('-n, --lines <count>', 'so many of the last entries', '100')
    .option('--user <name>', 'of this user only')
    .option('--action <text>', 'with this text in the action: a method, or the name of an object')
    .option('--outcome <word>', 'ok, refused or failed')
    .action(async ({ lines, ...filter }: Given) => {
      if (!/^\d{1,4}$/.test(lines)) throw new CliError(`--lines is a number up to 9999, not "${lines}"`)
      const query = new URLSearchParams({ limit: lines, ...filter })
      const entries = await (await client()).get<Entry[]>(`${apiPath('audit')}?${query}`)
      if (json) printJson(io, entries)
      else print(io, ...entries.reverse().map(entryLine))
    })
}

function entryLine({ at, user, peer, door, action, fields, outcome }: Entry): string {
  const time = new Date(at).toISOString().slice(0, 19).replace('T', ' ')
  const what = fields.length === 0 ? action : `${action} (${fields.join(', ')})`
  return [time, user === '' ? '-' : user, peer, door, what, outcome].join('  ')
}
