/** How a power driver is used: calls bounded in time and number, orders tried again where that helps, states watched. */
import type { Clock } from '../lib/clock.ts'
import type { Exec } from '../lib/exec.ts'
import type { Log } from '../lib/log.ts'
import { OrchestraError } from '../model/errors.ts'
import type { PowerAction, PowerState } from '../model/power.ts'
import { macsOf, type System } from '../model/system.ts'
import {
  type PowerAbility,
  type PowerDriver,
  PowerError,
  type PowerFault,
  type PowerTarget,
  type PowerTools,
} from '../power/driver.ts'
import { gateOf, type Wait } from './pace.ts'

export interface PowerTimes {
  /** One call of a driver. */
  readonly call: number
  /** From the accepted action until the state must be seen. */
  readonly deadline: number
  /** Between two looks. */
  readonly poll: number
  /** Between two tries of an action that failed. */
  readonly retry: number
}

/** What was asked of a controller, for the metrics. */
export interface PowerCall {
  readonly driver: string
  readonly what: PowerAction | 'state' | 'boot-once' | 'identify'
  readonly fault: PowerFault | 'other' | undefined
  readonly milliseconds: number
}

export interface PowerHandsNeeds {
  readonly findSystem: (name: string) => System | undefined
  readonly drivers: readonly PowerDriver[]
  readonly exec: Exec
  readonly readFile?: PowerTools['readFile']
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly wait: Wait
  readonly times?: Partial<PowerTimes> | undefined
  /** Calls of drivers under way at once. */
  readonly atOnce?: number | undefined
  readonly observe?: ((call: PowerCall) => void) | undefined
}

/** A system, and who turns it on and off. */
export interface Held {
  readonly system: System
  readonly driver: PowerDriver
  readonly target: PowerTarget
  /** What can be asked of it. */
  readonly can: readonly PowerAbility[]
}

export interface PowerHands {
  /** @throws OrchestraError item.missing | power.unsupported */
  hold(name: string): Held
  /** One call. @throws what the driver throws, and PowerError no-answer */
  call<Answer>(
    held: Held,
    what: PowerCall['what'],
    signal: AbortSignal,
    run: (tools: PowerTools) => Promise<Answer>,
  ): Promise<Answer>
  act(held: Held, action: PowerAction, signal: AbortSignal): Promise<void>
  state(held: Held, signal: AbortSignal): Promise<PowerState>
  /** Looks until the wanted state is seen. @throws OrchestraError power.failed: what was seen instead */
  watch(held: Held, wanted: 'on' | 'off', signal: AbortSignal): Promise<void>
}

const TIMES: PowerTimes = { call: 20_000, deadline: 90_000, poll: 2_000, retry: 1_000 }
const TRIES = 3
const AT_ONCE = 64

/** Asking again changes nothing here, and controllers lock out who asks often. */
const HOPELESS: ReadonlySet<PowerFault> = new Set([
  'wrong-password',
  'cipher-refused',
  'privilege-too-low',
  'tls-not-trusted',
  'wrong-address',
  'wrong-id',
  'no-program',
])

export function createPowerHands(needs: PowerHandsNeeds): PowerHands {
  const { clock, log, wait } = needs
  const times = { ...TIMES, ...needs.times }
  const gate = gateOf(needs.atOnce ?? AT_ONCE)

  const driverOf = (type: string) =>
    needs.drivers.find((one) => one.type === type || one.aliases?.includes(type)) ??
    needs.drivers.find((one) => one.claims?.(type))

  function hold(name: string): Held {
    const system = needs.findSystem(name)
    if (!system) throw new OrchestraError('item.missing', `there is no system "${name}"`)
    const { type } = system.power
    const driver = driverOf(type)
    if (!driver) {
      const known = needs.drivers.map((one) => one.type).join(', ')
      const fault = type === '' ? `${name} has no power type` : `power type "${type}" of ${name} is not known`
      throw new OrchestraError('power.unsupported', `${fault}; known types: ${known}`, { field: 'power.type' })
    }
    const can = driver.abilities?.(system.power) ?? driver.can
    return { system, driver, can, target: { name, power: system.power, macs: macsOf(system) } }
  }

  function call<Answer>(
    { driver, target }: Held,
    what: PowerCall['what'],
    signal: AbortSignal,
    run: (tools: PowerTools) => Promise<Answer>,
  ): Promise<Answer> {
    return gate(async () => {
      signal.throwIfAborted()
      const limit = new AbortController()
      const ended = new AbortController()
      const from = clock.now()
      const done = (fault: PowerCall['fault']) =>
        needs.observe?.({ driver: driver.type, what, fault, milliseconds: clock.now() - from })
      const late = wait(times.call, AbortSignal.any([ended.signal, signal])).then(() => {
        const words = what === 'state' ? `state of ${target.name}` : `${what} ${target.name}`
        const error = new PowerError('no-answer', `${driver.type} ${words}: no answer within ${seconds(times.call)}`)
        limit.abort(error)
        throw error
      })
      try {
        const { exec, readFile } = needs
        const tools = { exec, ...(readFile && { readFile }), signal: AbortSignal.any([limit.signal, signal]) }
        const answer = await Promise.race([run(tools), late])
        done(undefined)
        return answer
      } catch (error) {
        if (!signal.aborted) done(error instanceof PowerError ? error.fault : 'other')
        throw error
      } finally {
        late.catch(() => {})
        ended.abort()
      }
    })
  }

  const state = (held: Held, signal: AbortSignal) =>
    call(held, 'state', signal, (tools) => held.driver.state(held.target, tools))

  return {
    hold,
    call,
    state,

    async act(held, action, signal) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await call(held, action, signal, (tools) => held.driver.act(held.target, action, tools))
        } catch (error) {
          if (isHopeless(error) || attempt === TRIES || signal.aborted) throw error
          const told = { system: held.target.name, action, attempt, fault: sentenceOf(error) }
          log.warn(told, 'power action failed, trying again')
          await wait(times.retry * attempt, signal)
        }
      }
    },

    async watch(held, wanted, signal) {
      const from = clock.now()
      let seen = 'nothing was seen'
      while (true) {
        try {
          const now = await state(held, signal)
          if (now === wanted) return
          seen = now === 'unknown' ? 'its state cannot be told' : `it is still ${now}`
        } catch (error) {
          if (signal.aborted || isHopeless(error)) throw error
          seen = `its state cannot be read: ${sentenceOf(error)}`
        }
        const deadline = held.driver.patience ?? times.deadline
        if (clock.now() - from >= deadline) {
          const within = seconds(deadline)
          throw new OrchestraError(
            'power.failed',
            `${held.target.name} was to be ${wanted} within ${within}, but ${seen}`,
          )
        }
        await wait(times.poll, signal)
      }
    },
  }
}

function isHopeless(error: unknown): boolean {
  if (error instanceof PowerError) return HOPELESS.has(error.fault)
  return error instanceof OrchestraError && error.code === 'power.unsupported'
}

/** A reboot can be made of off and on where the state can be seen in between. */
export function canReboot({ can }: Held): boolean {
  return can.includes('reboot') || (can.includes('off') && can.includes('on') && can.includes('state'))
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`
}
