/**
 * Plays a table of events to the transfer machine and compares what it wants done, row by row. Time is a value: nothing
 * waits.
 */
import { expect } from 'vitest'
import type { Terms } from '../../src/tftp/decide.ts'
import { newTransfer, step, type Transfer, type TransferCommand, type TransferEvent } from '../../src/tftp/transfer.ts'

export const plain: Terms = { blockSize: 512, window: 1, timeoutMs: undefined, granted: new Map() }
export const withOptions: Terms = { ...plain, granted: new Map([['blksize', '512']]) }
export const windowOf = (window: number): Terms => ({
  ...plain,
  window,
  granted: new Map([['windowsize', `${window}`]]),
})

export const START: TransferEvent = { event: 'start' }
export const TIMEOUT: TransferEvent = { event: 'timeout' }
export const ack = (block: number): TransferEvent => ({ event: 'ack', block })
export const read = (blocks: number, end = false): TransferEvent => ({ event: 'read', blocks, end })

/** A command as a short word: `read 1`, `data 1-4`, `oack`, `wait 200`, `end done`. */
function word(command: TransferCommand): string {
  switch (command.do) {
    case 'send':
      return command.packet.op
    case 'send-blocks':
      return `data ${command.from}-${command.to}`
    case 'read':
      return `read ${command.blocks}`
    case 'wait':
      return `wait ${Math.round(command.ms)}`
    case 'end':
      return `end ${command.outcome}`
  }
}

/** Each event with the time since the one before, and what must come of it. */
export type Row = readonly [event: TransferEvent, expected: readonly string[], ms?: number]

export function play(terms: Terms, rows: readonly Row[], from: Transfer = newTransfer(terms)): Transfer {
  let [state, at] = [from, Math.max(from.sentAt, 1_000_000)]
  for (const [index, [event, expected, ms = 1]] of rows.entries()) {
    at += ms
    const [next, commands] = step(state, event, at)
    expect(commands.map(word), `row ${index}: ${JSON.stringify(event)}`).toEqual(expected)
    state = next
  }
  return state
}
