/** The words of an expression. Python's and Jinja's differ in a few signs only. */
import { SyntaxFault } from './fault.ts'

export type Dialect = 'cheetah' | 'jinja'

export interface Token {
  readonly kind: 'name' | 'placeholder' | 'int' | 'float' | 'text' | 'sign' | 'end'
  /** A text's own characters; for the others as written (a placeholder without its $). */
  readonly text: string
  /** Offset in what was read. */
  readonly at: number
  /** A blank stands before it: `$a .b` is not `$a.b`. */
  readonly spaced: boolean
}

const BLANK = /(?:[ \t\f\r\n]|\\\r?\n)+/y
const NAME = /[A-Za-z_][A-Za-z_0-9]*/y
const PLACEHOLDER = /\$([A-Za-z_][A-Za-z_0-9]*)/y
const FLOAT: Readonly<Record<Dialect, RegExp>> = {
  cheetah: /(?:\d(?:_?\d)*\.(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d+)?|\d(?:_?\d)*[eE][+-]?\d+/y,
  jinja: /\d(?:_?\d)*\.\d(?:_?\d)*(?:[eE][+-]?\d+)?|\d(?:_?\d)*[eE][+-]?\d+/y,
}
const INT = /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|\d(?:_?\d)*/y
const TEXT = /([A-Za-z]{0,2})("""|'''|"|')/y
const SIGN = /\*\*|\/\/|<<|>>|<>|<=|>=|==|!=|[-+*/%~<>&|^@()[\]{},:.;=?!]/y

/** @throws SyntaxFault */
export function tokenize(source: string, dialect: Dialect): Token[] {
  const tokens: Token[] = []
  let at = 0

  const read = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(source) ?? undefined
    if (found) at = pattern.lastIndex
    return found
  }

  for (;;) {
    const spaced = read(BLANK) !== undefined || at === 0
    const start = at
    if (at >= source.length) {
      tokens.push({ kind: 'end', text: '', at, spaced })
      return tokens
    }
    const add = (kind: Token['kind'], text: string): void => void tokens.push({ kind, text, at: start, spaced })

    const quote = read(TEXT)
    if (quote) {
      add('text', readText(quote[1] ?? '', quote[2] ?? ''))
      continue
    }
    const placeholder = dialect === 'cheetah' ? read(PLACEHOLDER) : undefined
    if (placeholder) {
      add('placeholder', placeholder[1] ?? '')
      continue
    }
    // In Jinja `x.0` is an item, and `x.0.1` an item of an item: a float begins and ends with a digit.
    const isItem = dialect === 'jinja' && tokens.at(-1)?.text === '.'
    const float = isItem ? undefined : read(FLOAT[dialect])
    if (float) {
      add('float', float[0])
      continue
    }
    const int = read(INT)
    if (int) {
      add('int', int[0])
      continue
    }
    const name = read(NAME)
    if (name) {
      add('name', name[0])
      continue
    }
    const sign = read(SIGN)
    if (!sign) throw new SyntaxFault(`${JSON.stringify(source.charAt(at))} has no place in an expression`, at)
    add('sign', sign[0])
  }

  function readText(prefix: string, quote: string): string {
    const start = at
    const isRaw = dialect === 'cheetah' && /^[rR][uU]?$|^[uU][rR]$/.test(prefix)
    if (prefix !== '' && !isRaw && !(dialect === 'cheetah' && /^[uU]$/.test(prefix))) {
      const what = { f: 'an f-string', b: 'bytes', c: 'a string with placeholders' }[prefix.toLowerCase()] ?? 'this'
      throw new SyntaxFault(`${prefix}${quote}…${quote} (${what}) is not in the language`, start)
    }
    // Jinja knows no triple quotes: there '' is an empty text, and its texts may have several lines.
    const ends = dialect === 'jinja' ? quote.charAt(0) : quote
    if (ends.length < quote.length) {
      at = start - 1
      return ''
    }
    for (; at < source.length; at++) {
      if (source.startsWith(ends, at)) {
        const inside = source.slice(start, at)
        at += ends.length
        return isRaw ? inside : unescapeText(inside, start)
      }
      if (source.charAt(at) === '\n' && ends.length === 1 && dialect === 'cheetah') break
      if (source.charAt(at) === '\\') at++
    }
    throw new SyntaxFault(`a text that begins with ${quote} does not end`, start)
  }
}

const ESCAPE = /\\(\r?\n|[\\'"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{|[xuU])/g
const CONTROLS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** Python leaves a backslash alone that means nothing. */
function unescapeText(text: string, at: number): string {
  return text.replace(ESCAPE, (_, code: string) => {
    const control = CONTROLS[code]
    if (control !== undefined) return control
    if (/^[\\'"]$/.test(code)) return code
    if (code.endsWith('\n')) return ''
    const number = /^[0-7]/.test(code) ? Number.parseInt(code, 8) : Number.parseInt(code.slice(1), 16)
    if (Number.isNaN(number) || number > 0x10ffff) throw new SyntaxFault(`\\${code} is no character`, at)
    return String.fromCodePoint(number)
  })
}
