/** XML-RPC answers and calls, values to text. Pure. They are read by codec.ts. */
import { Double, Encoded, isArray, isBytes, Rows, type Value } from './value.ts'

const HEAD = "<?xml version='1.0'?>\n<methodResponse>"
const TAIL = '</param></params></methodResponse>\n'
const PIECE = 65_536

/** The answer of a call that went well. */
export function encodeResponse(value: Value | Rows): string {
  return [...encodeResponsePieces(value)].join('')
}

/**
 * The same in pieces, of some 64 kB where they are written anew, so that the one who sends a large answer can let others run
 * in between: five thousand systems are 37 MB. Gone through again, it is written again.
 */
export function encodeResponsePieces(value: Value | Rows): Iterable<Buffer> {
  return { [Symbol.iterator]: () => pieces(value) }
}

function* pieces(value: Value | Rows): Generator<Buffer> {
  if (!(value instanceof Rows) && !isArray(value)) {
    yield Buffer.from(`${HEAD}<params><param>${encodeValue(value)}${TAIL}`)
    return
  }
  let text = `${HEAD}<params><param><value><array><data>`
  for (const element of value instanceof Rows ? value.each() : value) {
    if (element instanceof Encoded) {
      if (text !== '') yield Buffer.from(text)
      text = ''
      // As it is: it may be what is kept of an object, and is copied nowhere.
      yield element.bytes
      continue
    }
    text += encodeValue(element)
    if (text.length < PIECE) continue
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(`${text}</data></array></value>${TAIL}`)
}

export function encodeCall(method: string, args: readonly Value[]): string {
  const params = args.map((arg) => `<param>${encodeValue(arg)}</param>`).join('')
  return `<?xml version='1.0'?>\n<methodCall><methodName>${escapeText(method)}</methodName><params>${params}</params></methodCall>\n`
}

/** Cobbler's faults all have the code 1. */
export function encodeFault(text: string): string {
  return `${HEAD}<fault>${encodeValue({ faultCode: 1, faultString: text })}</fault></methodResponse>\n`
}

/**
 * Null is the word `~`, as Cobbler's clients know it; `<nil/>` is never sent. Whole numbers beyond 32 bits go as doubles:
 * every client reads those, and `i8` is an addition that the old ones do not know.
 */
export function encodeValue(value: Value): string {
  if (value === null) return '<value><string>~</string></value>'
  switch (typeof value) {
    case 'string':
      return `<value><string>${escapeText(value)}</string></value>`
    case 'boolean':
      return value ? '<value><boolean>1</boolean></value>' : '<value><boolean>0</boolean></value>'
    case 'number':
      return (value | 0) === value ? `<value><int>${value}</int></value>` : encodeDouble(value)
  }
  if (isArray(value)) {
    let text = '<value><array><data>'
    for (const element of value) text += encodeValue(element)
    return `${text}</data></array></value>`
  }
  if (value instanceof Double) return encodeDouble(value.value)
  if (value instanceof Encoded) return value.bytes.toString()
  if (isBytes(value)) return `<value><base64>${Buffer.from(value).toString('base64')}</base64></value>`
  let text = '<value><struct>'
  for (const key in value) {
    text += encodeMember(key, encodeValue(value[key] ?? null))
  }
  return `${text}</struct></value>`
}

/** @param xml the value, written already */
export function encodeMember(name: string, xml: string): string {
  return `<member><name>${escapeText(name)}</name>${xml}</member>`
}

function encodeDouble(value: number): string {
  if (!Number.isFinite(value)) return '<value><double>0.0</double></value>'
  const text = String(value)
  return `<value><double>${/^-?\d+$/.test(text) ? `${text}.0` : text}</double></value>`
}

/** Characters that XML 1.0 cannot carry at all, not even as references (section 2.2). */
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g
const SPECIAL = /[&<>\r\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/

/** One bad character in one field must never break the reading of all the others: it becomes U+FFFD. */
function escapeText(text: string): string {
  if (!SPECIAL.test(text)) return text
  return text
    .toWellFormed()
    .replace(FORBIDDEN, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;')
}
