/** `orchestra events`: what happened, and with -f what happens, one line each. */
import type { Command } from 'commander'
import type { RecordedEvent } from '../../model/event.ts'
import { apiPath, type Client } from '../client.ts'
import type { Context } from '../context.ts'
import { follow } from '../follow.ts'
import { CliError, print, printJson } from '../io.ts'

interface Given {
  readonly follow?: true
  readonly system?: string
  readonly since?: string
}

const PAGE = 1000

export function buildEvents(command: Command, context: Context): void {
  command
    .option('-f, --follow', 'go on with what happens, until interrupted; as JSON, one object a line')
    .option('--system <name>', 'of one system only')
    .option('--since <id>', 'after the event of this number')
    .action(async ({ follow: isFollowing, system, since }: Given) => {
      if (since !== undefined && !/^\d+$/.test(since)) throw new CliError(`--since is a number, not "${since}"`)
      const filter = system === undefined ? '' : `&system=${encodeURIComponent(system)}`
      if (!isFollowing) return await printEvents(context, await context.client(), filter, Number(since ?? 0))
      const from = (id: number | string | undefined) => (id === undefined ? '' : `&since=${id}`)
      await follow<RecordedEvent>(context, {
        what: 'events',
        path: (last) => `${apiPath('events')}?${from(last?.id ?? since)}${filter}`,
        lines: (event) => [eventLine(event)],
      })
      return
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

/** Time, event, system or MAC, and what was seen. */
function eventLine({ at, name, payload }: RecordedEvent): string {
  const time = new Date(at).toISOString().slice(0, 19).replace('T', ' ')
  return [time, ...wordsOf(name, payload)].join('  ')
}

function wordsOf(name: RecordedEvent['name'], payload: RecordedEvent['payload']): string[] {
  if ('step' in payload) return [payload.system ?? payload.mac ?? '?', `${payload.step}: ${payload.because}`]
  if ('kind' in payload) return [`${payload.kind} job ${payload.id}`, payload.state]
  if ('state' in payload) return [payload.system, `power ${payload.state}: ${payload.because}`]
  if ('path' in payload) return [payload.path, `template changed by ${payload.by ?? 'somebody'}`]
  if ('asked' in payload) return [payload.mac, `unknown machine asked for ${payload.asked}`]
  if ('class' in payload)
    return [payload.system, `${name === 'machine.acquired' ? 'acquired' : 'released'}: ${payload.class}`]
  if ('stage' in payload) return [payload.system, `overdue: still ${payload.stage}; ${payload.next}`]
  if ('server' in payload) return [payload.server, payload.because]
  if ('because' in payload) return [payload.system, `broken: ${payload.because}`]
  if ('by' in payload) return [payload.system, `repaired by ${payload.by}`]
  return [payload.name, `${payload.type} ${name === 'item.removed' ? 'removed' : 'changed'}`]
}
