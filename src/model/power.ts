/** Power: what can be asked of a machine, what can be seen, and the task that leads from one to the other. */
export type PowerAction = 'on' | 'off' | 'reboot'
export type PowerState = 'on' | 'off' | 'unknown'

export interface PowerTask {
  readonly id: string
  /** System name. */
  readonly system: string
  readonly action: PowerAction
  /** `queued`: it waits for the end of others. */
  readonly state: 'queued' | 'running' | 'complete' | 'failed' | 'cancelled'
  /** One sentence on how it stands or why it failed. */
  readonly because: string
  /** Milliseconds since 1970. */
  readonly started: number
  readonly ended: number | undefined
  /** The user whose order it is; undefined: nobody's. */
  readonly by?: string | undefined
  /** The id of the job that it is a part of; undefined: of none. */
  readonly job?: string | undefined
}

/** Whether these abilities are enough: a reboot can be made of off and on where the state can be seen in between. */
export function isAble(can: readonly string[], action: PowerAction): boolean {
  return can.includes(action) || (action === 'reboot' && ['off', 'on', 'state'].every((one) => can.includes(one)))
}

/** The state in which an action has come true. */
export function wantedState(action: PowerAction): 'on' | 'off' {
  return action === 'off' ? 'off' : 'on'
}
