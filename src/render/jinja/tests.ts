/** Jinja's tests: `x is defined`, `n is divisibleby 3`. */
import { bindArguments, type Given } from '../expression/arguments.ts'
import { type Budget, spend } from '../expression/budget.ts'
import { compare } from '../expression/compare.ts'
import type { Scope } from '../expression/evaluate.ts'
import { Fault, NotFound } from '../expression/fault.ts'
import { binary } from '../expression/operators.ts'
import { textOf } from '../expression/text.ts'
import {
  type Arguments,
  isCallable,
  isDict,
  isInt,
  isList,
  isMissing,
  isNumber,
  type Value,
} from '../expression/value.ts'
import { isFilter } from './filters.ts'

type Test = readonly [params: string, run: (value: Value, given: Given, budget: Budget) => boolean]

export function isTest(name: string): boolean {
  return Object.hasOwn(TESTS, name)
}

export function applyTest(name: string, of: Value, args: Arguments, { budget }: Scope, isStrict: boolean): boolean {
  const [params, run] = (Object.hasOwn(TESTS, name) && TESTS[name]) || []
  if (params === undefined || !run) throw new Fault(`the test "${name}" is not in the language`)
  if (isMissing(of) && isStrict && name !== 'defined' && name !== 'undefined') throw new NotFound(of.name)
  spend(budget, 1)
  return run(of, bindArguments(name, params, args), budget)
}

const comparing = (sign: string): Test => [
  'other',
  (value, given, budget) => compare(sign, value, given.get('other'), budget),
]
const isRest =
  (wanted: 0n | 1n) =>
  (value: Value, _: Given, budget: Budget): boolean =>
    binary('%', value, 2n, budget) === wanted

const TESTS: Readonly<Record<string, Test>> = {
  defined: ['', (value) => !isMissing(value)],
  undefined: ['', (value) => isMissing(value)],
  none: ['', (value) => value === null],
  boolean: ['', (value) => typeof value === 'boolean'],
  true: ['', (value) => value === true],
  false: ['', (value) => value === false],
  integer: ['', (value) => typeof value === 'bigint'],
  float: ['', (value) => typeof value === 'number'],
  number: ['', (value) => isNumber(value)],
  string: ['', (value) => typeof value === 'string'],
  mapping: ['', (value) => isDict(value)],
  sequence: ['', (value) => typeof value === 'string' || isDict(value) || (isList(value) && value.kind !== 'iterator')],
  iterable: ['', (value) => typeof value === 'string' || isDict(value) || isList(value) || isMissing(value)],
  callable: ['', (value) => isCallable(value)],
  escaped: ['', () => false],
  even: ['', isRest(0n)],
  odd: ['', isRest(1n)],
  divisibleby: ['by', (value, given, budget) => isZero(binary('%', value, given.get('by'), budget))],
  lower: ['', (value, _, budget) => isCase(textOf(value, budget), 'lower')],
  upper: ['', (value, _, budget) => isCase(textOf(value, budget), 'upper')],
  in: ['among', (value, given, budget) => compare('in', value, given.get('among'), budget)],
  sameas: ['other', (value, given, budget) => compare('is', value, given.get('other'), budget)],
  filter: ['', (value) => typeof value === 'string' && isFilter(value)],
  test: ['', (value) => typeof value === 'string' && isTest(value)],
  '==': comparing('=='),
  '!=': comparing('!='),
  '<': comparing('<'),
  '<=': comparing('<='),
  '>': comparing('>'),
  '>=': comparing('>='),
  eq: comparing('=='),
  equalto: comparing('=='),
  ne: comparing('!='),
  lt: comparing('<'),
  lessthan: comparing('<'),
  le: comparing('<='),
  gt: comparing('>'),
  greaterthan: comparing('>'),
  ge: comparing('>='),
}

function isZero(value: Value): boolean {
  return isInt(value) ? BigInt(value) === 0n : value === 0
}

/** Python's islower() and isupper(): there must be a letter. */
function isCase(text: string, wanted: 'lower' | 'upper'): boolean {
  const [has, no] = wanted === 'lower' ? [/\p{Ll}/u, /\p{Lu}/u] : [/\p{Lu}/u, /\p{Ll}/u]
  return has.test(text) && !no.test(text)
}
