/** `orchestra power on|off|reboot|cancel|status|test|confirm|identify NAME…`: machines by name, each with its result. */
import { setTimeout as pause } from 'node:timers/promises'
import { Argument, type Command, InvalidArgumentError } from 'commander'
import type { PowerAction, PowerState, PowerTask } from '../../model/power.ts'
import { apiPath, type Client } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson, tell } from '../io.ts'

const POLL = 500
/** Of many tasks, so many milliseconds for each: the daemon has better things to do than to answer us. */
const POLL_EACH = 10

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
    .command('cancel <names...>')
    .description('of machines or of single tasks by their id: what waits does not happen, what runs is not followed')
    .action((names: string[]) => cancel(context, names))
  command
    .command('status [names...]')
    .description('what was last seen, and when; of names given: what is seen now')
    .action((names: string[]) => status(context, names))
  command
    .command('test <names...>')
    .description('ask each power controller whether it would obey, and say what is wrong')
    .action((names: string[]) => test(context, names))
  command
    .command('confirm')
    .argument('<name>')
    .addArgument(new Argument('<state>').choices(['on', 'off']))
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
    .option('--seconds <n>', 'for so long; 0 ends it', parseSeconds, 15)
    .action(async (name: string, { seconds }: { seconds: number }) => {
      const { send } = await context.client()
      await send('POST', apiPath('systems', name, 'power', 'identify'), { seconds })
      if (context.json) printJson(context.io, { system: name, seconds })
      else print(context.io, seconds > 0 ? `${name}: its lamp blinks for ${seconds} s` : `${name}: its lamp is out`)
    })
}

function parseSeconds(text: string): number {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : -1
  if (seconds < 0 || seconds > 3600) throw new InvalidArgumentError('It is a number of seconds from 0 to 3600.')
  return seconds
}

const WORDS: Record<PowerAction, string> = { on: 'turn on', off: 'turn off', reboot: 'turn off and on' }

async function order(context: Context, action: PowerAction, names: readonly string[], wait: boolean): Promise<void> {
  const { io, json } = context
  const client = await context.client()
  const { results } = await client.send<{
    results: ({ system: string; because: string } | { system: string; task: PowerTask })[]
  }>('POST', apiPath('power'), { action, systems: [...names] })
  const say = (line: string) => json || tell(io, line)
  const ended = await Promise.all(
    results.map(async (one) => {
      const rest = Math.max(POLL, POLL_EACH * results.length)
      const end = 'task' in one ? (wait ? await follow(client, one.task, rest, say) : one.task) : one
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

/** @param say is told what is waited for, where that is more than the controller: another order, or a person */
async function follow({ get }: Client, task: PowerTask, rest: number, say: (line: string) => void): Promise<PowerTask> {
  let now = task
  let said = task.state === 'queued' ? '' : task.because
  while (now.ended === undefined) {
    if (now.because !== said && !now.because.endsWith(' is under way')) say(`${now.system}: ${now.because}`)
    said = now.because
    await pause(rest)
    now = await get<PowerTask>(apiPath('tasks', task.id))
  }
  return now
}

const TASK_ID = /^[0-9a-f]{32}$/

async function cancel({ io, json, client }: Context, names: readonly string[]): Promise<void> {
  const { send } = await client()
  const ended = await Promise.all(
    names.map(async (name): Promise<readonly (PowerTask | { system: string; because: string })[]> => {
      try {
        if (TASK_ID.test(name)) return [await send<PowerTask>('DELETE', apiPath('tasks', name))]
        return (await send<{ tasks: PowerTask[] }>('DELETE', apiPath('systems', name, 'power'))).tasks
      } catch (error) {
        return [{ system: name, because: refusalOf(error) }]
      }
    }),
  )
  const all = ended.flat()
  if (json) printJson(io, all)
  else
    for (const one of all) print(io, `${one.system}: ${'action' in one ? `power ${one.action}: ` : ''}${one.because}`)
  if (all.some((one) => !('state' in one) || one.state !== 'cancelled')) throw new CliError('')
}

/** What the daemon says of one of many; what is wrong with all is thrown on. */
function refusalOf(error: unknown): string {
  if (error instanceof CliError && error.refusal !== undefined) return error.message
  throw error
}

async function status({ io, json, client }: Context, names: readonly string[]): Promise<void> {
  const { get } = await client()
  let refused = 0
  const read = async (system: string): Promise<Seen> => {
    try {
      return { system, ...(await get<Omit<Seen, 'system'>>(apiPath('systems', system, 'power'))) }
    } catch (error) {
      refused++
      return { system, state: 'unknown', at: io.clock.now(), because: refusalOf(error) }
    }
  }
  const seen = names.length > 0 ? await Promise.all(names.map(read)) : await get<Seen[]>(apiPath('power'))
  if (json) printJson(io, seen)
  for (const { system, state, at, because } of json ? [] : seen) {
    const age = at === null || names.length > 0 ? '' : `, ${ago(io.clock.now() - at)}`
    print(io, `${system}: ${state} (${because}${age})`)
  }
  if (refused > 0) throw new CliError('')
}

async function test({ io, json, client }: Context, names: readonly string[]): Promise<void> {
  const { send } = await client()
  const tested = await Promise.all(
    names.map(async (system) => ({
      system,
      ...(await send<Tested>('POST', apiPath('systems', system, 'power', 'test')).catch((error: unknown) => ({
        ok: false,
        because: refusalOf(error),
      }))),
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
