/** Values as text, as Python's str() and repr() write them. */
import { type Budget, deeper, spend } from './budget.ts'
import { Fault } from './fault.ts'
import { isCallable, isDict, isList, isMissing, isThing, type List, typeName, type Value } from './value.ts'

export function textOf(value: Value, budget: Budget): string {
  return typeof value === 'string' ? value : repr(value, budget)
}

export function repr(value: Value, budget: Budget): string {
  if (value === null) return 'None'
  if (typeof value === 'string') return quoted(value, budget)
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return floatText(value)
  if (isList(value)) return deeper(budget, () => listText(value, budget))
  if (isDict(value)) {
    return deeper(budget, () => {
      const entries = [...value.entries.values()].map(([key, one]) => `${repr(key, budget)}: ${repr(one, budget)}`)
      return bounded(`{${entries.join(', ')}}`, budget)
    })
  }
  if (isMissing(value)) return ''
  if (isThing(value) || isCallable(value)) throw new Fault(`${value.name} is no text; call it, or take a part of it`)
  return value
}

function listText({ kind, items, prints }: List, budget: Budget): string {
  // Python would print an address of its memory.
  if (kind === 'iterator') throw new Fault('an iterator is no text; make it a list()')
  if (prints?.endsWith(')')) return prints
  const inside = items.map((one) => repr(one, budget)).join(', ')
  if (kind === 'tuple') return bounded(items.length === 1 ? `(${inside},)` : `(${inside})`, budget)
  return bounded(kind === 'view' ? `${prints}([${inside}])` : `[${inside}]`, budget)
}

function bounded(text: string, budget: Budget): string {
  spend(budget, 1 + (text.length >>> 4))
  return text
}

/** Python goes over to exponents at 1e16 and below 1e-4, and always shows that it is a float. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e')
    return `${digits}e${exponent.replace(/^([+-])(\d)$/, '$10$2')}`
  }
  const text = String(value)
  return text.includes('.') ? text : `${text}.0`
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Single quotes, unless there are some inside and no double ones. */
function quoted(text: string, budget: Budget): string {
  spend(budget, 1 + (text.length >>> 4))
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const inside = text.replace(/[\\\n\r\t'"]|[^\x20-\x7e]/gu, (char) => {
    if (char === "'" || char === '"') return char === quote ? `\\${char}` : char
    return ESCAPES[char] ?? (/[\p{C}\p{Z}]/u.test(char) ? escaped(char) : char)
  })
  return `${quote}${inside}${quote}`
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/** For messages: which two things do not go together. */
export function typesOf(left: Value, right: Value): string {
  return `'${typeName(left)}' and '${typeName(right)}'`
}
