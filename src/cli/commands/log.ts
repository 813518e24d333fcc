/** `orchestra log NAME`: what a machine said while it was installed, and with -f what it says. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { formatLogLine, type LogLine } from '../../model/log-line.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson, tell } from '../io.ts'

interface Given {
  readonly follow?: true
  readonly lines: string
}

const RETRY = 1000

export function buildLog(command: Command, context: Context): void {
  command
    .argument('<name>', 'the system')
    .option('-f, --follow', 'go on with what it says, until interrupted; as JSON, one object a line')
    .option('-n, --lines <count>', 'so many of the last lines', '100')
    .action(async (name: string, { follow, lines }: Given) => {
      if (!/^\d{1,4}$|^10000$/.test(lines)) throw new CliError(`--lines is a number up to 10000, not "${lines}"`)
      const path = apiPath('systems', name, 'log')
      if (follow) return await followLog(context, path, lines)
      const client = await context.client()
      const found = await client.get<LogLine[]>(`${path}?limit=${lines}`)
      if (context.json) printJson(context.io, found)
      else print(context.io, ...found.map(formatLogLine))
    })
}

/** A daemon that restarts is no reason to stop looking; one that was never there is. */
async function followLog({ io, json, client }: Context, path: string, lines: string): Promise<void> {
  let last: number | undefined
  let wasOpen = false
  let isLost = false
  const opened = () => {
    if (isLost) tell(io, 'connected again')
    wasOpen = true
    isLost = false
  }
  while (true) {
    const from = last === undefined ? `limit=${lines}` : `after=${last}`
    try {
      // Asked for each time: the token of this machine's daemon ends with it.
      const { events } = await client()
      for await (const line of events<LogLine>(`${path}?follow=1&${from}`, opened)) {
        last = line.id
        if (json) printJson(io, line, 0)
        else print(io, formatLogLine(line))
      }
    } catch (error) {
      // What the daemon refuses (the system was removed) it would refuse again.
      if (!wasOpen || (error instanceof CliError && error.refusal)) throw error
    }
    if (!isLost) tell(io, 'the stream of lines ended; trying again …')
    isLost = true
    await pause(RETRY)
  }
}
