/** Management classes: the words by which an orchestrator finds machines; two of them mean available and acquired. */
import type { JsonObject } from '../lib/json.ts'
import type { Item } from './item.ts'

export interface MgmtClass extends Item {
  readonly className: string
  readonly isDefinition: boolean
  readonly params: JsonObject
}

/** The two classes of one orchestrator: what is free for it, and what it has taken. */
export interface ClassPair {
  readonly available: string
  readonly acquired: string
}

/** Whose a machine is, as its management classes tell it. */
export type Custody =
  | { readonly state: 'available' | 'acquired'; readonly pair: ClassPair }
  /** In both classes of a pair, or taken by two orchestrators at once: nobody may be given it. */
  | { readonly state: 'contradictory'; readonly pair: ClassPair; readonly because: string }
  | { readonly state: 'none' }

/** Free for several orchestrators is no contradiction: whoever comes first takes it, and the other pairs' classes stay. */
export function custodyOf(classes: readonly string[], pairs: readonly ClassPair[]): Custody {
  const free = pairs.filter(({ available }) => classes.includes(available))
  const [taken, ...more] = pairs.filter(({ acquired }) => classes.includes(acquired))
  const [first] = free
  if (!taken) return first ? { state: 'available', pair: first } : { state: 'none' }
  const other = more[0]?.acquired ?? (free.includes(taken) ? taken.available : undefined)
  if (other === undefined) return { state: 'acquired', pair: taken }
  const because = `it has the class ${taken.acquired} and the class ${other} at once; take one of them away`
  return { state: 'contradictory', pair: taken, because }
}

/** The class is changed in place: order and other classes stay. Undefined when it is not available. */
export function asAcquired(classes: readonly string[], pair: ClassPair): readonly string[] | undefined {
  return swapped(classes, pair.available, pair.acquired)
}

/** Undefined when it is not acquired. */
export function asAvailable(classes: readonly string[], pair: ClassPair): readonly string[] | undefined {
  return swapped(classes, pair.acquired, pair.available)
}

function swapped(classes: readonly string[], from: string, to: string): readonly string[] | undefined {
  if (!classes.includes(from)) return undefined
  return classes.filter((name) => name !== to).map((name) => (name === from ? to : name))
}
