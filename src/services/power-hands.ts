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
  /** A call that waits for so long for its controller lets others go before. */
  readonly slow: number
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
  readonly what: PowerAction | 'state' | 'boot-once' | 'identify' | 'console' | 'screen'
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
  /** As `hold`; undefined: there is no such system, or no driver for it. */
  find(name: string): Held | undefined
  /** Whose word this is. */
  driver(type: string): PowerDriver | undefined
  /** One call. @throws what the driver throws, PowerError no-answer, and item.missing when the system is gone */
  call<Answer>(
    held: Held,
    what: PowerCall['what'],
    signal: AbortSignal,
    run: (tools: PowerTools) => Promise<Answer>,
    isPatient?: boolean,
  ): Promise<Answer>
  act(held: Held, action: PowerAction, signal: AbortSignal): Promise<void>
  /** @param isPatient behind all that people wait for */
  state(held: Held, signal: AbortSignal, isPatient?: boolean): Promise<PowerState>
  /** The state as a controller that is there tells it; `unknown` too where it does not. @throws PowerError no-answer */
  reach(held: Held, signal: AbortSignal): Promise<PowerState>
  /** Looks until the wanted state is seen. @throws OrchestraError power.failed: what was seen instead */
  watch(held: Held, wanted: 'on' | 'off', signal: AbortSignal): Promise<void>
}

const TIMES: PowerTimes = { call: 20_000, slow: 1_500, deadline: 90_000, poll: 2_000, retry: 1_000 }
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

  const driverOf = (word: string) => {
    const type = word.trim().toLowerCase()
    const own = needs.drivers.find((one) => one.type === type || one.aliases?.includes(type))
    return own ?? needs.drivers.find((one) => one.claims?.(type))
  }

  /** A machine that is not ours any more is left alone. */
  function checkThere({ system: { name, uid } }: Held): void {
    if (needs.findSystem(name)?.uid === uid) return
    throw new OrchestraError(
      'item.missing',
      `${name} was removed or renamed meanwhile, and is not followed any further`,
    )
  }

  function find(name: string): Held | undefined {
    const system = needs.findSystem(name)
    const driver = system && driverOf(system.power.type)
    if (!driver) return undefined
    const can = driver.abilities?.(system.power) ?? driver.can
    return { system, driver, can, target: { name, power: system.power, macs: macsOf(system) } }
  }

  function hold(name: string): Held {
    const held = find(name)
    if (held) return held
    const system = needs.findSystem(name)
    if (!system) throw new OrchestraError('item.missing', `there is no system "${name}"`)
    const { type } = system.power
    const known = needs.drivers.map((one) => one.type).join(', ')
    const fault = type === '' ? `${name} has no power type` : `power type "${type}" of ${name} is not known`
    throw new OrchestraError('power.unsupported', `${fault}; known types: ${known}`, { field: 'power.type' })
  }

  function call<Answer>(
    held: Held,
    what: PowerCall['what'],
    signal: AbortSignal,
    run: (tools: PowerTools) => Promise<Answer>,
    isPatient = false,
  ): Promise<Answer> {
    const { driver, target } = held
    const most = what === 'state' ? times.call : (driver.longest ?? times.call)
    return gate({ signal, isPatient }, async (leave) => {
      signal.throwIfAborted()
      checkThere(held)
      const limit = new AbortController()
      const ended = new AbortController()
      const from = clock.now()
      const done = (fault: PowerCall['fault']) =>
        needs.observe?.({ driver: driver.type, what, fault, milliseconds: clock.now() - from })
      const over = AbortSignal.any([ended.signal, signal])
      const late = wait(most, over).then(() => {
        const words = what === 'state' ? `state of ${target.name}` : `${what} ${target.name}`
        const error = new PowerError('no-answer', `${driver.type} ${words}: no answer within ${seconds(most)}`)
        limit.abort(error)
        throw error
      })
      // Whoever waits for a silent controller needs nothing of this host, but where a program of ours does the waiting.
      let programs = 0
      const exec: Exec = (...all) => {
        programs++
        return needs.exec(...all).finally(() => programs--)
      }
      wait(times.slow, over).then(
        () => programs === 0 && leave(),
        () => {},
      )
      try {
        const { readFile } = needs
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

  const state = (held: Held, signal: AbortSignal, isPatient = false) =>
    call(held, 'state', signal, (tools) => held.driver.state(held.target, tools), isPatient)

  async function again<Answer>({ target }: Held, action: PowerAction, signal: AbortSignal, run: () => Promise<Answer>) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run()
      } catch (error) {
        if (isHopeless(error) || attempt === TRIES || signal.aborted) throw error
        const told = { system: target.name, action, attempt, fault: sentenceOf(error) }
        log.warn(told, 'power action failed, trying again')
        await wait(times.retry * attempt, signal)
      }
    }
  }

  return {
    hold,
    find,
    driver: driverOf,
    call,
    state,

    act: (held, action, signal) =>
      again(held, action, signal, () =>
        call(held, action, signal, (tools) => held.driver.act(held.target, action, tools)),
      ),

    async reach(held, signal) {
      return again(held, 'on', signal, () =>
        state(held, signal).catch((error: unknown) => {
          const isSilent = error instanceof PowerError && error.fault === 'no-answer'
          if (isSilent || isHopeless(error) || signal.aborted) throw error
          return 'unknown'
        }),
      )
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

/** Trying again does not help: a person must mend something first. */
export function isHopeless(error: unknown): boolean {
  if (error instanceof PowerError) return HOPELESS.has(error.fault)
  return error instanceof OrchestraError && (error.code === 'power.unsupported' || error.code === 'item.missing')
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`
}
