/** The way of a boot as people follow it: stations from power-on to ready, which of them it has passed, and where it is. */
import type { Reached } from '../../model/trace.ts'

export const LANES = [
  'power',
  'DHCP',
  'loader',
  'config',
  'kernel',
  'preseed',
  'installing',
  'installed',
  'first boot',
  'ready',
] as const

/** The lane in which a boot is that has reached this station. */
const LANE_OF: Readonly<Record<Reached, number>> = {
  ...{ power: 0, asked: 1, address: 1, loader: 2, config: 3, kernel: 4, preseed: 5 },
  ...{ installing: 6, installed: 7, disk: 8, ready: 9 },
}

/** `stuck`: it is here, and does not get on. */
export type LaneState = 'past' | 'here' | 'stuck' | 'ahead'

export function laneStates({ reached, fault }: { readonly reached: Reached; readonly fault: boolean }): LaneState[] {
  const at = LANE_OF[reached]
  // Whoever asked for an address and was offered none has not passed DHCP.
  return LANES.map((_, index) => {
    if (index < at || reached === 'ready') return 'past'
    if (index === at) return fault ? 'stuck' : 'here'
    return 'ahead'
  })
}
