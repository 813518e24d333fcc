/** A stream of the daemon that is shown until it is interrupted, or has shown what was waited for, also over restarts of the daemon. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Context } from './context.ts'
import { CliError, print, printJson, tell } from './io.ts'

export interface Followed<Value> {
  /** For those who wait: `events`. */
  readonly what: string
  /** Where it goes on after the last one that was seen; undefined: none was. */
  readonly path: (last: Value | undefined) => string
  readonly lines: (value: Value, before: Value | undefined) => readonly string[]
  /** Whether it is one that was seen already, where a stream begins anew with those. */
  readonly isSeen?: (value: Value, last: Value) => boolean
  /** Whether it is what was waited for; unset: nothing is. */
  readonly isLast?: (value: Value) => boolean
}

const RETRY = 1000

/** Answers what was waited for. A daemon that restarts is no reason to stop looking; one that was never there is. As JSON, one object a line. */
export async function follow<Value>(
  { io, json, client }: Context,
  { what, path, lines, isSeen, isLast }: Followed<Value>,
): Promise<Value> {
  let last: Value | undefined
  let wasOpen = false
  let isLost = false
  const opened = () => {
    if (isLost) tell(io, 'connected again')
    wasOpen = true
    isLost = false
  }
  while (true) {
    try {
      // Asked for each time: the token of this machine's daemon ends with it.
      const { events } = await client()
      for await (const value of events<Value>(path(last), opened)) {
        if (last !== undefined && isSeen?.(value, last)) continue
        if (json) printJson(io, value, 0)
        else print(io, ...lines(value, last))
        last = value
        if (isLast?.(value)) return value
      }
    } catch (error) {
      // What the daemon refuses (the system was removed) it would refuse again.
      if (!wasOpen || (error instanceof CliError && error.refusal)) throw error
    }
    if (!isLost) tell(io, `the stream of ${what} ended; trying again …`)
    isLost = true
    await pause(RETRY)
  }
}
