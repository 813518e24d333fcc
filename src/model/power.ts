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
}

/** The state in which an action has come true. */
export function wantedState(action: PowerAction): 'on' | 'off' {
  return action === 'off' ? 'off' : 'on'
}
