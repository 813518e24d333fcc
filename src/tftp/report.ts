/** What is told of a transfer when it is over. */
import type { Log } from '../lib/log.ts'
import type { TransferOutcome } from './transfer.ts'

export interface TransferReport {
  /** The client's address. */
  readonly peer: string
  readonly path: string
  /** What the client has acknowledged. */
  readonly bytes: number
  readonly ms: number
  readonly outcome: TransferOutcome
  readonly because: string
}

export function logTransfer(log: Log, { outcome, because, ...facts }: TransferReport): void {
  // A client that ends a transfer is nothing to warn of: PXE ROMs ask for the size, break off, and ask again.
  const level = { done: 'info', aborted: 'debug', timeout: 'info', failed: 'warn' } as const
  log[level[outcome]]({ ...facts, outcome }, `TFTP: ${because}`)
}
