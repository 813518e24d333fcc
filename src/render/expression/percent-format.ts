/** `"%s and %03d" % (a, b)`: Python's older formatting of text. */
import { type Budget, spendText } from './budget.ts'
import { Fault } from './fault.ts'
import { floatText, repr, textOf } from './text.ts'
import { isDict, isInt, isList, isNumber, pick, typeName, type Value } from './value.ts'

const CONVERSION = /%(?:\(([^)]{0,200})\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?(.)?/gsu

export function formatPercent(format: string, given: Value, budget: Budget): string {
  const values = isList(given) && given.kind === 'tuple' ? given.items : [given]
  let used = 0
  let usedByName = false
  const next = (): Value => {
    const value = values[used++]
    if (value === undefined) throw new Fault('not enough arguments for format string')
    return value
  }

  let length = 0
  const text = format.replace(CONVERSION, (_, key?: string, flags = '', width?: string, digits?: string, kind = '') => {
    if (kind === '') throw new Fault('incomplete format')
    if (kind === '%') return '%'
    let value: Value
    if (key === undefined) {
      if (width === '*' || digits === '*') throw new Fault('a * in a format is not in the language')
      value = next()
    } else {
      if (!isDict(given)) throw new Fault('format requires a mapping')
      usedByName = true
      const found = pick(given, key)
      if (found === undefined) throw new Fault(`there is no key ${repr(key, budget)}`)
      value = found
    }
    const wide = Number(width ?? 0)
    const precision = digits === undefined ? undefined : Number(digits)
    spendText(budget, Math.max(wide, precision ?? 0))
    const made = padded(converted(kind, value, flags, precision, budget), wide, flags, 'sr'.includes(kind))
    length += made.length
    spendText(budget, length)
    return made
  })
  const allNamed = isDict(given) || usedByName
  if (!allNamed && used < values.length && !(isList(given) && given.kind !== 'tuple' && used === 0)) {
    throw new Fault('not all arguments converted during string formatting')
  }
  spendText(budget, text.length)
  return text
}

function converted(kind: string, value: Value, flags: string, precision: number | undefined, budget: Budget): string {
  if (kind === 's') return textOf(value, budget).slice(0, precision)
  if (kind === 'r') return repr(value, budget).slice(0, precision)
  if (kind === 'c') return characterOf(value)
  if (!isNumber(value)) throw new Fault(`%${kind} format: a number is required, not ${typeName(value)}`)
  if ('diu'.includes(kind)) return signed(integerOf(value), flags, 10, precision)
  if ('xXo'.includes(kind)) {
    if (!isInt(value)) throw new Fault(`%${kind} format: an integer is required, not float`)
    const digits = signed(BigInt(value), flags, kind === 'o' ? 8 : 16, precision, kind)
    return kind === 'X' ? digits.toUpperCase() : digits
  }
  if ('fFeEgG'.includes(kind)) return floating(Number(value), kind, flags, precision ?? 6)
  throw new Fault(`unsupported format character '${kind}'`)
}

function integerOf(value: boolean | bigint | number): bigint {
  return BigInt(typeof value === 'number' ? Math.trunc(value) : value)
}

function signed(value: bigint, flags: string, radix: number, precision = 0, kind = ''): string {
  const digits = (value < 0n ? -value : value).toString(radix).padStart(precision, '0')
  const prefix = flags.includes('#') && kind !== '' ? `0${kind.toLowerCase()}` : ''
  return `${sign(value < 0n, flags)}${prefix}${digits}`
}

function sign(isNegative: boolean, flags: string): string {
  if (isNegative) return '-'
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
}

export function floating(value: number, kind: string, flags: string, precision: number): string {
  if (precision > 100) throw new Fault('a precision above 100 is not in the language')
  const front = sign(value < 0 || Object.is(value, -0), flags)
  if (!Number.isFinite(value)) return front + floatText(Math.abs(value))
  const size = Math.abs(value)
  const text = kind.toLowerCase() === 'f' ? fixed(size, precision) : scientific(size, kind.toLowerCase(), precision)
  return front + (kind === kind.toUpperCase() ? text.toUpperCase() : text)
}

export function fixed(size: number, precision: number): string {
  // toFixed goes over to exponents at 1e21, where floats are whole anyway.
  if (size >= 1e21) return BigInt(size).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '')
  return evenInTheMiddle(size.toFixed(precision), size.toFixed(Math.min(precision + 30, 100)), precision)
}

function exponential(size: number, precision: number): string {
  const [digits = '', exponent = ''] = size.toExponential(precision).split('e')
  const [exact = '', same = ''] = size.toExponential(Math.min(precision + 30, 100)).split('e')
  return `${exponent === same ? evenInTheMiddle(digits, exact, precision) : digits}e${exponent}`
}

/** What lies exactly in the middle goes to the even digit in Python, up in JavaScript. */
function evenInTheMiddle(rounded: string, exact: string, precision: number): string {
  const kept = /^(.*?)\.?50*$/.exec(exact)?.[1]
  const isMiddle = kept !== undefined && (kept.split('.')[1] ?? '').length === precision
  return isMiddle && /[02468]$/.test(kept) ? kept : rounded
}

function scientific(size: number, kind: string, precision: number): string {
  if (kind === 'e') return twoDigits(exponential(size, precision))
  const digits = Math.max(precision, 1)
  const exponent = size === 0 ? 0 : Number(exponential(size, digits - 1).split('e')[1])
  const isLong = exponent < -4 || exponent >= digits
  const text = isLong ? exponential(size, digits - 1) : fixed(size, digits - 1 - exponent)
  return twoDigits(text.replace(/\.?0+(?=e|$)/, (zeros) => (text.includes('.') ? '' : zeros)))
}

function twoDigits(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

function characterOf(value: Value): string {
  if (typeof value === 'string' && [...value].length === 1) return value
  if (isInt(value) && BigInt(value) >= 0n && BigInt(value) < 0x110000n) return String.fromCodePoint(Number(value))
  throw new Fault('%c requires int or char')
}

function padded(text: string, width: number, flags: string, isText: boolean): string {
  if (flags.includes('-')) return text.padEnd(width)
  if (!flags.includes('0') || isText) return text.padStart(width)
  const [front = ''] = /^[+\- ]?(0[xo])?/.exec(text) ?? []
  return front + text.slice(front.length).padStart(width - front.length, '0')
}
