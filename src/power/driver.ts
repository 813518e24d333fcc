/** The promise that a power driver makes. */

import type { Duplex } from 'node:stream'
import type { Exec } from '../lib/exec.ts'
import type { OpenTerminal } from '../lib/terminal-program.ts'
import type { Mac } from '../model/address.ts'
import { OrchestraError } from '../model/errors.ts'
import type { PowerAction, PowerState } from '../model/power.ts'
import type { PowerSettings } from '../model/system.ts'

export interface PowerTools {
  readonly exec: Exec
  readonly signal: AbortSignal
  /** For programs that only speak to a terminal. */
  readonly openTerminal?: OpenTerminal
  /** The text of a small file below the data folder, like an authority's certificate; undefined when it is not there. */
  readonly readFile?: (path: string) => string | undefined
}

/** What a driver is told of a system: nothing that it does not need. */
export interface PowerTarget {
  /** System name, for messages. */
  readonly name: string
  readonly power: PowerSettings
  /** In the order of its interfaces. */
  readonly macs: readonly Mac[]
}

/** `state`: it can see whether the machine is on. A driver that cannot never claims. */
export type PowerAbility = PowerAction | 'state' | 'boot-once' | 'identify' | 'console' | 'screen'

/** What a controller says when the order for the next boot is read back; `unknown`: it cannot be read. */
export interface BootOnce {
  readonly obeyed: 'yes' | 'no' | 'unknown'
  readonly because: string
}

/** The serial line of a machine; where it can, with the break signal that a keyboard has no character for. */
export type SerialConsole = Duplex & { readonly sendBreak?: () => Promise<void> }

/** A driver is a value; joining is one line in drivers/index.ts. */
export interface PowerDriver {
  /** The word in `power_type`. */
  readonly type: string
  /** Cobbler's words for the same. */
  readonly aliases?: readonly string[]
  /** Whether it is meant by a word that no driver has as its own. */
  claims?(type: string): boolean
  readonly can: readonly PowerAbility[]
  /** What it can with these settings, where that is less. */
  abilities?(power: PowerSettings): readonly PowerAbility[]
  /** Milliseconds from an accepted action until its state must be seen, where that is not what it is for all. */
  readonly patience?: number
  /** Milliseconds that one order may take, where that is more than for all. */
  readonly longest?: number
  /** What a person must do for the action; undefined: nobody need do anything. */
  question?(target: PowerTarget, action: PowerAction): string
  /** Somebody, or something, saw that the machine is so. */
  confirm?(system: string, state: 'on' | 'off'): void
  /** What is wrong with these settings, before anything is sent; undefined: nothing. A sentence. */
  fault?(power: PowerSettings): string | undefined
  /** Asks for the action and answers when it was accepted; "on" for a machine that is on is no error. @throws PowerError */
  act(target: PowerTarget, action: PowerAction, tools: PowerTools): Promise<void>
  /** @throws PowerError */
  state(target: PowerTarget, tools: PowerTools): Promise<PowerState>
  /** The next boot, and only that, by network. @throws PowerError */
  bootOnce?(target: PowerTarget, tools: PowerTools): Promise<BootOnce>
  /** Lets the machine's lamp blink for so many seconds; 0 ends it. */
  identify?(target: PowerTarget, seconds: number, tools: PowerTools): Promise<void>
  /** The serial console as bytes, both ways; ends with the signal of the tools. @throws PowerError */
  console?(target: PowerTarget, tools: PowerTools): Promise<SerialConsole>
  /** What its graphics card shows, as a connection to a VNC server (RFB); ends with the signal of the tools. @throws PowerError */
  screen?(target: PowerTarget, tools: PowerTools): Promise<Duplex>
  /** Ends sessions and sockets that it keeps. */
  close?(): Promise<void>
}

/** Why a controller did not do what it was asked: each is mended in another way. */
export type PowerFault =
  | 'no-answer'
  | 'wrong-password'
  | 'cipher-refused'
  | 'privilege-too-low'
  | 'tls-not-trusted'
  | 'wrong-address'
  | 'wrong-id'
  /** It answered, and said no. */
  | 'refused'
  /** A program that the driver runs is not installed. */
  | 'no-program'

/** A broken promise of a controller: the sentence says what to do next. */
export class PowerError extends OrchestraError {
  readonly fault: PowerFault
  constructor(fault: PowerFault, sentence: string, options: { cause?: unknown } = {}) {
    super('power.failed', sentence, options)
    this.fault = fault
  }
}
