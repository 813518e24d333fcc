/** How much is kept of boots, in memory and in the store. */

export interface TraceBounds {
  /** Machines in memory. */
  readonly machines: number
  /** Attempts kept of each MAC, and of all. */
  readonly perMachine: number
  readonly attempts: number
  /** Attempts that wait for the disk; no machine gets a new one then. */
  readonly waiting: number
  /** Bytes of packets that are kept of each boot (0: none), of all boots, and that wait for the disk. */
  readonly packetsOfBoot: number
  readonly packetsKept: number
  readonly packetsWaiting: number
}

const MB = 1024 * 1024

export const TRACE_BOUNDS: TraceBounds = {
  machines: 8_000,
  perMachine: 20,
  attempts: 50_000,
  waiting: 20_000,
  packetsOfBoot: 128 * 1024,
  packetsKept: 512 * MB,
  packetsWaiting: 32 * MB,
}
