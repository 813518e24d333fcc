/**
 * The power of one machine, and its switch. It never lies: an order shows as requested at once, and as done only when the
 * machine's controller was seen to say so; a reading carries its age, and what cannot be seen is called so.
 */
import { Loader, Switch, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { PowerAction, PowerState, PowerTask } from '../../model/power.ts'
import { api, get, post, sentenceOf } from '../api.ts'
import { useEvents } from '../live.ts'
import { useMay } from '../session.tsx'
import { Ago } from './ago.tsx'

export interface PowerSight {
  /** System name. */
  readonly name: string
  /** As it was last seen, and when. */
  readonly power: PowerState
  readonly powerAt: number | null
  /** Whether its controller can be asked at all. */
  readonly canSee: boolean
  /** The order that is under way. */
  readonly task: Pick<PowerTask, 'id' | 'action'> | null
}

const REQUESTED: Readonly<Record<PowerAction, string>> = {
  on: 'on requested',
  off: 'off requested',
  reboot: 'reboot requested',
}

/** @param onChange when an order was taken or has ended: what is known of the machine is old then */
export function PowerToggle({ sight, onChange }: { sight: PowerSight; onChange?: (() => void) | undefined }) {
  const may = useMay('operator')
  const { requested, order } = usePowerOrder(sight, onChange)
  const isOn = requested === undefined ? sight.power === 'on' : requested !== 'off'
  return (
    <span className="power">
      <Switch
        size="sm"
        checked={isOn}
        disabled={!may || requested !== undefined}
        onChange={(event) => order(event.currentTarget.checked ? 'on' : 'off')}
        aria-label={`Power of ${sight.name}`}
        aria-describedby={`power-${sight.name}`}
      />
      <PowerWords sight={sight} requested={requested} id={`power-${sight.name}`} />
    </span>
  )
}

export function PowerWords({
  sight: { power, powerAt, canSee },
  requested,
  id,
}: {
  sight: Pick<PowerSight, 'power' | 'powerAt' | 'canSee'>
  requested: PowerAction | undefined
  id?: string
}) {
  if (requested !== undefined) {
    return (
      <span className="power-words" id={id} data-power="requested">
        <Loader size={12} aria-hidden />{' '}
        <Text size="xs" component="span">
          {REQUESTED[requested]}
        </Text>
      </span>
    )
  }
  return (
    <span className="power-words" id={id} data-power={power}>
      <span aria-hidden="true" className={`power-dot power-${power}`} />
      <Text size="xs" component="span">
        {power === 'unknown' ? (canSee ? 'not seen' : 'cannot be seen') : power}
        {powerAt !== null && power !== 'unknown' && (
          <Text size="xs" c="dimmed" component="span">
            {' '}
            <Ago at={powerAt} />
          </Text>
        )}
      </Text>
    </span>
  )
}

/** The order that is under way, whoever gave it; and how to give one. */
export function usePowerOrder(sight: PowerSight, onChange?: () => void) {
  const queries = useQueryClient()
  const [given, setGiven] = useState<{ readonly action: PowerAction; readonly task: string | undefined }>()
  const start = useMutation({
    mutationFn: (action: PowerAction) => post<{ task: PowerTask }>(api`/api/systems/${sight.name}/power`, { action }),
    onMutate: (action) => setGiven({ action, task: undefined }),
    onSuccess: ({ task }) => {
      setGiven({ action: task.action, task: task.id })
      onChange?.()
    },
    onError: (error, action) => {
      setGiven(undefined)
      notifications.show({ color: 'red', title: `${sight.name} was not turned ${action}`, message: sentenceOf(error) })
    },
  })
  useEvents(['power.changed'], async (payload) => {
    if (payload.system !== sight.name || payload.task === undefined || payload.because.includes('is under way')) return
    // Said by the task itself: an event tells what is seen, also in the middle of a reboot.
    const task = await queries.fetchQuery({
      queryKey: ['task', payload.task],
      queryFn: ({ signal }) => get<PowerTask>(api`/api/tasks/${payload.task ?? ''}`, signal),
      staleTime: 0,
    })
    if (task.state === 'queued' || task.state === 'running') return
    setGiven(undefined)
    if (task.state === 'failed')
      notifications.show({
        color: 'red',
        title: `${sight.name}: power ${task.action} failed`,
        message: task.because,
        autoClose: 15_000,
      })
    onChange?.()
  })
  return { requested: given?.action ?? sight.task?.action, order: start.mutate }
}
