/** Values as Cobbler's command line prints them: scripts that read its reports know Python's way of writing. */
import { isJsonObject, type Json } from '../lib/json.ts'

/** As Python's str(): a text is itself, what is inside of a list or a dict is quoted. */
export function python(value: Json): string {
  return typeof value === 'string' ? value : repr(value)
}

/** As Python's repr(). */
export function repr(value: Json): string {
  if (typeof value === 'string') return quoted(value)
  if (value === null) return '~' // what Cobbler sends for None
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `[${value.map((one: Json) => repr(one)).join(', ')}]`
  if (isJsonObject(value)) {
    return `{${Object.entries(value)
      .map(([key, one]) => `${quoted(key)}: ${one === null ? "'~'" : repr(one)}`)
      .join(', ')}}`
  }
  return String(value)
}

/** Single quotes, or double ones around a text that has a single one in it. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
  return quote + escaped + quote
}
