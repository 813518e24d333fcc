/** `orchestra system poweron|poweroff|reboot|powerstatus`: acts and waits until the new state is seen, or says why not. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import type { PowerAction, PowerState, PowerTask } from '../../model/power.ts'
import { apiPath, type Client } from '../client.ts'
import type { Context } from '../context.ts'
import { CliError, print, tell } from '../io.ts'

const ACTIONS: readonly [verb: string, action: PowerAction, help: string][] = [
  ['poweron', 'on', 'turn it on'],
  ['poweroff', 'off', 'turn it off'],
  ['reboot', 'reboot', 'turn it off and on'],
]
/** As fence agents answer, which Cobbler's users know. */
const STATUS_EXIT: Record<PowerState, number> = { on: 0, off: 2, unknown: 1 }
const POLL = 500

export function addPowerCommands(system: Command, { io, client }: Context): void {
  for (const [verb, action, help] of ACTIONS) {
    system
      .command(verb)
      .description(`${help}, and wait until that is seen`)
      .requiredOption('--name <name>', 'the system')
      .action(async ({ name }: { name: string }) => {
        const server = await client()
        const { task } = await server.send<{ task: PowerTask }>('POST', apiPath('systems', name, 'power'), { action })
        const ended = await followTask(server, task, (because) => tell(io, `${name}: ${because}`))
        if (ended.state === 'failed') throw new CliError(`${name}: ${ended.because}`)
        print(io, `${name}: ${ended.because}`)
      })
  }

  system
    .command('powerstatus')
    .description('ask whether it is on (exit code 0: on, 2: off, 1: cannot be told)')
    .requiredOption('--name <name>', 'the system')
    .action(async ({ name }: { name: string }) => {
      const { get } = await client()
      const { state, because } = await get<{ state: PowerState; because: string }>(apiPath('systems', name, 'power'))
      print(io, `${name}: ${state} (${because})`)
      if (state !== 'on') throw new CliError('', STATUS_EXIT[state])
    })
}

/** Tells each new sentence while the task runs. */
async function followTask({ get }: Client, task: PowerTask, say: (because: string) => void): Promise<PowerTask> {
  let now = task
  let said = ''
  while (now.state === 'running') {
    if (now.because !== said) say(now.because)
    said = now.because
    await pause(POLL)
    now = await get<PowerTask>(apiPath('tasks', task.id))
  }
  return now
}
