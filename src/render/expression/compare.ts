/** Python's ==, <, in and `is` on the values of a template. */
import { type Budget, spend, spendSearch } from './budget.ts'
import { Fault } from './fault.ts'
import { typesOf } from './text.ts'
import { isDict, isList, isMissing, isNumber, pick, typeName, type Value } from './value.ts'

export function compare(operator: string, left: Value, right: Value, budget: Budget): boolean {
  spend(budget, 1)
  switch (operator) {
    case '==':
      return isEqual(left, right, budget)
    case '!=':
    case '<>':
      return !isEqual(left, right, budget)
    case 'is':
      return isSame(left, right)
    case 'is not':
      return !isSame(left, right)
    case 'in':
      return isIn(left, right, budget)
    case 'not in':
      return !isIn(left, right, budget)
    case '<':
      return order(left, right, '<', budget) < 0
    case '<=':
      return order(left, right, '<=', budget) <= 0
    case '>':
      return order(left, right, '>', budget) > 0
    default:
      return order(left, right, '>=', budget) >= 0
  }
}

export function isEqual(left: Value, right: Value, budget: Budget): boolean {
  spend(budget, 1)
  if (isNumber(left) && isNumber(right)) return order(left, right, '==', budget) === 0
  if (isList(left) && isList(right)) {
    if (left.items === right.items) return true
    if (left.kind !== right.kind || left.items.length !== right.items.length) return false
    return left.items.every((one, index) => isEqual(one, right.items[index] ?? null, budget))
  }
  if (isDict(left) && isDict(right)) {
    if (left.entries === right.entries) return true
    if (left.entries.size !== right.entries.size) return false
    return [...left.entries.values()].every(([key, one]) => {
      const other = pick(right, key)
      return other !== undefined && isEqual(one, other, budget)
    })
  }
  if (isMissing(left) && isMissing(right)) return true
  if (typeof left === 'string' && typeof right === 'string') spend(budget, left.length >>> 6)
  return left === right
}

/** Identity counts for None, True and False; for others Python itself warns of it. */
function isSame(left: Value, right: Value): boolean {
  return typeof left === typeof right && left === right
}

function isIn(one: Value, among: Value, budget: Budget): boolean {
  if (typeof among === 'string') {
    if (typeof one === 'string') {
      spendSearch(budget, among.length, one.length)
      return among.includes(one)
    }
    throw new Fault(`'in <string>' requires string as left operand, not ${typeName(one)}`)
  }
  if (isDict(among)) return pick(among, one) !== undefined
  if (isList(among)) return among.items.some((item) => isEqual(one, item, budget))
  throw new Fault(`argument of type '${typeName(among)}' is not iterable`)
}

/** Below 0, 0 or above 0. Values that have no order among each other are a fault, as in Python 3. */
export function order(left: Value, right: Value, operator: string, budget: Budget): number {
  spend(budget, 1)
  if (isNumber(left) && isNumber(right)) {
    const [a, b] = [typeof left === 'boolean' ? BigInt(left) : left, typeof right === 'boolean' ? BigInt(right) : right]
    return a < b ? -1 : a > b ? 1 : 0
  }
  if (typeof left === 'string' && typeof right === 'string') {
    spend(budget, left.length >>> 6)
    return orderText(left, right)
  }
  if (isList(left) && isList(right) && left.kind === right.kind && (left.kind === 'list' || left.kind === 'tuple')) {
    for (const [index, one] of left.items.entries()) {
      const other = right.items[index]
      if (other === undefined) return 1
      if (!isEqual(one, other, budget)) return order(one, other, operator, budget)
    }
    return left.items.length - right.items.length
  }
  throw new Fault(`'${operator}' not supported between instances of ${typesOf(left, right)}`)
}

export function orderText(left: string, right: string): number {
  // UTF-16 orders what is beyond the basic plane before U+E000; code points do not.
  if (/[\ud800-\udfff]/.test(left + right)) return Buffer.compare(Buffer.from(left), Buffer.from(right))
  return left < right ? -1 : left > right ? 1 : 0
}
