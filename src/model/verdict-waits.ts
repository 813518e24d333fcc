/** How long each step of a boot is waited for before it counts as missing. */

/** Milliseconds. */
export interface Waits {
  readonly dhcp: number
  readonly request: number
  readonly loader: number
  readonly config: number
  readonly kernel: number
  readonly preseed: number
  readonly silence: number
  readonly reboot: number
}

const SECOND = 1_000
const WAITS: Waits = {
  // Servers take minutes to look at their memory.
  dhcp: 300 * SECOND,
  request: 20 * SECOND,
  loader: 20 * SECOND,
  config: 60 * SECOND,
  kernel: 60 * SECOND,
  // It sets the network up first, and may wait for the switch.
  preseed: 180 * SECOND,
  silence: 900 * SECOND,
  reboot: 600 * SECOND,
}

/** @param patience 2: twice as long as usual */
export function waitsOf(patience: number): Waits {
  const entries = Object.entries(WAITS).map(([name, wait]) => [name, wait * patience])
  return Object.fromEntries(entries) as unknown as Waits
}
