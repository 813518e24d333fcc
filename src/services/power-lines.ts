/** Orders for machines: one of each machine at a time, the others in line behind it; remembered within bounds. */
import { OrchestraError } from '../model/errors.ts'
import type { PowerTask } from '../model/power.ts'

/** A task with what moves it. */
export interface Order {
  task: PowerTask
  readonly stop: AbortController
  /** Of the task, as it has ended. */
  readonly end: Promise<PowerTask>
}

export interface PowerLines {
  /** Runs it when those of the same system before it have ended. */
  enter(task: PowerTask): Order
  /** How it stands now. */
  set(order: Order, task: PowerTask): void
  /** The first runs, the others wait. */
  of(system: string): readonly Order[]
  find(id: string): Order | undefined
  /** All that run or wait. */
  underWay(): Order[]
  /** It has ended: the next may run. */
  leave(order: Order): void
  /** What waits has ended with this; what runs is told to stop. */
  cancel(order: Order, by: string, ended: number): void
}

/** Tasks remembered, so that who ordered for all machines at once can see how each ended; those under way always are. */
const MEMORY = 10_000

/** @param tell hears of each task that is new or stands otherwise */
export function openPowerLines(run: (order: Order) => Promise<void>, tell: (task: PowerTask) => void): PowerLines {
  const orders = new Map<string, Order>()
  const lines = new Map<string, Order[]>()
  const ends = new WeakMap<Order, () => void>()

  function leave(order: Order): void {
    const { system } = order.task
    const before = lines.get(system) ?? []
    const rest = before.filter((one) => one !== order)
    if (rest.length > 0) lines.set(system, rest)
    else lines.delete(system)
    ends.get(order)?.()
    if (before[0] === order && rest[0]) void run(rest[0])
  }

  function set(order: Order, task: PowerTask): void {
    order.task = task
    tell(task)
  }

  return {
    set,
    enter(task) {
      const { promise, resolve } = Promise.withResolvers<PowerTask>()
      const order: Order = { task, stop: new AbortController(), end: promise }
      ends.set(order, () => resolve(order.task))
      orders.set(task.id, order)
      const line = lines.get(task.system) ?? []
      lines.set(task.system, [...line, order])
      // Whoever orders is answered before anything of it happens.
      if (line.length === 0) queueMicrotask(() => void run(order))
      for (const [id, { task: old }] of orders) {
        if (orders.size <= MEMORY) break
        if (old.ended !== undefined) orders.delete(id)
      }
      tell(task)
      return order
    },
    of: (system) => lines.get(system) ?? [],
    find: (id) => orders.get(id),
    underWay: () => [...lines.values()].flat(),
    leave,
    cancel(order, by, ended) {
      const { task } = order
      if (task.ended !== undefined) {
        throw new OrchestraError('item.invalid', `power ${task.action} of ${task.system} has ended: ${task.because}`)
      }
      if (task.state === 'queued') {
        set(order, { ...task, state: 'cancelled', because: `cancelled by ${by} before it began`, ended })
        leave(order)
      } else {
        order.stop.abort(`cancelled by ${by}; what the controller was told already may still happen`)
      }
    },
  }
}
