/** Jobs as the command line shows them: followed line by line to their end, also over a connection that breaks. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Job, JobLine } from '../model/job.ts'
import { apiPath } from './client.ts'
import type { Context } from './context.ts'
import { CliError } from './io.ts'

const RETRY = 1_000

/** Answers the job as it has ended. @param say is told each line */
export async function followJob({ client }: Context, id: string, say: (line: JobLine) => void): Promise<Job> {
  let last = 0
  let wasOpen = false
  while (true) {
    try {
      // Asked for each time: the token of this machine's daemon ends with it.
      const { events, get } = await client()
      const path = `${apiPath('jobs', id, 'output')}?follow=1&after=${last}`
      const opened = () => (wasOpen = true)
      for await (const news of events<JobLine | Job>(path, opened)) {
        if (!('text' in news)) return await get<Job>(apiPath('jobs', id))
        if (news.n > last) say(news)
        last = Math.max(last, news.n)
      }
    } catch (error) {
      // What the daemon refuses it would refuse again; what was never there need not be waited for.
      if ((error instanceof CliError && error.refusal) || !wasOpen) throw error
    }
    await pause(RETRY)
  }
}

/** One line of a list. */
export function jobLine({ id, started, kind, state, title, by, because, progress }: Job): string {
  const time = new Date(started).toISOString().slice(0, 19).replace('T', ' ')
  const part = state === 'running' && progress && progress.total > 0 ? `, ${percent(progress)} %` : ''
  return [time, id, kind, `${state}${part}`, by ?? '-', `${title}: ${because}`].join('  ')
}

function percent({ done, total }: NonNullable<Job['progress']>): number {
  return Math.floor((100 * done) / total)
}
