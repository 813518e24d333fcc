/**
 * `orchestra attention`: the machines that need a person, with what was seen and what to do; for scripts by its exit code,
 * 0 when there is none and 2 when there are some.
 */
import type { Command } from 'commander'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson } from '../io.ts'

/** As GET /api/standings answers it, as far as it is printed. */
export interface ToldStanding {
  readonly system: string
  readonly stage: string
  readonly since: number
  readonly evidence: { readonly at: number; readonly text: string }
  readonly deadline: number | null
  readonly next: string
  readonly overdue: boolean
  readonly broken: { readonly at: number; readonly because: string } | null
  readonly contradiction: string | null
  readonly needsAttention: boolean
}

const SOME = 2

export function buildAttention(command: Command, { io, json, client }: Context): void {
  command
    .option('--all', 'every machine, and how it stands')
    .addHelpText('after', '\nExit code: 0 when no machine needs a person, 2 when some do, 1 when it cannot be told.')
    .action(async ({ all }: { all?: true }) => {
      const told = await (await client()).get<ToldStanding[]>(`${apiPath('standings')}${all ? '' : '?attention=true'}`)
      const some = told.filter(({ needsAttention }) => needsAttention).length
      if (json) printJson(io, told)
      else if (told.length === 0) print(io, 'No machine needs a person.')
      else print(io, ...told.flatMap(standingLines))
      if (some > 0) throw new CliError('', SOME)
    })
}

/** One line of what it is, and one each of why, what was seen last and what to do. */
export function standingLines(told: ToldStanding): string[] {
  const { system, stage, since, evidence, deadline, next, overdue, broken, contradiction } = told
  const due = deadline === null ? '' : overdue ? `, overdue since ${timeOf(deadline)}` : `, until ${timeOf(deadline)}`
  return [
    `${system}: ${stage} since ${timeOf(since)}${due}`,
    ...(broken ? [`  because: ${broken.because}`] : []),
    ...(contradiction === null ? [] : [`  because: ${contradiction}`]),
    `  last seen: ${timeOf(evidence.at)} ${evidence.text}`,
    `  next: ${next}`,
  ]
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}
