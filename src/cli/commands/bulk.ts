/** `orchestra bulk ACTION NAME…`: one action for many machines, named or found by what they are; each with its result. */
import { Argument, type Command } from 'commander'
import { globMatcher } from '../../lib/glob.ts'
import { BULK_ACTIONS, type BulkAction } from '../../model/bulk.ts'
import type { Job } from '../../model/job.ts'
import { apiPath, type Client } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson, tell } from '../io.ts'
import { followJob } from '../jobs.ts'

interface Given {
  readonly where?: readonly string[]
  readonly profile?: string
  readonly dryRun?: true
  readonly wait: boolean
}

interface Outlook {
  readonly eligible: readonly string[]
  readonly not: readonly { readonly system: string; readonly because: string }[]
}

/** What is asked of a machine's row. */
type Row = { readonly name: string } & Readonly<Record<string, unknown>>

export function buildBulk(command: Command, context: Context): void {
  command
    .addArgument(new Argument('<action>').choices(BULK_ACTIONS))
    .argument('[names...]', 'the systems; none: all that --where finds')
    .option(
      '--where <key=value...>',
      'only those of which all of this is true: name, profile, stage, power, custody, class, arch, netboot … (patterns as in a shell)',
    )
    .option('--profile <name>', 'which one they get, where the action is "profile"')
    .option('--dry-run', 'say who is to be had for it, and why the others are not')
    .option('--no-wait', 'answer when the job has begun')
    .action(async (action: BulkAction, names: string[], given: Given) => {
      const client = await context.client()
      // The option takes all words that follow; no name has an equals sign in it.
      const [where, more] = [true, false].map((is) => (given.where ?? []).filter((word) => word.includes('=') === is))
      const systems = await systemsOf(client, [...names, ...(more ?? [])], where ?? [])
      const order = { action, systems: [...systems], ...(given.profile !== undefined && { profile: given.profile }) }
      if (given.dryRun)
        return showOutlook(context, await client.send('POST', apiPath('bulk'), { ...order, dryRun: true }))
      const { job } = await client.send<{ job: Job }>('POST', apiPath('bulk'), order)
      if (given.wait) return await showEnd(context, job)
      if (context.json) printJson(context.io, job)
      else print(context.io, `${job.title} has begun: orchestra jobs --follow ${job.id}`)
    })
}

async function systemsOf(
  { get }: Client,
  names: readonly string[],
  where: readonly string[],
): Promise<readonly string[]> {
  if (where.length === 0) {
    if (names.length > 0) return names
    throw new CliError('name systems, or say which with --where key=value')
  }
  const tests = where.map(parseWhere)
  const rows = await get<Row[]>(apiPath('machines'))
  const [first] = rows
  for (const { key } of tests) {
    if (first && !(key in first))
      throw new CliError(`a machine has no "${key}"; it has ${Object.keys(first).join(', ')} and class`)
  }
  const isNamed = (name: string) => names.length === 0 || names.includes(name)
  const found = rows.filter((row) => isNamed(row.name) && tests.every(({ key, isIt }) => wordsOf(row[key]).some(isIt)))
  if (found.length === 0) throw new CliError(`no machine has ${where.join(' and ')}`)
  return found.map(({ name }) => name)
}

function parseWhere(text: string): { key: string; isIt: (word: string) => boolean } {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (key === undefined || value === undefined) throw new CliError(`--where is key=value, not "${text}"`)
  return { key: key === 'class' ? 'classes' : key, isIt: globMatcher(value) }
}

/** Of a list, one of them is enough. */
function wordsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [value === null ? '' : String(value)]
}

function showOutlook({ io, json }: Context, outlook: Outlook): void {
  if (json) {
    printJson(io, outlook)
    return
  }
  const { eligible, not } = outlook
  print(
    io,
    `${eligible.length} of ${eligible.length + not.length} are to be had for it${eligible.length > 0 ? ':' : ''}`,
  )
  print(io, ...eligible.map((name) => `  ${name}`), ...not.map(({ system, because }) => `not ${system}: ${because}`))
}

/** Ctrl-c stops waiting, not the job. */
async function showEnd(context: Context, { id, title }: Job): Promise<void> {
  const { io, json } = context
  if (!json) tell(io, `${title}: job ${id}; ctrl-c stops waiting, "orchestra jobs --cancel ${id}" the job`)
  const job = await followJob(context, id, () => {})
  if (json) printJson(io, job)
  else {
    print(io, ...(job.results ?? []).map(({ system, outcome, because }) => `${system}: ${outcome}: ${because}`))
    tell(io, job.because)
  }
  if (job.state !== 'done') throw new CliError('')
}
