/** `orchestra token …`: long-lived tokens for programs, each with the least that the program needs. */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson } from '../io.ts'

interface Token {
  readonly id: string
  readonly user: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly expires: number | null
  readonly used: number | null
}

interface Given {
  readonly name: string
  readonly scope: string[]
  readonly expires?: string
  readonly user?: string
}

export function buildToken(command: Command, { io, json, client }: Context): void {
  command
    .command('add')
    .description('make a token and print it, once')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption(
      '--scope <scopes>',
      'what it opens: read, write, admin (as the roles), power, acquire; several with commas',
      (word: string, before: string[] = []) => [...before, ...word.split(',')],
    )
    .option('--expires <when>', 'after so long (90d, 12h, 30m), or at a time (2027-01-31); never, unless given')
    .option('--user <name>', 'whose it is to be, where it is not your own; for admins')
    .action(async ({ name, scope, expires, user }: Given) => {
      const body = {
        ...{ name, scopes: scope },
        ...(expires !== undefined && { expires: parseTime(expires, io.clock.now()) }),
        ...(user !== undefined && { user }),
      }
      const made = await (await client()).send<Token & { token: string }>('POST', apiPath('tokens'), body)
      if (json) printJson(io, made)
      else print(io, made.token)
    })

  command
    .command('list')
    .description('your tokens; for admins: those of all')
    .action(async () => {
      const tokens = await (await client()).get<Token[]>(apiPath('tokens'))
      if (json) return printJson(io, tokens)
      const rows = tokens.map(({ id, user, name, scopes, expires, used }) => [
        ...[id, user, name, scopes.join(',')],
        expires === null ? 'does not expire' : `${expires > io.clock.now() ? 'until' : 'over since'} ${day(expires)}`,
        used === null ? 'never used' : `used ${day(used)}`,
      ])
      const widths = [0, 1, 2, 3, 4].map((at) => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)))
      print(io, ...rows.map((row) => row.map((word, at) => word.padEnd(widths[at] ?? 0)).join('  ')))
    })

  command
    .command('revoke <tokens...>')
    .description('end tokens at once, by id or name')
    .action(async (words: string[]) => {
      const { get, send } = await client()
      const tokens = await get<Token[]>(apiPath('tokens'))
      for (const word of words) {
        const byName = tokens.filter(({ id, name }) => id === word || name === word)
        if (byName.length > 1) throw new CliError(`several tokens are named ${word}; say which by id`)
        await send('DELETE', apiPath('tokens', byName[0]?.id ?? word))
      }
    })
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

function parseTime(text: string, now: number): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  if (count !== undefined) return now + Number(count) * (UNITS[unit] ?? 0)
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw new CliError(`--expires is like 90d, 12h, 30m or 2027-01-31, not "${text}"`)
  return time
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}
