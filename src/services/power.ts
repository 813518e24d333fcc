/** Power: act, then watch until the state is seen; one task per system at a time, kept in memory within bounds. */

import type { Clock } from '../lib/clock.ts'
import type { Exec } from '../lib/exec.ts'
import type { Log } from '../lib/log.ts'
import { OrchestraError } from '../model/errors.ts'
import { type PowerAction, type PowerState, type PowerTask, wantedState } from '../model/power.ts'
import { macsOf, type System } from '../model/system.ts'
import type { PowerDriver, PowerTarget, PowerTools } from '../power/driver.ts'
import type { Journal } from './journal.ts'

export interface PowerReading {
  readonly state: PowerState
  /** Milliseconds since 1970: when it was read. */
  readonly at: number
  readonly because: string
}

export interface Power {
  /** Starts a task and answers at once. @throws OrchestraError item.missing | power.busy | power.unsupported */
  start(system: string, action: PowerAction): Promise<PowerTask>
  /** Waits for a task to end. @throws OrchestraError item.missing for an unknown id */
  finished(id: string): Promise<PowerTask>
  /** Asks the machine now. @throws OrchestraError item.missing | power.unsupported | power.failed */
  read(system: string): Promise<PowerReading>
  /** The last reading or the end of the last task, from memory. */
  last(system: string): PowerReading | undefined
  task(id: string): PowerTask | undefined
}

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

export interface PowerNeeds {
  readonly findSystem: (name: string) => System | undefined
  readonly drivers: readonly PowerDriver[]
  readonly exec: Exec
  readonly clock: Clock
  readonly record: Journal['record']
  readonly log: Pick<Log, 'info' | 'warn'>
  /** Resolves after so many milliseconds; rejects when the signal is aborted. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<unknown>
  readonly makeId: () => string
  readonly times?: Partial<PowerTimes>
}

const TIMES: PowerTimes = { call: 20_000, deadline: 90_000, poll: 2_000, retry: 1_000 }
const TRIES = 3
/** Tasks remembered; running ones always are. */
const MEMORY = 1_000
/** Driver calls under way at once: ipmitool for a whole hall must not be a process storm. */
const AT_ONCE = 32

/** @returns a Power that also stops: the tasks under way are abandoned, and say so. */
export function createPower(needs: PowerNeeds): Power & { stop(): void } {
  const { clock, record, log, wait } = needs
  const times = { ...TIMES, ...needs.times }
  const tasks = new Map<string, PowerTask>()
  const ends = new Map<string, Promise<PowerTask>>()
  const running = new Map<string, PowerTask>()
  const readings = new Map<string, PowerReading>()
  const stopping = new AbortController()
  const gate = gateOf(AT_ONCE)

  function find(name: string): { system: System; driver: PowerDriver; target: PowerTarget } {
    const system = needs.findSystem(name)
    if (!system) {
      readings.delete(name)
      throw new OrchestraError('item.missing', `there is no system "${name}"`)
    }
    const { type } = system.power
    const driver = needs.drivers.find((one) => one.type === type || one.aliases?.includes(type))
    if (!driver) {
      const known = needs.drivers.map((one) => one.type).join(', ')
      const fault = type === '' ? `${name} has no power type` : `power type "${type}" of ${name} is not known`
      throw new OrchestraError('power.unsupported', `${fault}; known types: ${known}`, { field: 'power.type' })
    }
    return { system, driver, target: { name, power: system.power, macs: macsOf(system) } }
  }

  /** One call of a driver, bounded in time and number. */
  function call<Answer>(what: string, run: (tools: PowerTools) => Promise<Answer>): Promise<Answer> {
    return gate(async () => {
      const limit = new AbortController()
      const signal = AbortSignal.any([limit.signal, stopping.signal])
      const ended = new AbortController()
      const late = wait(times.call, AbortSignal.any([ended.signal, stopping.signal])).then(() => {
        const error = new OrchestraError('power.failed', `${what}: no answer within ${seconds(times.call)}`)
        limit.abort(error)
        throw error
      })
      try {
        return await Promise.race([run({ exec: needs.exec, signal }), late])
      } finally {
        late.catch(() => {})
        ended.abort()
      }
    })
  }

  function note(system: string, state: PowerState, because: string, task?: PowerTask): PowerReading {
    const before = readings.get(system)
    const reading = { state, at: clock.now(), because }
    readings.set(system, reading)
    if (task || before?.state !== state) {
      record('power.changed', { system, state, action: task?.action, task: task?.id, because })
    }
    return reading
  }

  async function actWithTries(driver: PowerDriver, target: PowerTarget, action: PowerAction): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call(`${driver.type} ${action} ${target.name}`, (tools) => driver.act(target, action, tools))
      } catch (error) {
        const hopeless = error instanceof OrchestraError && error.code === 'power.unsupported'
        if (hopeless || attempt === TRIES || stopping.signal.aborted) throw error
        log.warn(
          { system: target.name, action, attempt, fault: sentenceOf(error) },
          'power action failed, trying again',
        )
        await wait(times.retry * attempt, stopping.signal)
      }
    }
  }

  /** Looks until the wanted state is seen; answers how that went. */
  async function watch(driver: PowerDriver, target: PowerTarget, wanted: 'on' | 'off'): Promise<void> {
    const from = clock.now()
    let seen = 'nothing was seen'
    while (true) {
      try {
        const state = await call(`${driver.type} state of ${target.name}`, (tools) => driver.state(target, tools))
        if (state === wanted) return
        seen = state === 'unknown' ? 'its state cannot be told' : `it is still ${state}`
      } catch (error) {
        seen = `its state cannot be read: ${sentenceOf(error)}`
      }
      if (clock.now() - from >= times.deadline) {
        throw new OrchestraError(
          'power.failed',
          `${target.name} was to be ${wanted} within ${seconds(times.deadline)}, but ${seen}`,
        )
      }
      await wait(times.poll, stopping.signal)
    }
  }

  /** Does the whole of an action; answers the sentence of its end. */
  async function perform(task: PowerTask, system: System, driver: PowerDriver, target: PowerTarget): Promise<string> {
    const steps: readonly PowerAction[] = driver.can.includes(task.action) ? [task.action] : ['off', 'on']
    for (const step of steps) {
      await actWithTries(driver, target, step)
      if (step !== 'off') {
        const because = `${driver.type} took the order: power ${task.action}`
        record('boot.step', { mac: macsOf(system)[0], system: system.name, step: 'power', because })
      }
      if (!driver.can.includes('state')) return `sent; ${driver.type} cannot see the state`
      await watch(driver, target, wantedState(step))
    }
    return `${target.name} is ${wantedState(task.action)}, seen by ${driver.type}`
  }

  async function run(task: PowerTask, system: System, driver: PowerDriver, target: PowerTarget): Promise<PowerTask> {
    let end: Pick<PowerTask, 'state' | 'because'>
    try {
      end = { state: 'complete', because: await perform(task, system, driver, target) }
    } catch (error) {
      const because = stopping.signal.aborted ? 'the daemon was stopped meanwhile' : sentenceOf(error)
      end = { state: 'failed', because }
      log.warn({ system: task.system, action: task.action, because }, 'power task failed')
    }
    const ended: PowerTask = { ...task, ...end, ended: clock.now() }
    tasks.set(task.id, ended)
    running.delete(task.system)
    const seen = end.state === 'complete' && driver.can.includes('state') ? wantedState(task.action) : 'unknown'
    note(task.system, seen, end.because, ended)
    return ended
  }

  return {
    async start(name, action) {
      const { system, driver, target } = find(name)
      const able = driver.can.includes(action) || (action === 'reboot' && canCycle(driver))
      if (!able) {
        throw new OrchestraError(
          'power.unsupported',
          `${driver.type} of ${name} cannot do "${action}", only: ${driver.can.join(', ')}`,
        )
      }
      const other = running.get(name)
      if (other) {
        const since = seconds(clock.now() - other.started)
        throw new OrchestraError(
          'power.busy',
          `power ${other.action} of ${name} is under way since ${since}; wait for its end`,
        )
      }
      const because = `power ${action} of ${name} by ${driver.type} is under way`
      const task: PowerTask = {
        id: needs.makeId(),
        system: name,
        action,
        state: 'running',
        because,
        started: clock.now(),
        ended: undefined,
      }
      forgetOld(tasks, ends)
      tasks.set(task.id, task)
      running.set(name, task)
      note(name, readings.get(name)?.state ?? 'unknown', because, task)
      ends.set(task.id, run(task, system, driver, target))
      return task
    },

    async finished(id) {
      const end = ends.get(id)
      if (!end) throw new OrchestraError('item.missing', `there is no power task ${id}`)
      return end
    },

    async read(name) {
      const { driver, target } = find(name)
      if (!driver.can.includes('state')) {
        throw new OrchestraError('power.unsupported', `${driver.type} of ${name} cannot see the state`)
      }
      const state = await call(`${driver.type} state of ${name}`, (tools) => driver.state(target, tools))
      return note(
        name,
        state,
        state === 'unknown' ? `${driver.type} cannot tell` : `${name} is ${state}, seen by ${driver.type}`,
      )
    },

    last: (name) => readings.get(name),
    task: (id) => tasks.get(id),
    stop: () => stopping.abort(),
  }
}

/** A reboot can be made of off and on where the state can be seen in between. */
function canCycle({ can }: PowerDriver): boolean {
  return can.includes('off') && can.includes('on') && can.includes('state')
}

function forgetOld(tasks: Map<string, PowerTask>, ends: Map<string, unknown>): void {
  for (const [id, task] of tasks) {
    if (tasks.size < MEMORY) return
    if (task.state === 'running') continue
    tasks.delete(id)
    ends.delete(id)
  }
}

/** Lets at most `limit` of its callers run at once, in their order. */
function gateOf(limit: number): <Answer>(run: () => Promise<Answer>) => Promise<Answer> {
  const waiting: (() => void)[] = []
  let inside = 0
  return async (run) => {
    if (inside >= limit) await new Promise<void>((enter) => waiting.push(enter))
    else inside++
    try {
      return await run()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else inside--
    }
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`
}
