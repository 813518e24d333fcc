/** A tree becomes a value. What names mean, and what `.` finds, is the dialect's: it comes in as a Scope. */
import { type Budget, deeper, spend, spendText } from './budget.ts'
import { compare } from './compare.ts'
import { Fault, NotFound } from './fault.ts'
import { setItem, slice } from './items.ts'
import { binary, unary } from './operators.ts'
import { textOf } from './text.ts'
import type { CallArguments, Expr, Target } from './tree.ts'
import {
  type Arguments,
  dict,
  each,
  isCallable,
  isMissing,
  isThing,
  isTrue,
  iterator,
  list,
  missing,
  NO_ELSE,
  tuple,
  typeName,
  type Value,
} from './value.ts'

export interface Scope {
  readonly budget: Budget
  readonly name: (name: string) => Value
  readonly placeholder: (name: string) => Value
  readonly attribute: (of: Value, name: string, mapped: boolean) => Value
  readonly item: (of: Value, key: Value) => Value
  readonly filter: (name: string, of: Value, args: Arguments) => Value
  readonly test: (name: string, of: Value, args: Arguments) => boolean
  /** Of an undefined name too, where that is allowed. */
  readonly truth: (value: Value) => boolean
  readonly set: (name: string, value: Value) => void
  /** A scope inside this one, whose names nobody outside sees. */
  readonly inside: () => Scope
}

export function evaluate(expr: Expr, scope: Scope): Value {
  spend(scope.budget, 1)
  switch (expr.node) {
    case 'literal':
      return expr.value
    case 'name':
      return scope.name(expr.name)
    case 'placeholder':
      return called(scope.placeholder(expr.name), expr.autocall)
    case 'attribute':
      return called(scope.attribute(solid(expr.of, scope), expr.name, expr.mapped), expr.autocall)
    case 'item':
      return scope.item(solid(expr.of, scope), solid(expr.key, scope))
    case 'slice': {
      const { of, from, to, by } = expr
      return slice(solid(of, scope), solid(from, scope), solid(to, scope), solid(by, scope), scope.budget)
    }
    case 'call':
      return call(expr.of, expr.args, scope)
    case 'unary':
      return unary(expr.operator, solid(expr.of, scope))
    case 'binary':
      return deeper(scope.budget, () => operation(expr.operator, expr.left, expr.right, scope))
    case 'compare':
      return comparison(expr.first, expr.rest, scope)
    case 'logic': {
      const left = evaluate(expr.left, scope)
      return scope.truth(left) === (expr.operator === 'or') ? left : evaluate(expr.right, scope)
    }
    case 'not':
      return !scope.truth(evaluate(expr.of, scope))
    case 'choice':
      if (scope.truth(evaluate(expr.test, scope))) return evaluate(expr.yes, scope)
      return expr.no ? evaluate(expr.no, scope) : missing(NO_ELSE)
    case 'list': {
      const items = expr.items.map((one) => evaluate(one, scope))
      return expr.kind === 'tuple' ? tuple(items) : list(items)
    }
    case 'dict':
      return dict(expr.entries.map(([key, value]) => [solid(key, scope), evaluate(value, scope)] as const))
    case 'comprehension':
      return comprehension(expr, scope)
    case 'filter':
      return scope.filter(expr.name, evaluate(expr.of, scope), argumentsOf(expr.args, scope))
    case 'test':
      return scope.test(expr.name, evaluate(expr.of, scope), argumentsOf(expr.args, scope)) !== expr.negated
  }
}

/** A value that something is done with. */
function solid(expr: Expr, scope: Scope): Value {
  const value = evaluate(expr, scope)
  if (isMissing(value)) throw new NotFound(value.name)
  return value
}

function called(value: Value, autocall: boolean): Value {
  return autocall && isCallable(value) ? value.call({ list: [], named: new Map() }) : value
}

function call(of: Expr, args: CallArguments, scope: Scope): Value {
  const callee = solid(of, scope)
  if (!isCallable(callee)) throw new Fault(`'${typeName(callee)}' object is not callable`)
  const given = argumentsOf(args, scope)
  return deeper(scope.budget, () => callee.call(given))
}

function argumentsOf(args: CallArguments, scope: Scope): Arguments {
  return {
    list: args.list.map((one) => evaluate(one, scope)),
    named: new Map(args.named.map(([key, one]) => [key, evaluate(one, scope)])),
  }
}

function operation(operator: string, left: Expr, right: Expr, scope: Scope): Value {
  if (operator !== '~') return binary(operator, solid(left, scope), solid(right, scope), scope.budget)
  const [one, other] = [left, right].map((part) => textOf(evaluate(part, scope), scope.budget))
  const text = `${one}${other}`
  spendText(scope.budget, text.length)
  return text
}

function comparison(first: Expr, rest: readonly (readonly [string, Expr])[], scope: Scope): boolean {
  let left = evaluate(first, scope)
  for (const [sign, expr] of rest) {
    const right = evaluate(expr, scope)
    for (const one of [left, right]) {
      // Equality is the one thing that an undefined value can be asked for; the scope says whether it may.
      if (isMissing(one) && (!['==', '!=', 'in', 'not in'].includes(sign) || scope.truth(one))) {
        throw new NotFound(one.name)
      }
    }
    const holds = isMissing(right) && sign.endsWith('in') ? sign === 'not in' : compare(sign, left, right, scope.budget)
    if (!holds) return false
    left = right
  }
  return true
}

function comprehension(expr: Expr & { readonly node: 'comprehension' }, scope: Scope): Value {
  const inner = scope.inside()
  const made: Value[] = []
  for (const one of each(solid(expr.over, scope))) {
    spend(scope.budget, 1)
    assign(expr.target, one, inner)
    if (expr.conditions.every((condition) => isTrue(evaluate(condition, inner)))) {
      made.push(evaluate(expr.element, inner))
    }
  }
  return expr.kind === 'list' ? list(made) : iterator(made)
}

/** `target = value`, also several at once. */
export function assign(target: Target, value: Value, scope: Scope): void {
  switch (target.target) {
    case 'name':
      scope.set(target.name, value)
      return
    case 'item':
      setItem(solid(target.of, scope), solid(target.key, scope), value, scope.budget)
      return
    case 'member': {
      const of = solid(target.of, scope)
      if (!isThing(of) || !of.isOpen) throw new Fault(`"${target.name}" cannot be set on a ${typeName(of)}`)
      of.members.set(target.name, value)
      return
    }
    case 'several': {
      const values: Value[] = []
      for (const one of each(value)) {
        if (values.push(one) > target.targets.length) break
      }
      if (values.length !== target.targets.length) throw new Fault('the numbers of names and of values differ')
      for (const [index, one] of target.targets.entries()) assign(one, values[index] ?? null, scope)
    }
  }
}
