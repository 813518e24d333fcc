/** Power: background_power_system for many at once, power_system for one and its answer. */
import { OrchestraError } from '../../model/errors.ts'
import type { PowerAction, PowerTask } from '../../model/power.ts'
import { cobblerFault } from '../fault.ts'
import { type Context, callerOf, type Method, structArg, textArg, wordsArg } from '../method.ts'

const backgroundPowerSystem: Method = {
  name: 'background_power_system',
  auth: 'write',
  params: ['options', 'token'],
  required: 2,
  call: (context, args) => {
    const options = structArg(args, 0, 'options')
    const word = typeof options['power'] === 'string' ? options['power'] : ''
    const systems = wordsArg(options['systems'], 'systems')
    return context.tasks.start('power', `Power management (${word})`, async (say) => {
      const done = await Promise.all(systems.map((name) => powerOne(context, name, word, say)))
      return done.every((one) => one)
    })
  },
}

/** One machine of many: what goes wrong is told in the task's log. A name that is not there is no failure, as in Cobbler. */
async function powerOne(context: Context, name: string, word: string, say: (line: string) => void): Promise<boolean> {
  try {
    say(await act(context, name, word))
    return true
  } catch (error) {
    if (!(error instanceof Error)) throw error
    say(`${name}: ${error.message}`)
    context.log.warn({ system: name, power: word, because: error.message }, 'background power action failed')
    return error instanceof OrchestraError && error.code === 'item.missing'
  }
}

async function act(context: Context, name: string, word: string): Promise<string> {
  const order = parsePower(word)
  if (order === 'status') return (await context.power.read(name)).because
  const { state, because } = await perform(context, name, order)
  if (state !== 'complete') throw new OrchestraError('power.failed', because)
  return because
}

const powerSystem: Method = {
  name: 'power_system',
  auth: 'write',
  params: ['handle', 'power', 'token'],
  required: 3,
  before: ({ drafts }, args) => drafts.find('system', textArg(args, 0, 'handle')),
  call: async (context, args) => {
    const { name } = context.drafts.read('system', textArg(args, 0, 'handle'), callerOf(context))
    const order = parsePower(textArg(args, 1, 'power'))
    if (order === 'status') {
      const { state, because } = await context.power.read(name)
      if (state === 'unknown')
        throw new OrchestraError('power.failed', `the power state of ${name} is not known: ${because}`)
      return state === 'on'
    }
    const { state, because } = await perform(context, name, order)
    if (state !== 'complete') throw new OrchestraError('power.failed', because)
    return true
  },
}

function parsePower(word: string): PowerAction | 'status' {
  if (word === 'on' || word === 'off' || word === 'reboot' || word === 'status') return word
  throw cobblerFault(`invalid power operation '${word}', expected on/off/status/reboot`)
}

/** Clients release a machine and take it again at once: an order waits in line for the end of the one before. */
async function perform({ power, caller }: Context, name: string, action: PowerAction): Promise<PowerTask> {
  return await power.finished((await power.start(name, action, { by: caller?.user })).id)
}

export const powerMethods: readonly Method[] = [backgroundPowerSystem, powerSystem]
