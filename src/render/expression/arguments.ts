/** What a function of a template was given, read one by one. */
import { Fault } from './fault.ts'
import { type Arguments, type Callable, callable, isInt, type Value } from './value.ts'

/** A function that takes these names in this order; `name?` may be left out, `...name` takes all the rest. */
export function taking(name: string, params: string, run: (given: Given) => Value): Callable {
  return callable(name, (args) => run(bindArguments(name, params, args)))
}

export interface Given {
  /** Undefined when it was left out. */
  readonly find: (name: string) => Value | undefined
  readonly get: (name: string) => Value
  readonly text: (name: string, otherwise?: string) => string
  readonly int: (name: string, otherwise?: number) => number
  readonly rest: readonly Value[]
  /** Whatever was given in order. */
  readonly all: readonly Value[]
  /** Given by names that the function does not name itself. */
  readonly others: ReadonlyMap<string, Value>
}

/** @param params as for taking() */
export function bindArguments(what: string, params: string, { list, named }: Arguments): Given {
  const wanted = params === '' ? [] : params.split(' ')
  const values = new Map<string, Value>()
  const others = new Map(named)
  let rest: readonly Value[] = []
  for (const [index, param] of wanted.entries()) {
    if (param === '...named') continue
    if (param.startsWith('...')) {
      rest = list.slice(index)
      continue
    }
    const key = param.replace('?', '')
    const value = list[index] ?? (index < list.length ? null : others.get(key))
    if (index >= list.length) others.delete(key)
    if (value !== undefined) values.set(key, value)
    else if (!param.endsWith('?')) throw new Fault(`${what}() needs "${key}"`)
  }
  const takesAll = wanted.some((param) => param.startsWith('...') && param !== '...named')
  const most = wanted.filter((param) => param !== '...named').length
  if (!takesAll && list.length > most) throw new Fault(`${what}() takes ${most} arguments at most`)
  if (others.size > 0 && !wanted.includes('...named')) {
    throw new Fault(`${what}() does not take "${[...others.keys()][0]}"`)
  }

  const get = (name: string): Value => values.get(name) ?? null
  return {
    find: (name) => values.get(name),
    get,
    rest,
    all: list,
    others,
    text(name, otherwise) {
      const value = values.get(name)
      if (typeof value === 'string') return value
      if ((value === undefined || value === null) && otherwise !== undefined) return otherwise
      throw new Fault(`${what}() needs a text for "${name}"`)
    },
    int(name, otherwise) {
      const value = values.get(name)
      if (value !== undefined && isInt(value)) return Number(value)
      if ((value === undefined || value === null) && otherwise !== undefined) return otherwise
      throw new Fault(`${what}() needs a whole number for "${name}"`)
    },
  }
}

export function callWith(callee: Callable, ...list: readonly Value[]): Value {
  return callee.call({ list, named: new Map() })
}
