/** Python's functions that templates may call, by name; and those that they may not, for a clear message. */
import { type Given, taking } from './arguments.ts'
import { type Budget, boundedInt, spend } from './budget.ts'
import { pairsIn } from './collection-methods.ts'
import { order } from './compare.ts'
import { Fault } from './fault.ts'
import { binary, unary } from './operators.ts'
import { fixed } from './percent-format.ts'
import { sorted } from './sorting.ts'
import { floatText, repr, textOf } from './text.ts'
import {
  type Callable,
  dict,
  isCallable,
  isDict,
  isInt,
  isList,
  isNumber,
  isTrue,
  iterator,
  lengthOf,
  list,
  put,
  tuple,
  typeName,
  type Value,
  view,
  walked,
} from './value.ts'

type Builtin = readonly [params: string, run: (given: Given, budget: Budget) => Value]

const BUILTINS: Readonly<Record<string, Builtin>> = {
  len: ['of', (given, budget) => BigInt(lengthOf(given.get('of'), budget))],
  str: ['of?', (given, budget) => textOf(given.find('of') ?? (given.find('of') === undefined ? '' : null), budget)],
  unicode: ['of?', (given, budget) => textOf(given.find('of') ?? '', budget)],
  repr: ['of', (given, budget) => repr(given.get('of'), budget)],
  int: ['of? base?', (given) => toInt(given.find('of') ?? 0n, given.find('base'))],
  float: ['of?', (given) => toFloat(given.find('of') ?? 0n)],
  bool: ['of?', (given) => isTrue(given.get('of'))],
  list: ['of?', (given, budget) => list(walked(given.find('of') ?? list([]), budget))],
  tuple: ['of?', (given, budget) => tuple(walked(given.find('of') ?? list([]), budget))],
  dict: ['of? ...named', toDict],
  range: ['start stop? step?', range],
  xrange: ['start stop? step?', range],
  enumerate: [
    'of start?',
    (given, budget) => {
      const start = given.int('start', 0)
      return iterator(walked(given.get('of'), budget).map((one, index) => tuple([BigInt(start + index), one])))
    },
  ],
  zip: ['...of', zip],
  sorted: ['of key? reverse?', (given, budget) => list(sorted(walked(given.get('of'), budget), given, budget))],
  reversed: ['of', (given, budget) => iterator(walked(given.get('of'), budget).reverse())],
  min: ['...of', (given, budget) => extreme('min', given, budget)],
  max: ['...of', (given, budget) => extreme('max', given, budget)],
  sum: [
    'of start?',
    (given, budget) =>
      walked(given.get('of'), budget).reduce((a, b) => binary('+', a, b, budget), given.find('start') ?? 0n),
  ],
  any: ['of', (given, budget) => walked(given.get('of'), budget).some(isTrue)],
  all: ['of', (given, budget) => walked(given.get('of'), budget).every(isTrue)],
  abs: ['of', (given) => absolute(given.get('of'))],
  round: ['of digits?', round],
  ord: ['of', (given) => BigInt(given.text('of').codePointAt(0) ?? 0)],
  chr: ['of', (given) => String.fromCodePoint(Math.min(Math.max(given.int('of'), 0), 0x10ffff))],
  hex: ['of', (given) => inRadix(given.get('of'), 16, '0x')],
  oct: ['of', (given) => inRadix(given.get('of'), 8, '0o')],
  bin: ['of', (given) => inRadix(given.get('of'), 2, '0b')],
  isinstance: ['of type', (given) => isInstance(given.get('of'), given.get('type'))],
}

/** What would reach the host in Python. They are not there; this is for the message only. */
const REFUSED = new Set(
  'open eval exec compile __import__ globals locals vars dir getattr setattr hasattr delattr type object print input'.split(
    ' ',
  ),
)

export function builtin(name: string, budget: Budget): Callable | undefined {
  const found = Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined
  return found && taking(name, found[0], (given) => found[1](given, budget))
}

export function isRefused(name: string): boolean {
  return REFUSED.has(name)
}

export function toInt(value: Value, base?: Value): bigint {
  if (typeof value === 'string') {
    const radix = base === undefined ? 10 : Number(base)
    const text = value.trim().replace(/(?<=[0-9a-zA-Z])_(?=[0-9a-zA-Z])/g, '')
    const [, sign = '', digits = ''] = /^([+-]?)(?:0[xX](?=.)|0[oO](?=.)|0[bB](?=.))?([0-9a-zA-Z]+)$/.exec(text) ?? []
    const prefixed =
      /^[+-]?0[xXoObB]/.test(text) && { x: 16, o: 8, b: 2 }[text.replace(/^[+-]/, '').charAt(1).toLowerCase()]
    if (digits !== '' && (!prefixed || prefixed === radix)) {
      const made = [...digits.toLowerCase()].reduce<bigint | undefined>((sum, char) => {
        const digit = Number.parseInt(char, 36)
        return sum === undefined || !(digit < radix) ? undefined : boundedInt(sum * BigInt(radix) + BigInt(digit))
      }, 0n)
      if (made !== undefined) return sign === '-' ? -made : made
    }
    throw new Fault(`the text is no whole number to the base ${radix}`)
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Fault(`cannot convert float ${floatText(value)} to integer`)
    return BigInt(Math.trunc(value))
  }
  if (isInt(value)) return BigInt(value)
  throw new Fault(`int() argument must be a text or a number, not '${typeName(value)}'`)
}

export function toFloat(value: Value): number {
  if (typeof value === 'string') {
    const text = value.trim().toLowerCase()
    if (/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/.test(text)) return Number(text)
    const special = { inf: Infinity, infinity: Infinity, nan: Number.NaN }[text.replace(/^[+-]/, '')]
    if (special !== undefined) return text.startsWith('-') ? -special : special
    throw new Fault('the text is no number')
  }
  if (isNumber(value)) return Number(value)
  throw new Fault(`float() argument must be a text or a number, not '${typeName(value)}'`)
}

function toDict(given: Given, budget: Budget): Value {
  const made = dict()
  for (const [key, value] of pairsIn(given.find('of') ?? dict())) {
    spend(budget, 1)
    put(made, key, value)
  }
  for (const [key, value] of given.others) put(made, key, value)
  return made
}

function range(given: Given, budget: Budget): Value {
  const hasStop = given.find('stop') !== undefined
  const [start, stop] = hasStop ? [given.int('start'), given.int('stop')] : [0, given.int('start')]
  const step = given.int('step', 1)
  if (step === 0) throw new Fault('range() arg 3 must not be zero')
  const count = Math.max(0, Math.ceil((stop - start) / step))
  spend(budget, count)
  const items = Array.from({ length: count }, (_, index) => BigInt(start + index * step))
  return view(items, step === 1 ? `range(${start}, ${stop})` : `range(${start}, ${stop}, ${step})`)
}

function zip({ rest }: Given, budget: Budget): Value {
  const all = rest.map((one) => walked(one, budget))
  const length = all.length === 0 ? 0 : Math.min(...all.map((one) => one.length))
  return iterator(Array.from({ length }, (_, index) => tuple(all.map((one) => one[index] ?? null))))
}

function extreme(name: 'min' | 'max', { rest }: Given, budget: Budget): Value {
  const items = rest.length === 1 && rest[0] !== undefined ? walked(rest[0], budget) : [...rest]
  const [first, ...others] = items
  if (first === undefined) throw new Fault(`${name}() arg is an empty sequence`)
  const sign = name === 'min' ? 1 : -1
  return others.reduce(
    (best, one) => (sign * order(one, best, name === 'min' ? '<' : '>', budget) < 0 ? one : best),
    first,
  )
}

function absolute(value: Value): Value {
  if (typeof value === 'number') return Math.abs(value)
  if (isInt(value)) return BigInt(value) < 0n ? unary('-', value) : BigInt(value)
  throw new Fault(`bad operand type for abs(): '${typeName(value)}'`)
}

/** Python rounds what lies in the middle to the even neighbor. */
function round(given: Given): Value {
  const value = given.get('of')
  if (isInt(value)) return BigInt(value)
  if (typeof value !== 'number') throw new Fault(`type ${typeName(value)} has no round()`)
  const digits = given.find('digits')
  if (digits !== undefined && digits !== null) return roundTo(value, given.int('digits'))
  const floor = Math.floor(value)
  const nearest = value - floor === 0.5 ? (floor % 2 === 0 ? floor : floor + 1) : Math.round(value)
  return BigInt(nearest)
}

export function roundTo(value: number, digits: number): number {
  if (digits < 0) return Number(fixed(Math.abs(value) / 10 ** -digits, 0)) * 10 ** -digits * Math.sign(value)
  return Number(fixed(Math.abs(value), Math.min(digits, 60))) * Math.sign(value)
}

function inRadix(value: Value, radix: number, prefix: string): string {
  if (!isInt(value)) throw new Fault(`'${typeName(value)}' object cannot be interpreted as an integer`)
  const whole = BigInt(value)
  return `${whole < 0n ? '-' : ''}${prefix}${(whole < 0n ? -whole : whole).toString(radix)}`
}

function isInstance(value: Value, type: Value): boolean {
  if (isList(type)) return type.items.some((one) => isInstance(value, one))
  if (!isCallable(type)) throw new Fault('isinstance() needs a type: str, int, float, bool, list, tuple or dict')
  const name = type.name === 'unicode' ? 'str' : type.name
  return (isDict(value) ? 'dict' : typeName(value)) === name || (name === 'int' && typeof value === 'boolean')
}
