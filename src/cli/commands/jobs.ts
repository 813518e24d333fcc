/** `orchestra jobs`: the long tasks, the newest last; one followed to its end, or cancelled. */
import type { Command } from 'commander'
import { JOB_STATES, type Job } from '../../model/job.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson } from '../io.ts'
import { followJob, jobLine } from '../jobs.ts'

interface Given {
  readonly lines: string
  readonly state?: string
  readonly follow?: string
  readonly cancel?: string
}

export function buildJobs(command: Command, context: Context): void {
  command
    .option('-n, --lines <count>', 'so many of the last', '20')
    .option('--state <word>', `only those that are ${JOB_STATES.join(', ')}`)
    .option('--follow <id>', 'show what a job says until it ends (exit code 0: done)')
    .option('--cancel <id>', 'what waits does not happen, what runs is not followed')
    .action(async ({ lines, state, follow, cancel }: Given) => {
      if (cancel !== undefined) return await cancelOne(context, cancel)
      if (follow !== undefined) return await followOne(context, follow)
      if (!/^[1-9]\d{0,2}$/.test(lines)) throw new CliError(`--lines is a number from 1 to 999, not "${lines}"`)
      const query = new URLSearchParams({ limit: lines, ...(state !== undefined && { state }) })
      const { get } = await context.client()
      const jobs = await get<Job[]>(`${apiPath('jobs')}?${query}`)
      if (context.json) printJson(context.io, jobs)
      else print(context.io, ...jobs.reverse().map(jobLine))
    })
}

async function cancelOne({ io, json, client }: Context, id: string): Promise<void> {
  const { send } = await client()
  const job = await send<Job>('DELETE', apiPath('jobs', id))
  if (json) printJson(io, job)
  else print(io, `${job.title}: ${job.because}`)
}

async function followOne(context: Context, id: string): Promise<void> {
  const { io, json } = context
  const job = await followJob(context, id, (line) => json || print(io, line.text))
  if (json) printJson(io, job)
  else print(io, `${job.title}: ${job.state}: ${job.because}`)
  if (job.state !== 'done') throw new CliError('')
}
