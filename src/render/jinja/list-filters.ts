/** Jinja's filters on lists and dictionaries: order, choose, join. */
import type { Given } from '../expression/arguments.ts'
import { type Budget, spend } from '../expression/budget.ts'
import { pairsIn } from '../expression/collection-methods.ts'
import { isEqual } from '../expression/compare.ts'
import { Fault } from '../expression/fault.ts'
import { binary } from '../expression/operators.ts'
import { sortBy } from '../expression/sorting.ts'
import { join } from '../expression/string-methods.ts'
import { textOf } from '../expression/text.ts'
import {
  isDict,
  isInt,
  isList,
  isMissing,
  isTrue,
  iterator,
  lengthOf,
  list,
  missing,
  tuple,
  type Value,
  walked,
} from '../expression/value.ts'
import type { Filter, FilterContext } from './filters.ts'

const count: Filter = ['', (value, _, { budget }) => BigInt(lengthOf(value, budget))]

export const LIST_FILTERS: Readonly<Record<string, Filter>> = {
  length: count,
  count,
  list: ['', (value, _, context) => list(itemsOf(value, context))],
  items: ['', (value) => iterator(isMissing(value) ? [] : pairsOf(value))],
  first: ['', (value, _, context) => itemOr(itemsOf(value, context)[0], 'the first item of nothing')],
  last: ['', (value, _, context) => itemOr(itemsOf(value, context).at(-1), 'the last item of nothing')],
  join: [
    'd? attribute?',
    (value, given, context) => {
      const texts = itemsOf(value, context).map((one) => textOf(attributeOf(one, given, context), context.budget))
      return join(textOf(given.find('d') ?? '', context.budget), list(texts), context.budget)
    },
  ],
  reverse: [
    '',
    (value, _, context) => {
      if (typeof value === 'string') return [...value].reverse().join('')
      return iterator(itemsOf(value, context).reverse())
    },
  ],
  sort: [
    'reverse? case_sensitive? attribute?',
    (value, given, context) => list(inOrder(itemsOf(value, context), given, context)),
  ],
  unique: ['case_sensitive? attribute?', unique],
  min: ['case_sensitive? attribute?', (value, given, context) => extreme(value, given, context, 0)],
  max: ['case_sensitive? attribute?', (value, given, context) => extreme(value, given, context, -1)],
  sum: [
    'attribute? start?',
    (value, given, context) =>
      itemsOf(value, context)
        .map((one) => attributeOf(one, given, context))
        .reduce((total, one) => binary('+', total, one, context.budget), given.find('start') ?? 0n),
  ],
  dictsort: ['case_sensitive? by? reverse?', dictSort],
  batch: ['linecount fill_with?', batch],
  slice: ['slices fill_with?', slices],
  map: ['...args ...named', map],
  select: ['...args', (value, given, context) => choose(value, given.rest, context, true)],
  reject: ['...args', (value, given, context) => choose(value, given.rest, context, false)],
  selectattr: ['attr ...args', (value, given, context) => chooseByAttribute(value, given, context, true)],
  rejectattr: ['attr ...args', (value, given, context) => chooseByAttribute(value, given, context, false)],
}

function itemsOf(value: Value, { budget }: FilterContext): Value[] {
  return walked(value, budget)
}

function itemOr(item: Value | undefined, name: string): Value {
  return item === undefined ? missing(name) : item
}

function pairsOf(value: Value): Value[] {
  if (!isDict(value)) throw new Fault('Can only get item pairs from a mapping.')
  return [...pairsIn(value)].map(([key, one]) => tuple([key, one]))
}

/** `attribute="a.b"` or a number, as most of these filters take it. */
function attributeOf(value: Value, given: Given, context: FilterContext): Value {
  const path = given.find('attribute') ?? null
  return path === null ? value : walkTo(value, path, context)
}

function walkTo(value: Value, path: Value, { scope, budget }: FilterContext): Value {
  if (isInt(path)) return scope.item(value, path)
  return textOf(path, budget)
    .split('.')
    .reduce<Value>((of, key) => {
      if (isMissing(of)) throw new Fault(`"${of.name}" is not defined`)
      return scope.item(of, /^\d+$/.test(key) ? BigInt(key) : key)
    }, value)
}

/** Upper and lower case count for the same, unless told otherwise. */
function folded(value: Value, given: Given): Value {
  return typeof value === 'string' && !isTrue(given.get('case_sensitive')) ? value.toLowerCase() : value
}

function inOrder(items: Value[], given: Given, context: FilterContext): Value[] {
  const paths = typeof given.find('attribute') === 'string' ? given.text('attribute').split(',') : undefined
  const key = (one: Value): Value => {
    if (!paths || paths.length === 1) return folded(attributeOf(one, given, context), given)
    return list(paths.map((path) => folded(walkTo(one, path, context), given)))
  }
  return sortBy(items, key, isTrue(given.get('reverse')), context.budget)
}

function unique(value: Value, given: Given, context: FilterContext): Value {
  const seen: Value[] = []
  const kept = itemsOf(value, context).filter((one) => {
    const key = folded(attributeOf(one, given, context), given)
    if (seen.some((other) => isEqual(other, key, context.budget))) return false
    seen.push(key)
    return true
  })
  return iterator(kept)
}

function extreme(value: Value, given: Given, context: FilterContext, at: 0 | -1): Value {
  const items = itemsOf(value, context)
  const key = (one: Value): Value => folded(attributeOf(one, given, context), given)
  const sorted = sortBy(items, key, false, context.budget)
  const best = sorted.at(at)
  if (best === undefined) return missing('No aggregated item, sequence was empty.')
  // The first of those that are equal, from either end.
  return sorted.find((one) => isEqual(key(one), key(best), context.budget)) ?? best
}

function dictSort(value: Value, given: Given, { budget }: FilterContext): Value {
  const by = given.text('by', 'key')
  if (by !== 'key' && by !== 'value') throw new Fault('You can only sort by either "key" or "value"')
  const position = by === 'key' ? 0 : 1
  const key = (pair: Value): Value => folded(isList(pair) ? (pair.items[position] ?? null) : null, given)
  return list(sortBy(pairsOf(value), key, isTrue(given.get('reverse')), budget))
}

function batch(value: Value, given: Given, context: FilterContext): Value {
  const size = given.int('linecount')
  if (size < 1) throw new Fault('batch() needs a number above 0')
  const fill = given.find('fill_with') ?? null
  const items = itemsOf(value, context)
  const rows: Value[] = []
  for (let at = 0; at < items.length; at += size) {
    const row = items.slice(at, at + size)
    if (fill !== null) pad(row, size, fill, context.budget)
    rows.push(list(row))
  }
  return iterator(rows)
}

function pad(row: Value[], size: number, fill: Value, budget: Budget): void {
  spend(budget, Math.max(size - row.length, 0))
  while (row.length < size) row.push(fill)
}

function slices(value: Value, given: Given, context: FilterContext): Value {
  const count = given.int('slices')
  if (count < 1) throw new Fault('slice() needs a number above 0')
  spend(context.budget, count)
  const items = itemsOf(value, context)
  const fill = given.find('fill_with') ?? null
  const [each, more] = [Math.floor(items.length / count), items.length % count]
  let at = 0
  const columns = Array.from({ length: count }, (_, column): Value => {
    const size = each + (column < more ? 1 : 0)
    const part = items.slice(at, at + size)
    at += size
    if (fill !== null && column >= more) part.push(fill)
    return list(part)
  })
  return iterator(columns)
}

/** `map("upper")` or `map(attribute="name", default="x")`. */
function map(value: Value, { rest, others }: Given, context: FilterContext): Value {
  const [name, ...args] = rest
  const path = others.get('attribute')
  if (name === undefined && path !== undefined) {
    const otherwise = others.get('default')
    return iterator(
      itemsOf(value, context).map((one) => {
        const found = walkTo(one, path, context)
        return isMissing(found) && otherwise !== undefined ? otherwise : found
      }),
    )
  }
  if (typeof name !== 'string') throw new Fault('map() needs the name of a filter, or attribute=…')
  const given = { list: args, named: others }
  return iterator(itemsOf(value, context).map((one) => context.scope.filter(name, one, given)))
}

function choose(value: Value, [test, ...args]: readonly Value[], context: FilterContext, wanted: boolean): Value {
  return iterator(itemsOf(value, context).filter((one) => holds(one, test, args, context) === wanted))
}

function chooseByAttribute(value: Value, given: Given, context: FilterContext, wanted: boolean): Value {
  const [test, ...args] = given.rest
  const kept = itemsOf(value, context).filter((one) => {
    return holds(walkTo(one, given.get('attr'), context), test, args, context) === wanted
  })
  return iterator(kept)
}

function holds(value: Value, test: Value | undefined, args: readonly Value[], { scope }: FilterContext): boolean {
  if (test === undefined) return scope.truth(value)
  if (typeof test !== 'string') throw new Fault('a test is named by a text')
  return scope.test(test, value, { list: args, named: new Map() })
}
