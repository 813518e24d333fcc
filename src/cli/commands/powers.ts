/** `orchestra power on|off|reboot|status|test|identify NAME…`: machines by name, each with its result. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import type { PowerAction, PowerState, PowerTask } from '../../model/power.ts'
import { apiPath, type Client } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson, tell } from '../io.ts'

const POLL = 500

interface Seen {
  readonly system: string
  readonly state: PowerState
  readonly at: number | null
  readonly because: string
}

interface Tested {
  readonly ok: boolean
  readonly because: string
}

export function buildPowers(command: Command, context: Context): void {
  for (const action of ['on', 'off', 'reboot'] as const) {
    command
      .command(`${action} <names...>`)
      .description(`${WORDS[action]}, and wait until that is seen; ctrl-c stops waiting, not the machines`)
      .option('--no-wait', 'answer when the orders are taken')
      .action((names: string[], { wait }: { wait: boolean }) => order(context, action, names, wait))
  }
  command
    .command('status [names...]')
    .description('what was last seen, and when; of names given: what is seen now')
    .action((names: string[]) => status(context, names))
  command
    .command('test <names...>')
    .description('ask each power controller whether it would obey, and say what is wrong')
    .action((names: string[]) => test(context, names))
  command
    .command('confirm <name> <state>')
    .description('say that a machine is on or off now, where a person turns it on and off')
    .action(async (name: string, state: string) => {
      const { send } = await context.client()
      const seen = await send<Seen>('POST', apiPath('systems', name, 'power', 'confirm'), { state })
      if (context.json) printJson(context.io, seen)
      else print(context.io, `${name}: ${seen.because}`)
    })
  command
    .command('identify <name>')
    .description("let the machine's lamp blink")
    .option('--seconds <n>', 'for so long; 0 ends it', '15')
    .action(async (name: string, { seconds }: { seconds: string }) => {
      const { send } = await context.client()
      await send('POST', apiPath('systems', name, 'power', 'identify'), { seconds: Number(seconds) })
    })
}

const WORDS: Record<PowerAction, string> = { on: 'turn on', off: 'turn off', reboot: 'turn off and on' }

async function order(context: Context, action: PowerAction, names: readonly string[], wait: boolean): Promise<void> {
  const { io, json } = context
  const client = await context.client()
  const { results } = await client.send<{
    results: ({ system: string; because: string } | { system: string; task: PowerTask })[]
  }>('POST', apiPath('power'), { action, systems: [...names] })
  const ended = await Promise.all(
    results.map(async (one) => {
      const end = 'task' in one ? (wait ? await follow(client, one.task) : one.task) : one
      if (!json) print(io, `${end.system}: ${end.because}`)
      return end
    }),
  )
  if (json) printJson(io, ended)
  const failed = ended.filter((one) => !('state' in one) || one.state === 'failed' || one.state === 'cancelled')
  if (failed.length === 0) return
  if (!json && names.length > 1) tell(io, `${failed.length} of ${ended.length} failed`)
  throw new CliError('')
}

async function follow({ get }: Client, task: PowerTask): Promise<PowerTask> {
  let now = task
  while (now.ended === undefined) {
    await pause(POLL)
    now = await get<PowerTask>(apiPath('tasks', task.id))
  }
  return now
}

async function status({ io, json, client }: Context, names: readonly string[]): Promise<void> {
  const { get } = await client()
  const read = async (system: string): Promise<Seen> => {
    try {
      return { system, ...(await get<Omit<Seen, 'system'>>(apiPath('systems', system, 'power'))) }
    } catch (error) {
      if (!(error instanceof CliError) || error.refusal === undefined) throw error
      return { system, state: 'unknown', at: io.clock.now(), because: error.message }
    }
  }
  const seen = names.length > 0 ? await Promise.all(names.map(read)) : await get<Seen[]>(apiPath('power'))
  if (json) return printJson(io, seen)
  for (const { system, state, at, because } of seen) {
    const age = at === null || names.length > 0 ? '' : `, ${ago(io.clock.now() - at)}`
    print(io, `${system}: ${state} (${because}${age})`)
  }
}

async function test({ io, json, client }: Context, names: readonly string[]): Promise<void> {
  const { send } = await client()
  const tested = await Promise.all(
    names.map(async (system) => ({
      system,
      ...(await send<Tested>('POST', apiPath('systems', system, 'power', 'test'))),
    })),
  )
  if (json) printJson(io, tested)
  else for (const { system, ok, because } of tested) print(io, `${system}: ${ok ? 'good' : 'not good'}: ${because}`)
  if (tested.some(({ ok }) => !ok)) throw new CliError('')
}

function ago(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  return seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`
}
