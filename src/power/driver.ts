/** The promise that a power driver makes. */

import type { Exec } from '../lib/exec.ts'
import type { PowerAction, PowerState } from '../model/power.ts'
import type { PowerSettings } from '../model/system.ts'

export interface PowerTools {
  readonly exec: Exec
  readonly signal: AbortSignal
}

/** What a driver is told of a system: nothing that it does not need. */
export interface PowerTarget {
  /** System name, for messages. */
  readonly name: string
  readonly power: PowerSettings
}

/** A driver is a value; joining is one line in drivers/index.ts. */
export interface PowerDriver {
  /** The word in `power_type`. */
  readonly type: string
  /** `state`: it can see whether the machine is on. A driver that cannot never claims. */
  readonly can: readonly (PowerAction | 'state')[]
  /** Asks for the action and answers when it was accepted; "on" for a machine that is on is no error. */
  act(target: PowerTarget, action: PowerAction, tools: PowerTools): Promise<void>
  state(target: PowerTarget, tools: PowerTools): Promise<PowerState>
}
