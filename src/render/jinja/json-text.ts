/** JSON as Python's json.dumps writes it: keys in order, a blank behind `:` and `,`, ASCII only. */
import { type Budget, deeper, spend, spendText } from '../expression/budget.ts'
import { orderText } from '../expression/compare.ts'
import { Fault } from '../expression/fault.ts'
import { floatText, textOf } from '../expression/text.ts'
import { isDict, isInt, isList, typeName, type Value } from '../expression/value.ts'

export function jsonText(value: Value, indent: Value | undefined, budget: Budget): string {
  const step = indent === undefined || indent === null ? undefined : stepOf(indent)
  const write = (one: Value, margin: string): string =>
    deeper(budget, () => {
      spend(budget, 1)
      if (one === null) return 'null'
      if (typeof one === 'boolean') return one ? 'true' : 'false'
      if (isInt(one)) return String(one)
      if (typeof one === 'number') return floatText(one)
      if (typeof one === 'string') return quoted(one, budget)
      const inner = margin + (step ?? '')
      if (isList(one) && one.kind !== 'iterator' && one.kind !== 'view') {
        return enclosed(
          '[',
          one.items.map((item) => write(item, inner)),
          ']',
          margin,
          inner,
        )
      }
      if (isDict(one)) {
        const members = [...one.entries.values()]
          .map(([key, item]) => [keyText(key, budget), item] as const)
          .sort(([a], [b]) => orderText(a, b))
          .map(([key, item]) => `${quoted(key, budget)}: ${write(item, inner)}`)
        return enclosed('{', members, '}', margin, inner)
      }
      throw new Fault(`Object of type ${typeName(one)} is not JSON serializable`)
    })

  function enclosed(open: string, items: readonly string[], close: string, margin: string, inner: string): string {
    if (items.length === 0) return open + close
    if (step === undefined) return open + items.join(', ') + close
    return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${margin}${close}`
  }

  return write(value, '')
}

function stepOf(indent: Value): string {
  if (typeof indent === 'string') return indent
  return ' '.repeat(isInt(indent) ? Math.min(Math.max(Number(indent), 0), 100) : 0)
}

function keyText(key: Value, budget: Budget): string {
  if (key === null || typeof key === 'boolean') return String(key)
  return textOf(key, budget)
}

function quoted(text: string, budget: Budget): string {
  spendText(budget, text.length)
  return JSON.stringify(text).replace(/[\x7f-\uffff]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
