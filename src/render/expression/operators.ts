/** Python's arithmetic on the values of a template, bounded. Comparing is compare.ts, `%` on text is percent-format.ts. */
import { type Budget, boundedInt, spend, spendText } from './budget.ts'
import { Fault } from './fault.ts'
import { formatPercent } from './percent-format.ts'
import { typesOf } from './text.ts'
import { isInt, isList, isNumber, type List, list, tuple, typeName, type Value } from './value.ts'

export function binary(operator: string, left: Value, right: Value, budget: Budget): Value {
  spend(budget, 1)
  if (isNumber(left) && isNumber(right)) return arithmetic(operator, left, right)
  if (operator === '+') return joined(left, right, budget)
  if (operator === '*') {
    if (isInt(right)) return repeated(left, BigInt(right), budget)
    if (isInt(left)) return repeated(right, BigInt(left), budget)
  }
  if (operator === '%' && typeof left === 'string') return formatPercent(left, right, budget)
  throw unsupported(operator, left, right)
}

export function unary(operator: string, of: Value): Value {
  if (!isNumber(of)) throw new Fault(`bad operand type for unary ${operator}: '${typeName(of)}'`)
  if (operator === '-') return typeof of === 'number' ? -of : -BigInt(of)
  if (operator === '+') return typeof of === 'number' ? of : BigInt(of)
  if (typeof of === 'number') throw new Fault(`bad operand type for unary ${operator}: 'float'`)
  return ~BigInt(of)
}

function arithmetic(operator: string, left: boolean | bigint | number, right: boolean | bigint | number): Value {
  if (typeof left === 'number' || typeof right === 'number') {
    const answer = float(operator, Number(left), Number(right))
    if (answer !== undefined) return answer
    throw unsupported(operator, left, right)
  }
  if (operator === '/') return whole(Number(left) / nonZero(Number(right)))
  if (operator === '**' && BigInt(right) < 0n) return nonZero(Number(left)) ** Number(right)
  return boundedInt(integer(operator, BigInt(left), BigInt(right)))
}

function integer(operator: string, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '//':
      return floorDivide(left, right)
    case '%':
      return left - floorDivide(left, right) * right
    case '**':
      // Checked before: what is too large to write down must not be computed either.
      if (left > 1n || left < -1n) boundedPower(left, right)
      return left ** right
    case '<<':
    case '>>':
      return shifted(left, operator === '<<' ? right : -right, right)
    case '&':
      return left & right
    case '|':
      return left | right
    case '^':
      return left ^ right
    default:
      throw new Fault(`the operator ${operator} is not in the language`)
  }
}

function floorDivide(left: bigint, right: bigint): bigint {
  if (right === 0n) throw new Fault('division by zero')
  const quotient = left / right
  // Python rounds down, bigint towards zero.
  return left % right !== 0n && left < 0n !== right < 0n ? quotient - 1n : quotient
}

function boundedPower(base: bigint, exponent: bigint): void {
  if (exponent * BigInt(base.toString(2).length) > 4_000n) throw new Fault('a number is too large')
}

function shifted(value: bigint, by: bigint, given: bigint): bigint {
  if (given < 0n) throw new Fault('negative shift count')
  if (by > 4_000n) throw new Fault('a number is too large')
  return value << by
}

function float(operator: string, left: number, right: number): number | undefined {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / nonZero(right)
    case '//':
      return floorFloat(left, nonZero(right))
    case '%': {
      const rest = left % nonZero(right)
      if (rest === 0) return right < 0 ? -0 : 0
      return rest < 0 !== right < 0 ? rest + right : rest
    }
    case '**':
      return left ** right
    default:
      return undefined
  }
}

/** By way of the rest, as Python does it: 7 // 0.1 is 69, although 7 / 0.1 is 70. */
function floorFloat(left: number, right: number): number {
  const rest = left % right
  const quotient = (left - rest) / right - (rest !== 0 && rest < 0 !== right < 0 ? 1 : 0)
  // Zero has a sign too.
  if (quotient === 0) return (left / right) * 0
  const floor = Math.floor(quotient)
  return quotient - floor > 0.5 ? floor + 1 : floor
}

function nonZero(value: number): number {
  if (value === 0) throw new Fault('division by zero')
  return value
}

function whole(value: number): number {
  if (!Number.isFinite(value)) throw new Fault('a number is too large')
  return value
}

function joined(left: Value, right: Value, budget: Budget): Value {
  if (typeof left === 'string' && typeof right === 'string') {
    spendText(budget, left.length + right.length)
    return left + right
  }
  if (isList(left) && isList(right) && left.kind === right.kind && left.kind !== 'view' && left.kind !== 'iterator') {
    spend(budget, left.items.length + right.items.length)
    return sameKind(left, [...left.items, ...right.items])
  }
  throw unsupported('+', left, right)
}

function repeated(of: Value, times: bigint, budget: Budget): Value {
  const count = times < 0n ? 0 : Number(times)
  if (typeof of === 'string') {
    spendText(budget, of.length * count)
    return of.repeat(count)
  }
  if (isList(of) && (of.kind === 'list' || of.kind === 'tuple')) {
    spend(budget, of.items.length * count)
    return sameKind(of, Array.from({ length: count }, () => of.items).flat())
  }
  throw unsupported('*', of, times)
}

function sameKind({ kind }: List, items: Value[]): List {
  return kind === 'tuple' ? tuple(items) : list(items)
}

function unsupported(operator: string, left: Value, right: Value): Fault {
  return new Fault(`unsupported operand types for ${operator}: ${typesOf(left, right)}`)
}
