/** Power: act, then watch until the state is seen; one task per system at a time. */
import type { PowerAction, PowerState, PowerTask } from '../model/power.ts'

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
