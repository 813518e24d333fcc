/** `x[1]`, `x["key"]`, `x[1:3]`, and writing to them. */
import { type Budget, spend, spendText } from './budget.ts'
import { Fault } from './fault.ts'
import { repr } from './text.ts'
import {
  characters,
  isCallable,
  isDict,
  isInt,
  isList,
  isThing,
  keyOf,
  list,
  pick,
  put,
  tuple,
  typeName,
  type Value,
} from './value.ts'

/** Undefined when there is no such item; a fault when the value has no items at all. */
export function findItem(of: Value, key: Value, budget: Budget): Value | undefined {
  if (isDict(of)) return pick(of, key)
  if (typeof of === 'string' || isList(of)) {
    if (isList(of) && of.kind === 'iterator') throw new Fault(`'iterator' object is not subscriptable`)
    if (!isInt(key)) {
      throw new Fault(`${typeName(of)} indices must be integers, not '${typeName(key)}'`)
    }
    if (typeof of === 'string') spend(budget, of.length >>> 4)
    const items = isList(of) ? of.items : characters(of)
    const at = Number(key)
    return items[at < 0 ? at + items.length : at]
  }
  throw new Fault(`'${typeName(of)}' object is not subscriptable`)
}

export function getItem(of: Value, key: Value, budget: Budget): Value {
  const found = findItem(of, key, budget)
  if (found !== undefined) return found
  throw new Fault(isDict(of) ? `there is no key ${repr(key, budget)}` : `${typeName(of)} index out of range`)
}

export function setItem(of: Value, key: Value, value: Value, budget: Budget): void {
  spend(budget, 1)
  if (isDict(of)) {
    put(of, key, value)
    return
  }
  if (isList(of) && of.kind === 'list' && isInt(key)) {
    const at = Number(key) < 0 ? Number(key) + of.items.length : Number(key)
    if (at < 0 || at >= of.items.length) throw new Fault('list assignment index out of range')
    of.items[at] = value
    return
  }
  throw new Fault(`'${typeName(of)}' object does not support item assignment`)
}

export function deleteItem(of: Value, key: Value, budget: Budget): void {
  getItem(of, key, budget)
  if (isDict(of)) of.entries.delete(keyOf(key))
  else if (isList(of) && of.kind === 'list') of.items.splice(Number(key), 1)
  else throw new Fault(`'${typeName(of)}' object doesn't support item deletion`)
}

export function slice(of: Value, from: Value, to: Value, by: Value, budget: Budget): Value {
  if (isCallable(of) || isThing(of) || isDict(of)) throw new Fault(`'${typeName(of)}' object has no slices`)
  if (typeof of === 'string') spend(budget, of.length >>> 2)
  const items = typeof of === 'string' ? Array.from(of) : isList(of) && of.kind !== 'iterator' ? of.items : undefined
  if (!items) throw new Fault(`'${typeName(of)}' object is not subscriptable`)
  const step = by === null ? 1 : index(by)
  if (step === 0) throw new Fault('slice step cannot be zero')
  const length = items.length
  const bound = (given: Value, otherwise: number) => {
    if (given === null) return otherwise
    const at = index(given)
    const placed = at < 0 ? at + length : at
    return step > 0 ? Math.min(Math.max(placed, 0), length) : Math.min(Math.max(placed, -1), length - 1)
  }
  const start = bound(from, step > 0 ? 0 : length - 1)
  const end = bound(to, step > 0 ? length : -1)
  const taken: Value[] = []
  for (let at = start; step > 0 ? at < end : at > end; at += step) taken.push(items[at] ?? null)
  spend(budget, taken.length)
  if (typeof of === 'string') {
    spendText(budget, taken.length)
    return taken.join('')
  }
  return isList(of) && of.kind === 'tuple' ? tuple(taken) : list(taken)
}

function index(value: Value): number {
  if (isInt(value)) return Number(value)
  throw new Fault(`slice indices must be integers or None, not '${typeName(value)}'`)
}
