/**
 * The power of one machine, and its switch. It never lies: an order shows as requested at once, and as done only when the
 * machine's controller was seen to say so; a reading carries its age, and what cannot be seen is called so.
 */
import type { PowerAction, PowerState, PowerTask } from '../../model/power.ts'
import { useEvents } from '../live.ts'
import { useMay } from '../session.tsx'
import { Ago } from './ago.tsx'
import { orderPower, useGivenOrder } from './power-orders.ts'

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

interface PowerToggleProps {
  readonly sight: PowerSight
  /** When an order was taken or has ended: what is known of the machine is old then. */
  readonly onChange?: (() => void) | undefined
  /** Asked before power is cut; unset: it is cut at once. */
  readonly askOff?: (() => void) | undefined
}

export function PowerToggle({ sight, onChange, askOff }: PowerToggleProps) {
  const may = useMay('operator')
  const { requested, order } = usePowerOrder(sight, onChange)
  const isOn = requested === undefined ? sight.power === 'on' : requested !== 'off'
  const turn = () => {
    if (!isOn) order('on')
    else if (askOff) askOff()
    else order('off')
  }
  return (
    <span className="power">
      <button
        type="button"
        role="switch"
        className="power-switch"
        aria-checked={isOn}
        disabled={!may || requested !== undefined}
        title={may ? undefined : 'Operators turn machines on and off'}
        onClick={turn}
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
      <span className="power-words is-requested" id={id} data-power="requested">
        {REQUESTED[requested]}
      </span>
    )
  }
  // Thousands of them pass by in a list: as few elements as can be.
  return (
    <span className={`power-words is-${power}`} id={id} data-power={power}>
      {power === 'unknown' ? (canSee ? 'not seen' : 'cannot be seen') : power}
      {powerAt !== null && power !== 'unknown' && <Ago at={powerAt} isDim />}
    </span>
  )
}

/** The order that is under way, whoever gave it; and how to give one. */
export function usePowerOrder(sight: PowerSight, onChange?: () => void) {
  const given = useGivenOrder(sight.name)
  useEvents(['power.changed'], ({ system }) => {
    if (system === sight.name) onChange?.()
  })
  const order = async (action: PowerAction) => {
    if (await orderPower(sight.name, action)) onChange?.()
  }
  return { requested: given ?? sight.task?.action, order }
}
