/**
 * Power orders that were given in this browser, by machine: a row that is scrolled away and comes back still says that it
 * was asked for. An order is over when its task says so, whatever the events say in between.
 */
import { notifications } from '@mantine/notifications'
import { useSyncExternalStore } from 'react'
import type { PowerAction, PowerTask } from '../../model/power.ts'
import { api, get, post, sentenceOf } from '../api.ts'
import { listenTo } from '../live.ts'

interface Order {
  readonly action: PowerAction
  /** Undefined: the server has not answered yet. */
  readonly task: string | undefined
}

const given = new Map<string, Order>()
const watchers = new Set<() => void>()
let isListening = false

function give(system: string, order: Order | undefined): void {
  if (order === undefined) given.delete(system)
  else given.set(system, order)
  for (const watcher of watchers) watcher()
}

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

/** What this browser has asked of the machine, until it is seen. */
export function useGivenOrder(system: string): PowerAction | undefined {
  return useSyncExternalStore(subscribe, () => given.get(system)?.action)
}

/** Says it at once; takes it back when it is refused. Answers whether it was taken. */
export async function orderPower(system: string, action: PowerAction): Promise<boolean> {
  if (!isListening) listenTo('power.changed', ({ system: changed }) => void settle(changed))
  isListening = true
  give(system, { action, task: undefined })
  try {
    const { task } = await post<{ task: PowerTask }>(api`/api/systems/${system}/power`, { action })
    give(system, { action: task.action, task: task.id })
    // It may have ended before the answer was here.
    void settle(system)
    return true
  } catch (error) {
    give(system, undefined)
    notifications.show({ color: 'red', title: `${system} was not turned ${action}`, message: sentenceOf(error) })
    return false
  }
}

/** An event tells what is seen, also in the middle of a reboot: whether the task is over it says itself. */
async function settle(system: string): Promise<void> {
  const id = given.get(system)?.task
  if (id === undefined) return
  const task = await get<PowerTask>(api`/api/tasks/${id}`).catch(() => undefined)
  if (task?.state === 'queued' || task?.state === 'running' || given.get(system)?.task !== id) return
  give(system, undefined)
  if (task?.state === 'failed')
    notifications.show({
      color: 'red',
      title: `${system}: power ${task.action} failed`,
      message: task.because,
      autoClose: 15_000,
    })
}
