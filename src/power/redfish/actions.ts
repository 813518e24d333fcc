/** Power: what the machine's state means, and the reset (ComputerSystem.Reset) that leads to another. */
import { isJsonObject } from '../../lib/json.ts'
import type { PowerAction, PowerState } from '../../model/power.ts'
import { PowerError } from '../driver.ts'
import { clean } from '../http/clean.ts'
import type { RedfishClient } from './client.ts'
import { type ComputerSystem, type ResetAction, resetTypesOf, systemOf } from './resources.ts'
import { finish, type Wait } from './tasks.ts'

/**
 * What is asked for each action, the best first. PushPowerButton is what a finger does: on when off, and otherwise a request
 * to the installed system. Soft has no hard way after it: who asks politely must not be switched off.
 */
const WAYS = {
  on: ['On', 'ForceOn', 'PushPowerButton'],
  off: ['ForceOff'],
  'soft off': ['GracefulShutdown', 'PushPowerButton'],
  reboot: ['ForceRestart', 'PowerCycle'],
  'soft reboot': ['GracefulRestart'],
} as const

const LOOK_MS = 1_000

/** PoweringOn, PoweringOff and Paused are neither. */
export function stateOf({ powerState }: Pick<ComputerSystem, 'powerState'>): PowerState {
  return powerState === 'On' ? 'on' : powerState === 'Off' ? 'off' : 'unknown'
}

/** @throws PowerError */
export async function act(
  client: RedfishClient,
  system: ComputerSystem,
  action: PowerAction,
  soft: boolean,
  signal: AbortSignal,
  wait: Wait,
): Promise<void> {
  const { reset, powerState } = system
  if (reset === undefined) throw new PowerError('refused', `${client.host} lets nobody reset ${named(system)}`)
  const types = await typesOf(client, reset, signal)
  const order = (what: keyof typeof WAYS) => resetBy(client, system, reset.target, types, what, signal, wait)

  if (action === 'on') return powerState === 'On' || powerState === 'PoweringOn' ? undefined : order('on')
  if (action === 'off') return powerState === 'Off' ? undefined : order(soft ? 'soft off' : 'off')
  // A machine that is off cannot be restarted: iLO answers 400, InvalidOperationForSystemState.
  if (powerState === 'Off') return order('on')
  if (soft) return order('soft reboot')
  if (types === undefined || WAYS.reboot.some((type) => types.includes(type))) return order('reboot')
  await order('off')
  await until(client, system, 'off', signal, wait)
  await order('on')
}

/** The types that this machine allows; undefined when it tells nowhere. */
async function typesOf(
  client: RedfishClient,
  { types, info }: ResetAction,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  if (types !== undefined || info === undefined) return types
  const { status, body } = await client.ask('GET', info, signal)
  return status === 200 && isJsonObject(body) ? resetTypesOf(body) : undefined
}

async function resetBy(
  client: RedfishClient,
  system: ComputerSystem,
  target: string,
  types: readonly string[] | undefined,
  what: keyof typeof WAYS,
  signal: AbortSignal,
  wait: Wait,
): Promise<void> {
  const ways = WAYS[what].filter((type) => types?.includes(type) ?? true)
  if (ways.length === 0) {
    const offered = clean((types ?? []).join(', '), 200) || 'nothing'
    const advice = what.startsWith('soft') ? '; leave soft=yes out of power_options to do it the hard way' : ''
    throw new PowerError('refused', `${client.host} has no reset for "${what}", only ${offered}${advice}`)
  }
  const wanted = what === 'on' ? 'on' : what.endsWith('off') ? 'off' : undefined
  let refusal: PowerError | undefined
  for (const type of ways) {
    if (type === 'PushPowerButton') {
      // A second push would undo the first.
      const now = await look(client, system, signal)
      if (now !== (what === 'on' ? 'off' : 'on')) break
    }
    const reply = await client.ask('POST', target, signal, { body: { ResetType: type } })
    const said = client.refusal(reply, `do "${what}" (${type})`)
    if (said === undefined) {
      await finish(client, reply, `do "${what}" (${type})`, signal, wait)
      return
    }
    // iDRAC answers 409 and PSU501 to a machine that is as it was wanted.
    if (wanted !== undefined && (await look(client, system, signal)) === wanted) return
    refusal ??= said
    // Listed and yet not there, or wrong in this state: another type may do. A broken service is asked no more.
    if (reply.status >= 500 && reply.status !== 501) break
  }
  throw refusal ?? new PowerError('refused', `the state of ${named(system)} at ${client.host} does not allow "${what}"`)
}

async function look(client: RedfishClient, { path }: ComputerSystem, signal: AbortSignal): Promise<PowerState> {
  return stateOf(systemOf(path, (await client.get(path, signal)).json))
}

async function until(
  client: RedfishClient,
  system: ComputerSystem,
  wanted: PowerState,
  signal: AbortSignal,
  wait: Wait,
): Promise<void> {
  while ((await look(client, system, signal)) !== wanted) {
    await wait(LOOK_MS, signal).catch((cause: unknown) => {
      throw new PowerError('no-answer', `${named(system)} at ${client.host} did not become ${wanted} in time`, {
        cause,
      })
    })
  }
}

function named({ id, name }: ComputerSystem): string {
  return `system "${clean(id || name, 60)}"`
}
