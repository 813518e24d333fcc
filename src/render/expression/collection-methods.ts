/** Python's methods of lists, tuples and dictionaries; also the few of Python 2 that old kickstarts still call. */
import { type Given, taking } from './arguments.ts'
import { type Budget, spend } from './budget.ts'
import { isEqual } from './compare.ts'
import { Fault } from './fault.ts'
import { sorted } from './sorting.ts'
import { repr } from './text.ts'
import {
  type Dict,
  dict,
  each,
  isDict,
  isList,
  keyOf,
  type List,
  list,
  pick,
  put,
  tuple,
  type Value,
  view,
  walked,
} from './value.ts'

type Method<Of> = readonly [params: string, run: (of: Of, given: Given, budget: Budget) => Value]

export function listMethod(of: List, name: string, budget: Budget): Value | undefined {
  // What keys() gives was a list in Python 2, and old templates sort it.
  const table = of.kind === 'tuple' ? OF_TUPLE : of.kind === 'iterator' ? {} : OF_LIST
  return method(table, of, name, of.items.length, budget)
}

export function dictMethod(of: Dict, name: string, budget: Budget): Value | undefined {
  return method(OF_DICT, of, name, of.entries.size, budget)
}

function method<Of>(
  table: Readonly<Record<string, Method<Of>>>,
  of: Of,
  name: string,
  size: number,
  budget: Budget,
): Value | undefined {
  const [params, run] = (Object.hasOwn(table, name) && table[name]) || []
  if (params === undefined || !run) return undefined
  return taking(name, params, (given) => {
    spend(budget, 1 + size)
    return run(of, given, budget)
  })
}

const OF_TUPLE: Readonly<Record<string, Method<List>>> = {
  count: [
    'value',
    ({ items }, given, budget) => BigInt(items.filter((one) => isEqual(one, given.get('value'), budget)).length),
  ],
  index: ['value', ({ items }, given, budget) => BigInt(indexOf(items, given.get('value'), budget))],
}

const OF_LIST: Readonly<Record<string, Method<List>>> = {
  ...OF_TUPLE,
  append: ['value', ({ items }, given) => nothing(items.push(given.get('value')))],
  extend: [
    'values',
    ({ items }, given, budget) => {
      for (const one of walked(given.get('values'), budget)) items.push(one)
      return null
    },
  ],
  insert: ['index value', ({ items }, given) => nothing(items.splice(given.int('index'), 0, given.get('value')))],
  remove: ['value', ({ items }, given, budget) => nothing(items.splice(indexOf(items, given.get('value'), budget), 1))],
  pop: ['index?', ({ items }, given) => pop(items, given.int('index', -1))],
  clear: ['', ({ items }) => nothing(items.splice(0))],
  copy: ['', ({ items }) => list([...items])],
  reverse: ['', ({ items }) => nothing(items.reverse())],
  sort: ['key? reverse?', ({ items }, given, budget) => reorder(items, sorted([...items], given, budget))],
}

const OF_DICT: Readonly<Record<string, Method<Dict>>> = {
  get: ['key default?', (of, given) => orElse(pick(of, given.get('key')), given.get('default'))],
  keys: ['', (of) => view(keysOf(of), 'dict_keys')],
  values: ['', (of) => view(valuesOf(of), 'dict_values')],
  items: ['', (of) => view(pairsOf(of), 'dict_items')],
  iterkeys: ['', (of) => view(keysOf(of), 'dict_keys')],
  itervalues: ['', (of) => view(valuesOf(of), 'dict_values')],
  iteritems: ['', (of) => view(pairsOf(of), 'dict_items')],
  has_key: ['key', (of, given) => pick(of, given.get('key')) !== undefined],
  copy: ['', (of) => dict(of.entries.values())],
  clear: ['', (of) => nothing(of.entries.clear())],
  update: ['other? ...named', update],
  setdefault: [
    'key default?',
    (of, given) => {
      const found = pick(of, given.get('key'))
      if (found === undefined) put(of, given.get('key'), given.get('default'))
      return orElse(found, given.get('default'))
    },
  ],
  pop: [
    'key default?',
    (of, given, budget) => {
      const key = given.get('key')
      const held = pick(of, key)
      const found = held === undefined ? given.find('default') : held
      if (found === undefined) throw new Fault(`there is no key ${repr(key, budget)}`)
      of.entries.delete(keyOf(key))
      return found
    },
  ],
}

/** None is a value like any other: `??` would take it for nothing. */
function orElse(value: Value | undefined, otherwise: Value): Value {
  return value === undefined ? otherwise : value
}

/** Such methods answer None. */
function nothing(_: unknown): null {
  return null
}

function reorder(items: Value[], sorted: readonly Value[]): null {
  for (const [index, one] of sorted.entries()) items[index] = one
  return null
}

function indexOf(items: readonly Value[], value: Value, budget: Budget): number {
  const at = items.findIndex((one) => isEqual(one, value, budget))
  if (at < 0) throw new Fault('the value is not in the list')
  return at
}

function pop(items: Value[], index: number): Value {
  const at = index < 0 ? index + items.length : index
  const [taken] = items.splice(at, at >= 0 ? 1 : 0)
  if (taken === undefined) throw new Fault('pop index out of range')
  return taken
}

const keysOf = ({ entries }: Dict): Value[] => [...entries.values()].map(([key]) => key)
const valuesOf = ({ entries }: Dict): Value[] => [...entries.values()].map(([, value]) => value)
const pairsOf = ({ entries }: Dict): Value[] => [...entries.values()].map(([key, value]) => tuple([key, value]))

function update(of: Dict, given: Given, budget: Budget): null {
  for (const [key, value] of pairsIn(given.find('other') ?? dict())) put(of, key, value)
  for (const [key, value] of given.others) put(of, key, value)
  spend(budget, of.entries.size)
  return null
}

/** Of a dictionary, or of a list of pairs. */
export function* pairsIn(value: Value): Generator<readonly [Value, Value]> {
  if (isDict(value)) {
    yield* value.entries.values()
    return
  }
  for (const pair of each(value)) {
    const [key, one, ...rest] = isList(pair) ? pair.items : []
    if (key === undefined || one === undefined || rest.length > 0) throw new Fault('a dictionary is made of pairs')
    yield [key, one]
  }
}
