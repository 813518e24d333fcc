/** `"{} and {name:>8}".format(…)`: Python's newer formatting of text. Fields take whole values only, never parts of them. */
import type { Given } from './arguments.ts'
import { type Budget, spendText } from './budget.ts'
import { Fault } from './fault.ts'
import { floating } from './percent-format.ts'
import { repr, textOf } from './text.ts'
import { characters, isInt, isNumber, typeName, type Value } from './value.ts'

const FIELD = /\{\{|\}\}|\{([A-Za-z_0-9]*)(!r|!s)?(?::([^{}]*))?\}|[{}]/g

export function formatBraces(format: string, given: Given, budget: Budget): string {
  let next = 0
  let length = 0
  return format.replace(FIELD, (field, name?: string, conversion?: string, spec = '') => {
    if (field === '{{' || field === '}}') return field.charAt(0)
    if (name === undefined) throw new Fault('a field of format() is {}, {0} or {name}, with a plain format behind it')
    const value = /^\d*$/.test(name) ? given.rest[name === '' ? next++ : Number(name)] : given.others.get(name)
    if (value === undefined) throw new Fault(`format() was given nothing for {${name}}`)
    const shown = conversion === '!r' ? repr(value, budget) : conversion === '!s' ? textOf(value, budget) : value
    const made = formatValue(shown, spec, budget)
    length += made.length
    spendText(budget, length)
    return made
  })
}

const SPEC = /^(?:(.)?([<>^=]))?([+\- ])?(#)?(0)?(\d+)?(,)?(?:\.(\d+))?([a-zA-Z%])?$/su

function formatValue(value: Value, spec: string, budget: Budget): string {
  if (spec === '') return textOf(value, budget)
  const parts = SPEC.exec(spec)
  if (!parts) throw new Fault(`"${spec}" is no format in the language`)
  const [, fill, align, sign = '', alternate, zero, width = '0', commas, precision, kind = ''] = parts
  spendText(budget, Number(width))
  const isText = typeof value === 'string' || kind === 's' || !isNumber(value)
  if (isText && kind !== '' && kind !== 's') throw new Fault(`Unknown format code '${kind}' for ${typeName(value)}`)
  const digits = precision === undefined ? undefined : Number(precision)
  const body = isText
    ? textOf(value, budget).slice(0, digits)
    : number(value, kind, sign, alternate !== undefined, digits, budget)
  const shown = commas === undefined ? body : body.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
  const gap = Number(width) - characters(shown).length
  if (gap <= 0) return shown
  const by = (fill ?? (zero ? '0' : ' ')).repeat(gap)
  switch (align ?? (zero && !isText ? '=' : isText ? '<' : '>')) {
    case '<':
      return shown + by
    case '>':
      return by + shown
    case '^':
      return by.slice(0, gap >> 1) + shown + by.slice(gap >> 1)
    default: {
      const front = /^[+\- ]?(0[xob])?/.exec(shown)?.[0] ?? ''
      return front + by + shown.slice(front.length)
    }
  }
}

function number(
  value: boolean | bigint | number,
  kind: string,
  sign: string,
  alternate: boolean,
  digits: number | undefined,
  budget: Budget,
): string {
  if (kind === '%') return `${floating(Number(value) * 100, 'f', sign, digits ?? 6)}%`
  if ('eEfFgG'.includes(kind) && kind !== '') return floating(Number(value), kind, sign, digits ?? 6)
  if (!isInt(value)) return digits === undefined ? textOf(value, budget) : floating(value, 'g', sign, digits)
  const radix = { b: 2, o: 8, x: 16, X: 16 }[kind] ?? 10
  const whole = BigInt(value)
  const front = whole < 0n ? '-' : sign === '+' || sign === ' ' ? sign : ''
  const text = (whole < 0n ? -whole : whole).toString(radix)
  const prefix = alternate && radix !== 10 ? `0${kind.toLowerCase()}` : ''
  return front + prefix + (kind === 'X' ? text.toUpperCase() : text)
}
