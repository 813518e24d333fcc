/** Jinja's filters on single values: text, numbers, defaults. Those on lists are list-filters.ts. */
import { bindArguments, type Given } from '../expression/arguments.ts'
import { type Budget, spend, spendText } from '../expression/budget.ts'
import { roundTo, toFloat, toInt } from '../expression/builtins.ts'
import type { Scope } from '../expression/evaluate.ts'
import { Fault, NotFound } from '../expression/fault.ts'
import { memberOf } from '../expression/members.ts'
import { formatPercent } from '../expression/percent-format.ts'
import { capitalize } from '../expression/string-methods.ts'
import { textOf } from '../expression/text.ts'
import {
  type Arguments,
  dict,
  isCallable,
  isDict,
  isInt,
  isMissing,
  isNumber,
  isTrue,
  tuple,
  typeName,
  type Value,
} from '../expression/value.ts'
import { jsonText } from './json-text.ts'
import { LIST_FILTERS } from './list-filters.ts'

export interface FilterContext {
  readonly scope: Scope
  readonly budget: Budget
}

export type Filter = readonly [params: string, run: (value: Value, given: Given, context: FilterContext) => Value]

export function isFilter(name: string): boolean {
  return Object.hasOwn(FILTERS, name)
}

export function applyFilter(name: string, of: Value, args: Arguments, scope: Scope, isStrict: boolean): Value {
  const [params, run] = (Object.hasOwn(FILTERS, name) && FILTERS[name]) || []
  if (params === undefined || !run) throw new Fault(`the filter "${name}" is not in the language`)
  if (isMissing(of) && isStrict && name !== 'default' && name !== 'd') throw new NotFound(of.name)
  spend(scope.budget, 1)
  return run(of, bindArguments(name, params, args), { scope, budget: scope.budget })
}

/** A filter on text, whatever the value is. */
const onText = (params: string, run: (text: string, given: Given, budget: Budget) => Value): Filter => [
  params,
  (value, given, { budget }) => {
    const text = textOf(value, budget)
    spendText(budget, text.length)
    return run(text, given, budget)
  },
]

/** Python's method of the same effect. */
const method = (name: string, params: string): Filter =>
  onText(params, (text, given, budget) => {
    const found = memberOf(text, name, budget)
    const wanted = params === '' ? [] : params.split(' ').map((param) => given.find(param.replace('?', '')))
    const args = wanted.filter((value) => value !== undefined)
    return found !== undefined && isCallable(found) ? found.call({ list: args, named: new Map() }) : null
  })

const orDefault: Filter = [
  'default_value? boolean?',
  (value, given) => {
    const isNothing = isMissing(value) || (isTrue(given.get('boolean')) && !isTrue(value))
    return isNothing ? (given.find('default_value') ?? '') : value
  },
]

const escaped: Filter = onText('', (text) =>
  text.replace(
    /[&<>"']/g,
    (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' })[char] ?? '',
  ),
)

const FILTERS: Readonly<Record<string, Filter>> = {
  ...LIST_FILTERS,
  default: orDefault,
  d: orDefault,
  string: onText('', (text) => text),
  safe: onText('', (text) => text),
  upper: method('upper', ''),
  lower: method('lower', ''),
  trim: method('strip', 'chars?'),
  capitalize: onText('', capitalize),
  title: onText('', (text) => text.replace(/[^-\s({[<]+/g, capitalize)),
  replace: method('replace', 'old new count?'),
  center: onText('width?', (text, given, budget) => centered(text, given.int('width', 80), budget)),
  indent: onText('width? first? blank?', indent),
  truncate: onText('length? killwords? end? leeway?', truncate),
  wordcount: onText('', (text) => BigInt(text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)),
  format: [
    '...values ...named',
    (value, { rest, others }, { budget }) =>
      formatPercent(textOf(value, budget), others.size > 0 ? dict(others) : tuple([...rest]), budget),
  ],
  e: escaped,
  escape: escaped,
  urlencode: ['', (value, _, context) => urlEncode(value, context)],
  tojson: ['indent?', (value, given, { budget }) => htmlSafe(jsonText(value, given.find('indent'), budget))],
  b64encode: onText('', (text) => Buffer.from(text).toString('base64')),
  b64decode: onText('', (text) => Buffer.from(text, 'base64').toString()),
  int: ['default? base?', whole],
  float: ['default?', (value, given) => orElse(() => toFloat(value), given.find('default') ?? 0)],
  abs: ['', (value) => (isNumber(value) && Number(value) < 0 ? negated(value) : isInt(value) ? BigInt(value) : value)],
  round: ['precision? method?', round],
}

function centered(text: string, width: number, budget: Budget): Value {
  const found = memberOf(text, 'center', budget)
  return found !== undefined && isCallable(found) ? found.call({ list: [BigInt(width)], named: new Map() }) : text
}

function indent(text: string, given: Given, budget: Budget): string {
  const width = given.find('width') ?? 4n
  const by = typeof width === 'string' ? width : ' '.repeat(Math.min(Math.max(Number(width), 0), 1000))
  const lines = text.split('\n')
  spendText(budget, text.length + lines.length * by.length)
  const others = lines.slice(1).map((line) => (line === '' && !isTrue(given.get('blank')) ? line : by + line))
  return [(isTrue(given.get('first')) ? by : '') + (lines[0] ?? ''), ...others].join('\n')
}

function truncate(text: string, given: Given): string {
  const length = given.int('length', 255)
  const end = given.text('end', '...')
  if (text.length <= length + given.int('leeway', 5)) return text
  const cut = text.slice(0, Math.max(length - end.length, 0))
  if (isTrue(given.get('killwords'))) return cut + end
  return (cut.includes(' ') ? cut.slice(0, cut.lastIndexOf(' ')) : cut) + end
}

function urlEncode(value: Value, { budget }: FilterContext): string {
  if (!isDict(value)) return quoted(textOf(value, budget))
  const pairs = [...value.entries.values()]
  return pairs.map(([key, one]) => `${quoted(textOf(key, budget))}=${quoted(textOf(one, budget))}`).join('&')
}

function quoted(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** JSON that may stand in HTML too, as Jinja writes it. */
function htmlSafe(text: string): string {
  return text.replace(/[<>&']/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
}

/** What is no number is 0, or what the template says. */
function whole(value: Value, given: Given): Value {
  const base = given.find('base') ?? 10n
  const otherwise = given.find('default') ?? 0n
  return orElse(
    () => toInt(value, base),
    () => orElse(() => toInt(toFloat(value)), otherwise),
  )
}

function orElse(compute: () => Value, otherwise: Value | (() => Value)): Value {
  try {
    return compute()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return typeof otherwise === 'function' ? otherwise() : otherwise
  }
}

function negated(value: boolean | bigint | number): Value {
  return typeof value === 'number' ? -value : -BigInt(value)
}

function round(value: Value, given: Given): Value {
  const precision = given.int('precision', 0)
  const how = given.text('method', 'common')
  if (!isNumber(value)) throw new Fault(`type ${typeName(value)} has no round()`)
  const number = Number(value)
  if (how === 'common') return isInt(value) ? BigInt(value) : roundTo(number, precision)
  if (how !== 'ceil' && how !== 'floor') throw new Fault('the method of round is common, ceil or floor')
  const scale = 10 ** Math.min(precision, 15)
  return Math[how](number * scale) / scale
}
