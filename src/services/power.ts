/**
 * Power: act, then watch until the state is seen. One action at a time per machine, later ones wait in line; machines are
 * turned on in waves; tasks are kept in memory within bounds.
 */
import { OrchestraError } from '../model/errors.ts'
import { isAble, type PowerAction, type PowerState, type PowerTask, wantedState } from '../model/power.ts'
import { macsOf, type System } from '../model/system.ts'
import { type PowerAbility, PowerError, type PowerFault } from '../power/driver.ts'
import type { Journal } from './journal.ts'
import { orderNetworkBoot } from './network-boot.ts'
import { paceOf } from './pace.ts'
import { createPowerHands, type Held, type PowerHandsNeeds, seconds, sentenceOf } from './power-hands.ts'
import { type Order, openPowerLines } from './power-lines.ts'
import { openPowerReadings, type PowerReading } from './power-readings.ts'

/** Whether a machine's power can be managed as it is entered; never with a secret in it. */
export interface PowerTest {
  readonly ok: boolean
  readonly fault: PowerFault | 'settings' | 'other' | undefined
  /** What was seen, or what is wrong and how to mend it. */
  readonly because: string
  readonly can: readonly string[]
  readonly milliseconds: number
}

export interface Power {
  /**
   * Starts a task, or lines it up behind those of the same system, and answers at once. An order that is the last of the
   * line already is not given twice: its task is answered.
   * @throws OrchestraError item.missing | power.busy | power.unsupported
   */
  start(system: string, action: PowerAction, whose?: Pick<PowerTask, 'by' | 'job'>): Promise<PowerTask>
  /** Waits for a task to end. @throws OrchestraError item.missing for an unknown id */
  finished(id: string): Promise<PowerTask>
  /** What waits does not happen; what runs is not followed any further. @throws OrchestraError item.missing | item.invalid */
  cancel(id: string, by: string): PowerTask
  /** All that is under way or waits for a system, as it is then. @throws OrchestraError item.missing | item.invalid: nothing */
  cancelAll(system: string, by: string): PowerTask[]
  /** Asks the machine now. @throws OrchestraError item.missing | power.unsupported | power.failed */
  read(system: string): Promise<PowerReading>
  /** As `read`, behind all that people wait for. */
  look(system: string): Promise<PowerReading>
  /** Asks the machine now; what goes wrong is in the answer. @throws OrchestraError item.missing | power.unsupported */
  test(system: string): Promise<PowerTest>
  /** Somebody saw that the machine is so, where a person is its controller. @throws OrchestraError item.missing | power.unsupported */
  confirm(system: string, state: 'on' | 'off', by: string): PowerReading
  /** The machine was heard, so it is on: where a person is its controller, nobody need say so. */
  heard(system: string, how: string): void
  /** @throws OrchestraError item.missing | power.unsupported | power.failed */
  identify(system: string, seconds: number): Promise<void>
  /** The last reading or the end of the last task, from memory. */
  last(system: string): PowerReading | undefined
  task(id: string): PowerTask | undefined
  /** What runs for a system, or is the next to run. */
  taskOf(system: string): PowerTask | undefined
  /** All tasks that run or wait. */
  underWay(): PowerTask[]
  /** True while a task of the system runs or waits. */
  isBusy(system: string): boolean
  /** Whether its state can be asked for at all. */
  canSee(system: string): boolean
  /** What can be asked of it, and by what driver; undefined: nothing turns it on and off. */
  ability(system: string): { readonly driver: string; readonly can: readonly PowerAbility[] } | undefined
}

export interface PowerNeeds extends PowerHandsNeeds {
  readonly record: Journal['record']
  readonly makeId: () => string
  /** Of a task that ended, for the metrics. */
  readonly observeTask?: ((driver: string, task: PowerTask) => void) | undefined
  /** Of each task that is new, or stands otherwise. */
  readonly onTask?: ((task: PowerTask) => void) | undefined
  /** At most so many machines are turned on within so many milliseconds. */
  readonly waves?: { readonly wave: number; readonly within: number } | undefined
}

/** Orders of one machine, the one under way among them. */
const LINE = 4

/** @returns a Power that also stops: the tasks under way are abandoned, and say so. */
export function createPower(needs: PowerNeeds): Power & { stop(): void } {
  const { clock, record, log, wait } = needs
  const hands = createPowerHands(needs)
  const pace = paceOf({ ...(needs.waves ?? { wave: 10, within: 1_000 }), clock, wait })
  const lines = openPowerLines(run, (task) => needs.onTask?.(task))
  const readings = openPowerReadings({ clock, record })
  const { note } = readings
  const stopping = new AbortController()

  const tellBoot = (system: System, because: string) =>
    record('boot.step', { mac: macsOf(system)[0], system: system.name, step: 'power', because })

  /** Does the whole of an action; answers the sentence of its end. */
  async function perform(order: Order, held: Held): Promise<string> {
    const { system, driver, target, can } = held
    const { action } = order.task
    const canSee = can.includes('state')
    const signal = AbortSignal.any([order.stop.signal, stopping.signal])
    const steps: readonly PowerAction[] = can.includes(action) ? [action] : ['off', 'on']
    for (const step of steps) {
      if (step !== 'off') {
        // Before its turn: whose controller is dead takes nobody's place, and what is on already draws no more.
        const seen = canSee && steps.length === 1 ? await hands.reach(held, signal) : 'unknown'
        if (seen !== 'on' || action !== 'on') await pace(signal)
        await orderNetworkBoot(hands, held, signal, tellBoot)
      }
      await hands.act(held, step, signal)
      const question = driver.question?.(target, step)
      if (question !== undefined) {
        lines.set(order, { ...order.task, because: question })
        note(system.name, 'unknown', question, order.task)
      } else if (step !== 'off') {
        tellBoot(system, `${driver.type} took the order: power ${action}`)
      }
      if (!canSee) return `sent; ${driver.type} cannot see the state`
      await hands.watch(held, wantedState(step), signal)
    }
    return seenBy(held, wantedState(action))
  }

  async function run(order: Order): Promise<void> {
    const { system: name, action } = order.task
    let end: Pick<PowerTask, 'state' | 'because'>
    let held: Held | undefined
    try {
      // As it is now: what was asked for may have waited.
      held = hands.hold(name)
      const because = `power ${action} of ${name} by ${held.driver.type} is under way`
      lines.set(order, { ...order.task, state: 'running', because })
      note(name, readings.get(name)?.state ?? 'unknown', because, order.task)
      end = { state: 'complete', because: await perform(order, held) }
    } catch (error) {
      if (order.stop.signal.aborted) end = { state: 'cancelled', because: String(order.stop.signal.reason) }
      else {
        const because = stopping.signal.aborted ? 'the daemon was stopped meanwhile' : sentenceOf(error)
        end = { state: 'failed', because }
        log.warn({ system: name, action, because }, 'power task failed')
      }
    }
    lines.set(order, { ...order.task, ...end, ended: clock.now() })
    needs.observeTask?.(held?.driver.type ?? 'none', order.task)
    const sees = held?.can.includes('state') === true
    note(name, end.state === 'complete' && sees ? wantedState(action) : 'unknown', end.because, order.task)
    if (!needs.findSystem(name)) readings.forget(name)
    lines.leave(order)
  }

  function cancel(order: Order, by: string): PowerTask {
    const isQueued = order.task.state === 'queued'
    lines.cancel(order, by, clock.now())
    const { task } = order
    const { id, system, action, because } = task
    const state = readings.get(system)?.state ?? 'unknown'
    // What runs tells of its end itself.
    if (isQueued) record('power.changed', { system, state, action, task: id, because })
    return task
  }

  async function look(name: string, isPatient: boolean): Promise<PowerReading> {
    const held = hands.hold(name)
    const { driver, can } = held
    if (!can.includes('state')) {
      throw new OrchestraError('power.unsupported', `${driver.type} of ${name} cannot see the state`)
    }
    try {
      const state = await hands.state(held, stopping.signal, isPatient)
      return note(name, state, seenBy(held, state))
    } catch (error) {
      if (!isBusy(name) && needs.findSystem(name)) readings.doubt(name, sentenceOf(error))
      throw error
    }
  }

  const isBusy = (name: string) => lines.of(name).length > 0

  return {
    async start(name, action, whose) {
      const held = hands.hold(name)
      const { driver, can } = held
      if (!isAble(can, action)) {
        const able = can.join(', ')
        throw new OrchestraError('power.unsupported', `${driver.type} of ${name} cannot do "${action}", only: ${able}`)
      }
      const line = lines.of(name)
      const [first, last] = [line[0], line.at(-1)]
      if (last?.task.action === action) return last.task
      if (first && line.length >= LINE) {
        const since = seconds(clock.now() - first.task.started)
        const words = `power ${first.task.action} of ${name} is under way since ${since}, and ${line.length - 1} orders wait`
        throw new OrchestraError('power.busy', `${words}; wait for their end, or cancel them`)
      }
      const because = first
        ? `waits for the end of power ${last?.task.action} of ${name}`
        : `power ${action} of ${name}`
      const state = first ? 'queued' : 'running'
      const task = { id: needs.makeId(), system: name, action, state, because } as const
      return lines.enter({ ...task, ...whose, started: clock.now(), ended: undefined }).task
    },

    async finished(id) {
      const order = lines.find(id)
      if (!order) throw missingTask(id)
      return order.end
    },

    cancel(id, by) {
      const order = lines.find(id)
      if (!order) throw missingTask(id)
      return cancel(order, by)
    },

    cancelAll(name, by) {
      // From the end: nothing that waits begins because something before it is gone.
      const line = lines.of(name).toReversed()
      if (line.length > 0) return line.map((order) => cancel(order, by)).toReversed()
      if (!needs.findSystem(name)) throw new OrchestraError('item.missing', `there is no system "${name}"`)
      throw new OrchestraError('item.invalid', `no power action of ${name} is under way`)
    },

    read: (name) => look(name, false),
    look: (name) => look(name, true),

    async test(name) {
      const held = hands.hold(name)
      const { driver, system, can } = held
      const from = clock.now()
      const end = (ok: boolean, fault: PowerTest['fault'], because: string): PowerTest => ({
        ...{ ok, fault, because, can, milliseconds: clock.now() - from },
      })
      const wrong = driver.fault?.(system.power)
      if (wrong !== undefined) return end(false, 'settings', wrong)
      if (!can.includes('state')) {
        return end(
          true,
          undefined,
          `${driver.type} cannot see machines: only turning ${name} on shows whether it works`,
        )
      }
      try {
        const state = await hands.state(held, stopping.signal)
        note(name, state, seenBy(held, state))
        const what = driver.confirm ? 'a person turns it on and off, and says so' : `${driver.type} answers`
        return end(true, undefined, `${what}: ${state === 'unknown' ? seenBy(held, state) : `${name} is ${state}`}`)
      } catch (error) {
        return end(false, error instanceof PowerError ? error.fault : 'other', sentenceOf(error))
      }
    },

    confirm(name, state, by) {
      const { driver } = hands.hold(name)
      if (!driver.confirm) throw new OrchestraError('power.unsupported', `${driver.type} of ${name} sees for itself`)
      driver.confirm(name, state)
      return note(name, state, `${name} is ${state}, as ${by} says`)
    },

    heard(name, how) {
      const system = needs.findSystem(name)
      if (!system) return
      const confirm = hands.driver(system.power.type)?.confirm
      confirm?.(name, 'on')
      if (confirm) note(name, 'on', `${name} is on: ${how}`)
    },

    async identify(name, duration) {
      const held = hands.hold(name)
      const { driver, target } = held
      const blink = driver.identify
      if (!blink) throw new OrchestraError('power.unsupported', `${driver.type} of ${name} has no lamp to blink`)
      await hands.call(held, 'identify', stopping.signal, (tools) => blink.call(driver, target, duration, tools))
    },

    last: (name) => readings.get(name),
    task: (id) => lines.find(id)?.task,
    taskOf: (name) => lines.of(name)[0]?.task,
    underWay: () => lines.underWay().map(({ task }) => task),
    isBusy,
    canSee(name) {
      const able = hands.find(name)
      if (!able) readings.forget(name)
      return able?.can.includes('state') === true
    },
    ability(name) {
      const held = hands.find(name)
      return held && { driver: held.driver.type, can: held.can }
    },
    stop: () => stopping.abort(),
  }
}

function missingTask(id: string): OrchestraError {
  return new OrchestraError('item.missing', `there is no power task ${id}`)
}

function seenBy({ driver, target }: Held, state: PowerState): string {
  if (state !== 'unknown') return `${target.name} is ${state}, seen by ${driver.type}`
  return driver.confirm ? `nobody has said whether ${target.name} is on` : `${driver.type} cannot tell`
}
