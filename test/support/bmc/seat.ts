/** A session as the BMC of the tests keeps it. */
import type { Exchange, SessionKeys, Suite } from '../../../src/power/ipmi/crypto.ts'
import type { Request } from './messages.ts'

export interface Seat {
  readonly id: number
  readonly consoleId: number
  readonly suite: Suite
  /** Highest privilege that the open session request asked for. */
  readonly wanted: number
  exchange: Exchange | undefined
  sik: Uint8Array | undefined
  password: Uint8Array
  /** Set when RAKP is through. */
  keys: SessionKeys | undefined
  /** What was said last of the handshake, and the answer: a repetition gets the same. */
  said: { readonly bytes: string; readonly answer: Uint8Array } | undefined
  limit: number
  level: number
  sent: number
  highest: number
  readonly seen: Set<number>
  last: { readonly request: string; readonly response: Uint8Array } | undefined
}

/** The least level at which a command may be given (appendix G). */
export function privilegeOf({ netFn, command }: Request): number {
  const levels: Readonly<Record<string, number>> = { '0/0': 2, '0/1': 2, '6/1': 2, '6/3b': 2, '6/3c': 1 }
  return levels[`${netFn}/${command.toString(16)}`] ?? (netFn === 0 ? 3 : 2)
}
