/** What stands behind the dot: the methods of a value by name, and nothing of the host's. */
import type { Budget } from './budget.ts'
import { dictMethod, listMethod } from './collection-methods.ts'
import { stringMethod } from './string-methods.ts'
import { isDict, isList, isThing, type Value } from './value.ts'

/** Undefined when the value has no such member. Keys of a dictionary are no members. */
export function memberOf(of: Value, name: string, budget: Budget): Value | undefined {
  if (typeof of === 'string') return stringMethod(of, name, budget)
  if (isList(of)) return listMethod(of, name, budget)
  if (isDict(of)) return dictMethod(of, name, budget)
  return isThing(of) ? of.members.get(name) : undefined
}
