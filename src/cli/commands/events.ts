/** `orchestra events`: what happened, and with -f what happens, one line each. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import type { RecordedEvent } from '../../model/event.ts'
import { apiPath, type Client } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson, tell } from '../io.ts'

interface Given {
  readonly follow?: true
  readonly system?: string
  readonly since?: string
}

const PAGE = 1000
const RETRY = 1000

export function buildEvents(command: Command, context: Context): void {
  command
    .option('-f, --follow', 'go on with what happens, until interrupted; as JSON, one object a line')
    .option('--system <name>', 'of one system only')
    .option('--since <id>', 'after the event of this number')
    .action(async ({ follow, system, since }: Given) => {
      if (since !== undefined && !/^\d+$/.test(since)) throw new CliError(`--since is a number, not "${since}"`)
      const server = await context.client()
      const filter = system === undefined ? '' : `&system=${encodeURIComponent(system)}`
      if (follow) await followEvents(context, server, filter, since)
      else await printEvents(context, server, filter, Number(since ?? 0))
    })
}

async function printEvents({ io, json }: Context, { get }: Client, filter: string, since: number): Promise<void> {
  const all: RecordedEvent[] = []
  for (let last = since; ; ) {
    const page = await get<RecordedEvent[]>(`${apiPath('events.json')}?since=${last}&limit=${PAGE}${filter}`)
    if (json) all.push(...page)
    else print(io, ...page.map(eventLine))
    last = page.at(-1)?.id ?? last
    if (page.length < PAGE) break
  }
  if (json) printJson(io, all)
}

/** A daemon that restarts is no reason to stop looking; one that was never there is. */
async function followEvents(
  { io, json }: Context,
  server: Client,
  filter: string,
  since: string | undefined,
): Promise<void> {
  let last = since
  let wasOpen = false
  let isLost = false
  const opened = () => {
    if (isLost) tell(io, 'connected again')
    wasOpen = true
    isLost = false
  }
  while (true) {
    const from = last === undefined ? '' : `&since=${last}`
    try {
      for await (const event of server.events<RecordedEvent>(`${apiPath('events')}?${from}${filter}`, opened)) {
        last = String(event.id)
        if (json) printJson(io, event, 0)
        else print(io, eventLine(event))
      }
    } catch (error) {
      if (!wasOpen) throw error
    }
    if (!isLost) tell(io, 'the stream of events ended; trying again …')
    isLost = true
    await pause(RETRY)
  }
}

/** Time, event, system or MAC, and what was seen. */
function eventLine({ at, name, payload }: RecordedEvent): string {
  const time = new Date(at).toISOString().slice(0, 19).replace('T', ' ')
  return [time, ...wordsOf(name, payload)].join('  ')
}

function wordsOf(name: RecordedEvent['name'], payload: RecordedEvent['payload']): string[] {
  if ('step' in payload) return [payload.system ?? payload.mac ?? '?', `${payload.step}: ${payload.because}`]
  if ('state' in payload) return [payload.system, `power ${payload.state}: ${payload.because}`]
  if ('asked' in payload) return [payload.mac, `unknown machine asked for ${payload.asked}`]
  if ('class' in payload)
    return [payload.system, `${name === 'machine.acquired' ? 'acquired' : 'released'}: ${payload.class}`]
  if ('stage' in payload) return [payload.system, `overdue: still ${payload.stage}; ${payload.next}`]
  if ('because' in payload) return [payload.system, `broken: ${payload.because}`]
  if ('by' in payload) return [payload.system, `repaired by ${payload.by}`]
  return [payload.name, `${payload.type} ${name === 'item.removed' ? 'removed' : 'changed'}`]
}
