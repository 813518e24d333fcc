/**
 * The values that templates of Cobbler's compute with: Python's, as far as install files need them. Whole numbers are
 * bigint and floats are number, because 4 / 2 prints as 2.0.
 *
 * Only values made here are reachable from a template: no object of the host, no prototype.
 */
import type { Json } from '../../lib/json.ts'
import { isJsonObject } from '../../lib/json.ts'
import { type Budget, spend } from './budget.ts'
import { Fault } from './fault.ts'

export type Value = null | boolean | bigint | number | string | List | Dict | Callable | Thing | Missing

/** Lists, tuples, and what Python gives for keys(), items(), range(): all are walked in order. */
export interface List {
  readonly is: 'list'
  readonly kind: 'list' | 'tuple' | 'view' | 'iterator'
  readonly items: Value[]
  /** How a view prints itself: `dict_keys`, `range(0, 3)`. */
  readonly prints?: string
}

export interface Dict {
  readonly is: 'dict'
  /** By keyOf the key. */
  readonly entries: Map<string, readonly [key: Value, value: Value]>
}

export interface Arguments {
  readonly list: readonly Value[]
  readonly named: ReadonlyMap<string, Value>
}

export interface Callable {
  readonly is: 'callable'
  readonly name: string
  readonly call: (args: Arguments) => Value
}

/** A few named members and nothing else: a module, a loop, a match. */
export interface Thing {
  readonly is: 'thing'
  readonly name: string
  readonly members: Map<string, Value>
  /** Jinja's namespace() takes new members. */
  readonly isOpen?: boolean
}

/** What is missing when an `if` without `else` does not hold. */
export const NO_ELSE = 'the else of an if'

/** Jinja's undefined: it may be asked whether it is defined. */
export interface Missing {
  readonly is: 'missing'
  readonly name: string
}

export const list = (items: Value[]): List => ({ is: 'list', kind: 'list', items })
export const tuple = (items: Value[]): List => ({ is: 'list', kind: 'tuple', items })
export const iterator = (items: Value[]): List => ({ is: 'list', kind: 'iterator', items })
export const view = (items: Value[], prints: string): List => ({ is: 'list', kind: 'view', items, prints })
export const missing = (name: string): Missing => ({ is: 'missing', name })
export const callable = (name: string, call: Callable['call']): Callable => ({ is: 'callable', name, call })

export function thing(name: string, members: Readonly<Record<string, Value>>, isOpen = false): Thing {
  return { is: 'thing', name, members: new Map(Object.entries(members)), isOpen }
}

export function dict(entries: Iterable<readonly [Value, Value]> = []): Dict {
  const made: Dict = { is: 'dict', entries: new Map() }
  for (const [key, value] of entries) put(made, key, value)
  return made
}

export function put(into: Dict, key: Value, value: Value): void {
  const at = keyOf(key)
  // Python keeps the first of two equal keys.
  into.entries.set(at, [into.entries.get(at)?.[0] ?? key, value])
}

export function pick(from: Dict, key: Value): Value | undefined {
  return from.entries.get(keyOf(key))?.[1]
}

/** The same text for keys that Python holds for the same: 1, 1.0 and True. */
export function keyOf(key: Value, size = { left: 1000 }): string {
  if (--size.left < 0) throw new Fault('a key is too large')
  if (key === null) return 'none'
  if (typeof key === 'string') return `s${key}`
  if (typeof key === 'boolean') return key ? 'n1' : 'n0'
  if (typeof key === 'bigint' || typeof key === 'number') return `n${key}`
  if (isList(key) && key.kind === 'tuple') return `t${JSON.stringify(key.items.map((one) => keyOf(one, size)))}`
  throw new Fault(`unhashable type: '${typeName(key)}'`)
}

export function isList(value: Value): value is List {
  return typeof value === 'object' && value !== null && value.is === 'list'
}
export function isDict(value: Value): value is Dict {
  return typeof value === 'object' && value !== null && value.is === 'dict'
}
export function isCallable(value: Value): value is Callable {
  return typeof value === 'object' && value !== null && value.is === 'callable'
}
export function isThing(value: Value): value is Thing {
  return typeof value === 'object' && value !== null && value.is === 'thing'
}
export function isMissing(value: Value): value is Missing {
  return typeof value === 'object' && value !== null && value.is === 'missing'
}
/** Python's bool is a number. */
export function isNumber(value: Value): value is boolean | bigint | number {
  return typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean'
}
export function isInt(value: Value): value is boolean | bigint {
  return typeof value === 'bigint' || typeof value === 'boolean'
}

/** A copy of its own: a template may change what it has been given, and nobody shall notice. */
export function fromJson(json: Json): Value {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json
  if (Array.isArray(json)) return list(json.map(fromJson))
  if (isJsonObject(json)) return dict(Object.entries(json).map(([key, value]) => [key, fromJson(value)]))
  return json as null | boolean | string
}

export function isTrue(value: Value): boolean {
  if (value === null || typeof value === 'boolean') return value === true
  if (typeof value === 'string') return value !== ''
  if (typeof value === 'bigint') return value !== 0n
  if (typeof value === 'number') return value !== 0
  if (isList(value)) return value.kind === 'iterator' || value.items.length > 0
  if (isDict(value)) return value.entries.size > 0
  return !isMissing(value)
}

export function typeName(value: Value): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'float'
  if (isDict(value)) return 'dict'
  if (isList(value)) return value.kind === 'view' ? (value.prints ?? 'view').replace(/\(.*/s, '') : value.kind
  return isCallable(value) ? 'function' : isThing(value) ? value.name : 'undefined'
}

/** What a `for` walks through. A list that grows meanwhile is walked to its new end, as in Python. */
export function* each(value: Value): Generator<Value> {
  if (isList(value)) yield* eachOf(value.items)
  else if (isDict(value)) for (const [key] of [...value.entries.values()]) yield key
  else if (typeof value === 'string') yield* value
  else if (!isMissing(value)) throw new Fault(`'${typeName(value)}' object is not iterable`)
}

function* eachOf(items: readonly Value[]): Generator<Value> {
  for (let i = 0; i < items.length; i++) yield items[i] ?? null
}

/** All of it at once, counted. */
export function walked(value: Value, budget: Budget): Value[] {
  const items: Value[] = []
  for (const one of each(value)) {
    spend(budget, 1)
    items.push(one)
  }
  return items
}

/** How many it has; characters for a text. */
export function lengthOf(value: Value, budget: Budget): number {
  if (typeof value === 'string') {
    spend(budget, value.length >>> 4)
    return characters(value).length
  }
  if (isList(value) && value.kind !== 'iterator') return value.items.length
  if (isDict(value)) return value.entries.size
  if (isMissing(value)) return 0
  throw new Fault(`object of type '${typeName(value)}' has no len()`)
}

/** Python counts code points; only text outside of the basic plane costs more than a look. */
export function characters(text: string): ArrayLike<string> & { slice(from: number, to: number): unknown } {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text) : text
}
