/** What a name means in a Jinja template, and what stands behind a dot or in brackets. Own data only. */

import { taking } from '../expression/arguments.ts'
import type { Budget } from '../expression/budget.ts'
import { builtin } from '../expression/builtins.ts'
import type { Scope } from '../expression/evaluate.ts'
import { Fault, NotFound } from '../expression/fault.ts'
import { findItem } from '../expression/items.ts'
import { memberOf } from '../expression/members.ts'
import { textOf } from '../expression/text.ts'
import {
  type Callable,
  isDict,
  isList,
  isMissing,
  isTrue,
  missing,
  pick,
  thing,
  type Value,
} from '../expression/value.ts'
import { applyFilter } from './filters.ts'
import { applyTest } from './tests.ts'

/** Names that have been set, inside out. */
export interface Names {
  readonly own: Map<string, Value>
  readonly outer: Names | undefined
}

export function find(names: Names | undefined, name: string): Value | undefined {
  for (let at = names; at; at = at.outer) {
    const found = at.own.get(name)
    if (found !== undefined) return found
  }
  return undefined
}

/** @param isStrict an undefined name may only be asked whether it is defined */
export function jinjaScope(names: Names, isStrict: boolean, budget: Budget): Scope {
  const scope: Scope = {
    budget,
    name(name) {
      const found = find(names, name)
      return found === undefined ? (globalOf(name, budget) ?? missing(name)) : found
    },
    placeholder: (name) => {
      throw new NotFound(name)
    },
    attribute(of, name) {
      // A method comes before a key: {{ d.items() }} is always the method.
      const member = memberOf(of, name, budget)
      if (member !== undefined) return member
      const key = isDict(of) ? pick(of, name) : undefined
      return key === undefined ? missing(name) : key
    },
    item(of, key) {
      const canHave = isDict(of) || isList(of) || typeof of === 'string'
      const isIndex = !isDict(of) && typeof key === 'string'
      const item = canHave && !isIndex ? findItem(of, key, budget) : undefined
      if (item !== undefined) return item
      const member = typeof key === 'string' ? memberOf(of, key, budget) : undefined
      return member === undefined ? missing(textOf(key, budget)) : member
    },
    truth(value) {
      if (isStrict && isMissing(value)) throw new NotFound(value.name)
      return isTrue(value)
    },
    filter: (name, of, args) => applyFilter(name, of, args, scope, isStrict),
    test: (name, of, args) => applyTest(name, of, args, scope, isStrict),
    set: (name, value) => void names.own.set(name, value),
    inside: () => jinjaScope({ own: new Map(), outer: names }, isStrict, budget),
  }
  return scope
}

/** Jinja has few functions of its own. */
function globalOf(name: string, budget: Budget): Callable | undefined {
  if (name === 'range' || name === 'dict') return builtin(name, budget)
  if (name !== 'namespace') return undefined
  return taking('namespace', 'of? ...named', (given) => {
    const of = given.find('of')
    if (of !== undefined && !isDict(of)) throw new Fault('namespace() takes names and values')
    const made = thing('namespace', {}, true)
    for (const [key, value] of of?.entries.values() ?? []) made.members.set(textOf(key, budget), value)
    for (const [key, value] of given.others) made.members.set(key, value)
    return made
  })
}
