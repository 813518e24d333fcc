/** sorted(), and what else puts values in order. */
import { callWith, type Given } from './arguments.ts'
import { type Budget, spend } from './budget.ts'
import { order } from './compare.ts'
import { isCallable, isTrue, type Value } from './value.ts'

/** Stable, also backwards. @param given `key`, a function, and `reverse` */
export function sorted(items: Value[], given: Given, budget: Budget): Value[] {
  const by = given.get('key')
  return sortBy(items, (one) => (isCallable(by) ? callWith(by, one) : one), isTrue(given.get('reverse')), budget)
}

export function sortBy(items: Value[], keyOf: (one: Value) => Value, backwards: boolean, budget: Budget): Value[] {
  spend(budget, items.length)
  const keyed = items.map((one) => ({ one, key: keyOf(one) }))
  const sign = backwards ? -1 : 1
  return keyed.sort((a, b) => sign * order(a.key, b.key, '<', budget)).map(({ one }) => one)
}
