/** `orchestra system poweron|poweroff|reboot|powerstatus`: acts and waits until the new state is seen, or says why not. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import type { PowerAction, PowerState, PowerTask } from '../../model/power.ts'
import { apiPath } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, printJson } from '../io.ts'
import { showTask, taskId } from '../task.ts'

const ACTIONS: Readonly<Record<string, PowerAction>> = { poweron: 'on', poweroff: 'off', reboot: 'reboot' }

export const POWER_VERBS = {
  poweron: 'turn it on, and wait until that is seen',
  poweroff: 'turn it off, and wait until that is seen',
  reboot: 'turn it off and on, and wait until that is seen',
  powerstatus: 'ask whether it is on (exit code 0: on, 2: off, 1: cannot be told)',
} as const

/** As fence agents answer. */
const STATUS_EXIT: Record<PowerState, number> = { on: 0, off: 2, unknown: 1 }
const POLL = 500

export function buildPower(command: Command, context: Context, verb: string): void {
  const action = ACTIONS[verb]
  command.requiredOption('--name <name>', 'the system').action(async ({ name }: { name: string }) => {
    await (action === undefined ? showStatus(context, name) : act(context, name, action))
  })
}

async function act(context: Context, name: string, action: PowerAction): Promise<void> {
  const { get, send } = await context.client()
  const { task } = await send<{ task: PowerTask }>('POST', apiPath('systems', name, 'power'), { action })
  await showTask(context, { id: task.id, title: `Power management (${action})` }, async (say) => {
    let now = task
    let said = ''
    while (now.ended === undefined) {
      if (now.because !== said) say(`${name}: ${now.because}`)
      said = now.because
      await pause(POLL)
      now = await get<PowerTask>(apiPath('tasks', task.id))
    }
    return {
      ...now,
      state: now.state === 'complete' ? 'complete' : 'failed',
      because: context.json ? now.because : `${name}: ${now.because}`,
    }
  })
}

interface Reading {
  readonly state: PowerState
  readonly because: string
}

/** Cobbler's users get Cobbler's task, whose exit code tells only whether it could be told. */
async function showStatus(context: Context, name: string): Promise<void> {
  const { io, json, client } = context
  const { get } = await client()
  const read = () => get<Reading>(apiPath('systems', name, 'power'))
  if (context.name === 'cobbler' && !json) {
    return await showTask(context, { id: taskId(io, 'power'), title: 'Power management (status)' }, async (say) => {
      const { state, because } = await read()
      say(`${name}: ${because}`)
      return { state: state === 'unknown' ? 'failed' : 'complete', because: `Status: ${state.toUpperCase()}` }
    })
  }
  const { state, because } = await read()
  if (json) printJson(io, { name, state, because })
  else print(io, `${name}: ${state} (${because})`)
  if (state !== 'on') throw new CliError('', STATUS_EXIT[state])
}
