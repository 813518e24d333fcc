/** Jinja's `loop`: what a template can ask about the round that it is in. */
import { taking } from '../expression/arguments.ts'
import type { Budget } from '../expression/budget.ts'
import { isEqual } from '../expression/compare.ts'
import { Fault } from '../expression/fault.ts'
import { missing, type Thing, thing, type Value } from '../expression/value.ts'

export function loopThing(
  items: readonly Value[],
  index: number,
  changes: { last: readonly Value[] | undefined },
  budget: Budget,
): Thing {
  const count = items.length
  const at = (position: number, name: string): Value => {
    const item = items[position]
    return item === undefined ? missing(name) : item
  }
  return thing('loop', {
    index: BigInt(index + 1),
    index0: BigInt(index),
    revindex: BigInt(count - index),
    revindex0: BigInt(count - index - 1),
    first: index === 0,
    last: index === count - 1,
    length: BigInt(count),
    // Of recursion, which is not in the language.
    depth: 1n,
    depth0: 0n,
    previtem: at(index - 1, 'loop.previtem'),
    nextitem: at(index + 1, 'loop.nextitem'),
    cycle: taking('loop.cycle', '...values', ({ rest }) => {
      const value = rest[index % rest.length]
      if (value === undefined) throw new Fault('no items for cycling given')
      return value
    }),
    changed: taking('loop.changed', '...values', ({ rest }) => {
      const { last } = changes
      changes.last = rest
      return !(last?.length === rest.length && rest.every((one, i) => isEqual(one, last[i] ?? null, budget)))
    }),
  })
}
