/**
 * What a name means in a Cheetah template: first what the template has set itself, then what all templates of a rendering
 * share, then Cobbler's data, then Python's own functions. Own data only: there is nothing else to be found.
 */
import { taking } from '../expression/arguments.ts'
import { type Budget, spend, spendText } from '../expression/budget.ts'
import { builtin, isRefused } from '../expression/builtins.ts'
import type { Scope } from '../expression/evaluate.ts'
import { Fault, NotFound } from '../expression/fault.ts'
import { getItem } from '../expression/items.ts'
import { memberOf } from '../expression/members.ts'
import { reModule } from '../expression/re-module.ts'
import { isCallable, isDict, isTrue, pick, type Thing, typeName, type Value } from '../expression/value.ts'

/** What a rendering and its snippets have in common. */
export interface Names {
  readonly budget: Budget
  readonly data: ReadonlyMap<string, Value>
  /** `#set global`. */
  readonly globals: Map<string, Value>
  /** getVar, SNIPPET …, and what the files that have been rendered define (#def, #attr): the first counts. */
  readonly shared: Map<string, Value>
  readonly re: Thing
}

export function newNames(data: ReadonlyMap<string, Value>, budget: Budget): Names {
  const names: Names = { budget, data, globals: new Map(), shared: new Map(), re: reModule(budget) }
  const search = (name: string): Value | undefined => findPath(names, name.replaceAll('$', ''))
  const exists = (called: string) =>
    taking(called, 'name autoCall?', (given) => search(given.text('name')) !== undefined)
  const getVar = taking('getVar', 'name default? autoCall?', (given) => {
    const found = search(given.text('name'))
    const value = found === undefined ? given.find('default') : found
    if (value === undefined) throw new NotFound(given.text('name'))
    return value
  })
  for (const one of [getVar, exists('varExists'), exists('hasVar'), sedesc(budget)]) names.shared.set(one.name, one)
  return names
}

/** Cobbler's: a text as a pattern for sed that means just itself. */
const sedesc = (budget: Budget) =>
  taking('sedesc', 'value', (given) => {
    spendText(budget, given.text('value').length)
    return given.text('value').replace(/[/^.[\]$()|*+?{}\\]/g, '\\$&')
  })

/** In what is shared: what getVar sees. */
function findShared({ globals, shared, data }: Names, name: string): Value | undefined {
  for (const names of [globals, shared, data]) {
    const found = names.get(name)
    if (found !== undefined) return found
  }
  return undefined
}

/** `interfaces.eth0.mac_address`, as getVar takes it. */
function findPath(names: Names, path: string): Value | undefined {
  const [first = '', ...rest] = path.split('.')
  let value = findShared(names, first)
  for (const key of rest) {
    if (value === undefined) return undefined
    value = mapped(value, key, names.budget)
    if (value !== undefined && isCallable(value)) value = value.call({ list: [], named: new Map() })
  }
  return value
}

/** Behind a placeholder's dot: a key, or a method. */
function mapped(of: Value, name: string, budget: Budget): Value | undefined {
  const found = isDict(of) ? pick(of, name) : undefined
  return found === undefined ? memberOf(of, name, budget) : found
}

/** One file's, or one `#def`'s, own names. */
export function scopeOf(names: Names, locals: Map<string, Value>, imports: readonly string[]): Scope {
  const { budget } = names
  const module = (name: string): Value | undefined => (imports.includes(name) ? names.re : undefined)
  const firstOf = (...finds: readonly ((name: string) => Value | undefined)[]) => {
    return (name: string): Value | undefined => {
      for (const find of finds) {
        const found = find(name)
        if (found !== undefined) return found
      }
      return undefined
    }
  }
  const python = (name: string): Value | undefined => builtin(name, budget)
  const local = (name: string): Value | undefined => locals.get(name)
  const findPlaceholder = firstOf(
    local,
    (name) => findShared(names, name),
    module,
    python,
    (name) => CONSTANTS.get(name),
  )
  const findName = firstOf(local, module, python)

  return {
    budget,
    placeholder(name) {
      spend(budget, 1)
      const found = findPlaceholder(name)
      if (found === undefined) throw isRefused(name) ? refused(name) : new NotFound(name)
      return found
    },
    name(name) {
      const found = findName(name)
      if (found !== undefined) return found
      if (isRefused(name)) throw refused(name)
      const hint = findShared(names, name) === undefined ? '' : `; write $${name}`
      throw new Fault(`"${name}" is no variable of this template${hint}`)
    },
    attribute(of, name, isMapped) {
      const found = isMapped ? mapped(of, name, budget) : memberOf(of, name, budget)
      if (found !== undefined) return found
      if (isMapped) throw new NotFound(name)
      throw new Fault(`'${typeName(of)}' has no "${name}"`)
    },
    item: (of, key) => getItem(of, key, budget),
    filter: noJinja,
    test: noJinja,
    truth: isTrue,
    set: (name, value) => void locals.set(name, value),
    inside: () => scopeOf(names, new Map(locals), imports),
  }
}

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['True', true],
  ['False', false],
  ['None', null],
])

function refused(name: string): Fault {
  return new Fault(`${name}() of Python is not in the language`)
}

function noJinja(name: string): never {
  throw new Fault(`"${name}" is Jinja's`)
}
