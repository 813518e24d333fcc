/** What settings, saved systems and the journal say, in the words of model/standing.ts. */
import { classesOf } from '../model/custody.ts'
import type { RecordedEvent } from '../model/event.ts'
import { type ClassPair, custodyOf } from '../model/mgmt-class.ts'
import type { Happening, Limits, StandingFacts } from '../model/standing.ts'
import type { System } from '../model/system.ts'
import type { MachineStanding } from './standing.ts'

/** What machines are given. */
export function limitsOf(deadlines: {
  readonly power_seconds: number
  readonly boot_seconds: number
  readonly install_seconds: number
  readonly callback_seconds: number
  readonly installs: number
}): Limits {
  return {
    acquired: deadlines.power_seconds * 1000,
    booting: deadlines.boot_seconds * 1000,
    installing: deadlines.install_seconds * 1000,
    installed: deadlines.callback_seconds * 1000,
    installs: deadlines.installs,
  }
}

export function factsOf(system: System, pairs: readonly ClassPair[]): StandingFacts {
  const custody = custodyOf(classesOf(system), pairs)
  const isHeld = custody.state === 'acquired' || custody.state === 'contradictory'
  return { custody: custody.state, holder: isHeld ? custody.pair.acquired : '', netboot: system.netbootEnabled }
}

/** Undefined: it moves nothing. */
export function happeningOf({ at, payload, name }: RecordedEvent, facts: StandingFacts): Happening | undefined {
  if (name === 'boot.step' && 'step' in payload)
    return { at, happens: 'step', step: payload.step, because: payload.because }
  if (name === 'power.changed' && 'action' in payload) {
    const { state, action, because } = payload
    return { at, happens: 'power', state, action, because }
  }
  return name === 'item.changed' ? { at, happens: 'saved', facts } : undefined
}

/** What standings themselves have told: news to them only when a kill came before they were written. */
export function ownHappeningOf({ at, payload, name }: RecordedEvent): Happening | undefined {
  if (name === 'machine.overdue') return { at, happens: 'told-overdue' }
  if (name === 'machine.broken' && 'because' in payload) return { at, happens: 'told-broken', because: payload.because }
  if (name === 'machine.repaired' && 'by' in payload) return { at, happens: 'repair', by: payload.by ?? 'somebody' }
  return undefined
}

/** What a person should hear of a machine, a sentence each; nothing when all is as it should be. */
export function attentionOf({
  system,
  stage,
  overdue,
  broken,
  evidence,
  contradiction,
  next,
}: MachineStanding): string[] {
  const what = broken
    ? [`system ${system} is broken: ${broken.because}; ${next}`]
    : overdue
      ? [`system ${system} is overdue, still ${stage}; last seen: ${evidence.text}; ${next}`]
      : []
  return contradiction === undefined ? what : [...what, `system ${system} can be given to nobody: ${contradiction}`]
}
