/** `orchestra log NAME`: what a machine said while it was installed, and with -f what it says. */
import type { Command } from 'commander'
import { formatLogLine, type LogLine } from '../../model/log-line.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { follow } from '../follow.ts'
import { CliError, print, printJson } from '../io.ts'

interface Given {
  readonly follow?: true
  readonly lines: string
}

export function buildLog(command: Command, context: Context): void {
  command
    .argument('<name>', 'the system')
    .option('-f, --follow', 'go on with what it says, until interrupted; as JSON, one object a line')
    .option('-n, --lines <count>', 'so many of the last lines', '100')
    .action(async (name: string, { follow: isFollowing, lines }: Given) => {
      if (!/^\d{1,4}$|^10000$/.test(lines)) throw new CliError(`--lines is a number up to 10000, not "${lines}"`)
      const path = apiPath('systems', name, 'log')
      if (isFollowing) {
        const from = (last: LogLine | undefined) => (last === undefined ? `limit=${lines}` : `after=${last.id}`)
        await follow<LogLine>(context, {
          what: 'lines',
          path: (last) => `${path}?follow=1&${from(last)}`,
          lines: (line) => [formatLogLine(line)],
        })
        return
      }
      const client = await context.client()
      const found = await client.get<LogLine[]>(`${path}?limit=${lines}`)
      if (context.json) printJson(context.io, found)
      else print(context.io, ...found.map(formatLogLine))
    })
}
