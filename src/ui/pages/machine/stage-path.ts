/** The way of a machine through its stages, and how far along it stands: what the picture of its state is drawn from. */
import type { Stage } from '../../../model/standing.ts'

export interface Station {
  readonly stage: Stage
  readonly is: 'behind' | 'here' | 'ahead' | 'broken'
}

const WAY: readonly Stage[] = ['booting', 'installing', 'installed', 'ready']

/** A machine of an orchestrator is available and acquired first; any other begins as unmanaged. */
export function stagePath(stage: Stage, custody: string): readonly Station[] {
  const isManaged = custody !== 'none' || stage === 'available' || stage === 'acquired'
  const path: readonly Stage[] = [
    ...(isManaged ? (['available', 'acquired'] as const) : (['unmanaged'] as const)),
    ...WAY,
  ]
  // An install that failed failed on its way to its end.
  const at = path.indexOf(stage === 'broken' ? 'installing' : stage)
  return path.map((one, index) => {
    if (index === at) return { stage: one, is: stage === 'broken' ? 'broken' : 'here' }
    return { stage: one, is: index < at ? 'behind' : 'ahead' }
  })
}
