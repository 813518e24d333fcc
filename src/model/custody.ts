/** Who may be given a machine: the rules by which no machine ever has two owners. */
import { INHERIT } from './item.ts'
import { type ClassPair, custodyOf } from './mgmt-class.ts'
import type { System } from './system.ts'

/** What the rules go by. */
export interface CustodyFacts {
  readonly pairs: readonly ClassPair[]
  /** Half a sentence on a machine whose install failed; undefined for all others. */
  readonly brokenBecause: (system: System) => string | undefined
}

/** A machine that changed hands. */
export interface CustodyChange {
  readonly change: 'acquired' | 'released'
  /** The acquired class that it got or lost. */
  readonly class: string
}

/** Its own: what its profile adds names no owner. */
export function classesOf({ mgmtClasses }: Pick<System, 'mgmtClasses'>): readonly string[] {
  return mgmtClasses === INHERIT ? [] : mgmtClasses
}

/** Why this machine can be given to nobody of this pair; undefined: it is free. Half a sentence. */
export function notFreeBecause(system: System, pair: ClassPair, facts: CustodyFacts): string | undefined {
  const custody = custodyOf(classesOf(system), facts.pairs)
  if (custody.state === 'contradictory') return custody.because
  if (custody.state === 'acquired') return `it is in use: it has the class ${custody.pair.acquired}`
  const broken = facts.brokenBecause(system)
  if (broken !== undefined) return `it is broken: ${broken}`
  return classesOf(system).includes(pair.available) ? undefined : `it has not the class ${pair.available}`
}

/**
 * Why these classes may not be written by somebody who does not say which state of the machine he has seen: a client of the
 * old protocol writes the whole list as it once read it, so that the list of one who comes second is the very list that is
 * there already. A real launch or release never writes an acquired class over one, so whoever does has lost a race.
 * Undefined: they may, and all that takes no machine may.
 * @param before as it is stored; undefined: it is new, and nobody has it
 */
export function refusedBecause(
  before: System | undefined,
  classes: readonly string[],
  facts: CustodyFacts,
): string | undefined {
  const [taker, other] = facts.pairs.filter(({ acquired }) => classes.includes(acquired))
  if (!before || !taker) return undefined
  const what = `system ${before.name}`
  const custody = custodyOf(classesOf(before), facts.pairs)
  switch (custody.state) {
    case 'contradictory':
      return `${what} can be given to nobody: ${custody.because}`
    case 'acquired':
      return `${what} is acquired already: it has the class ${custody.pair.acquired}, so it is in use; take another, or give it back first (orchestra release ${before.name})`
  }
  if (other) return `${what} cannot be acquired for ${taker.acquired} and ${other.acquired} at once; choose one of them`
  const broken = facts.brokenBecause(before)
  return broken === undefined
    ? undefined
    : `${what} is broken and can be given to nobody: ${broken}; mend it, or take another`
}

/** Whether a search by these classes may answer this machine: one that asks for free ones is given no other. */
export function isOffered(system: System, wanted: readonly string[], facts: CustodyFacts): boolean {
  if (facts.pairs.some(({ acquired }) => wanted.includes(acquired))) return true
  const asked = facts.pairs.filter(({ available }) => wanted.includes(available))
  return asked.every((pair) => notFreeBecause(system, pair, facts) === undefined)
}

/** Who lost a machine, then who got it. */
export function custodyChanges(before: System | undefined, after: System, facts: CustodyFacts): CustodyChange[] {
  const held = (system: System | undefined) =>
    facts.pairs.map(({ acquired }) => acquired).filter((name) => system && classesOf(system).includes(name))
  const [had, has] = [held(before), held(after)]
  return [
    ...had.filter((name) => !has.includes(name)).map((name) => ({ change: 'released', class: name }) as const),
    ...has.filter((name) => !had.includes(name)).map((name) => ({ change: 'acquired', class: name }) as const),
  ]
}
