/**
 * Where things begin and end in a Cheetah template, by Cheetah 3's own rules: an expression reaches as far as its Python
 * tokens and brackets do, whatever it means. What it means is parsed afterwards.
 */
import { SyntaxFault } from '../expression/fault.ts'

const EOL = /\r\n|\n|\r/g
/** A Python token that begins here, with comments and texts; what is none of these has no place in an expression. */
const TOKEN = new RegExp(
  [
    String.raw`\\\r?\n`,
    String.raw`#[^\r\n]*`,
    String.raw`[A-Za-z]{0,2}(?:'''[\s\S]*?'''|"""[\s\S]*?""")`,
    String.raw`(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][+-]?\d+)?[jJ]?|0[xX][0-9a-fA-F_]+`,
    String.raw`\*\*=?|//=?|>>=?|<<=?|<>|!=|->|:=|[-+*/%&|^~<>=@]=?|[()[\]{},:;.]`,
    String.raw`[A-Za-z]{0,2}(?:'[^\n'\\]*(?:\\[\s\S][^\n'\\]*)*'|"[^\n"\\]*(?:\\[\s\S][^\n"\\]*)*")`,
    String.raw`[\p{L}\p{N}_]+`,
  ].join('|'),
  'uy',
)
const NAME = /[A-Za-z_][A-Za-z_0-9]*/y
const NAME_START = /[A-Za-z_]/
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

export interface Bracket {
  readonly sign: string
  readonly at: number
}

export function endOfLine(source: string, at: number): number {
  EOL.lastIndex = at
  return EOL.exec(source)?.index ?? source.length
}

export function afterLine(source: string, at: number): number {
  EOL.lastIndex = at
  return EOL.exec(source) ? EOL.lastIndex : source.length
}

export function startOfLine(source: string, at: number): number {
  if (at === 0) return 0
  return Math.max(source.lastIndexOf('\n', at - 1), source.lastIndexOf('\r', at - 1)) + 1
}

/** Only blanks stand between the beginning of the line and here. */
export function isLineClear(source: string, at: number): boolean {
  let to = at
  while (to > 0 && /[^\S\r\n]/.test(source.charAt(to - 1))) to--
  return to === 0 || isBreak(source, to - 1)
}

export function isBlank(source: string, at: number): boolean {
  return /[ \t\f]/.test(source.charAt(at))
}

export function isBreak(source: string, at: number): boolean {
  return /[\r\n]/.test(source.charAt(at))
}

export function skipBlanks(source: string, at: number, limit: number): number {
  let to = at
  while (to < limit && isBlank(source, to)) to++
  return to
}

export function isEscaped(source: string, at: number): boolean {
  return source.charAt(at - 1) === '\\'
}

/** The `#` that ends a directive. */
export function isDirectiveEnd(source: string, at: number): boolean {
  return source.charAt(at) === '#' && !isEscaped(source, at)
}

export interface ScanOptions {
  /** Ends with this bracket, which is open already; or, when true, with the brackets that it begins with. */
  readonly enclosed?: Bracket | true
  readonly breakAt?: readonly string[]
}

/** The end of the expression that begins here. @throws SyntaxFault */
export function scanExpression(source: string, start: number, limit: number, options: ScanOptions = {}): number {
  const { enclosed, breakAt } = options
  const open: Bracket[] = typeof enclosed === 'object' ? [enclosed] : []
  let at = start
  while (at < limit) {
    const char = source.charAt(at)
    if (typeof enclosed === 'object' && open.length === 0) return at
    if ('([{'.includes(char)) open.push({ sign: char, at: at++ })
    else if (enclosed && open.length === 0) return at
    else if (')]}'.includes(char)) at = close(open, char, at)
    else if (' \t\f'.includes(char)) at++
    else if (open.length === 0 && isDirectiveEnd(source, at)) return at
    else if (char === '\\') at = continued(source, at)
    else if (char === '\r' || char === '\n') {
      if (open.length === 0) return at
      at++
    } else if (isPlaceholderInExpression(source, at)) at = scanName(source, at + 1, limit)
    else if (char === '$') throw new SyntaxFault('inside an expression a name is written $name, without brackets', at)
    else {
      const end = scanToken(source, at)
      const token = source.slice(at, end)
      if (open.length === 0 && breakAt?.includes(token)) return at
      at = end
    }
  }
  const last = open.at(-1)
  if (last) throw new SyntaxFault(`there is no ${CLOSING[last.sign]} for this ${last.sign}`, last.at)
  return at
}

function close(open: Bracket[], char: string, at: number): number {
  const last = open.pop()
  if (!last) throw new SyntaxFault(`this ${char} closes nothing`, at)
  if (CLOSING[last.sign] !== char) throw new SyntaxFault(`${char} where the ${last.sign} is still open`, at)
  return at + 1
}

function continued(source: string, at: number): number {
  const end = /^(?:\r\n|\r|\n)/.exec(source.slice(at + 1, at + 3))
  if (!end) throw new SyntaxFault('a \\ in an expression must end its line', at)
  return at + 1 + end[0].length
}

function isPlaceholderInExpression(source: string, at: number): boolean {
  return source.charAt(at) === '$' && NAME_START.test(source.charAt(at + 1))
}

function scanToken(source: string, at: number): number {
  TOKEN.lastIndex = at
  const found = TOKEN.exec(source)
  if (found) return TOKEN.lastIndex
  const char = source.charAt(at)
  throw new SyntaxFault(
    char === '"' || char === "'"
      ? `a text that begins with ${char} does not end`
      : `"${char}" has no place in an expression`,
    at,
  )
}

/** Behind the `$`: dotted names, calls and items as far as Cheetah takes them. @throws SyntaxFault */
export function scanName(source: string, start: number, limit: number): number {
  let at = start
  while (at < limit) {
    const dotted = source.charAt(at) === '.'
    if (!NAME_START.test(source.charAt(dotted ? at + 1 : at))) break
    if (dotted && at + 1 >= limit) break
    NAME.lastIndex = dotted ? at + 1 : at
    NAME.exec(source)
    at = NAME.lastIndex
    const next = at < limit ? source.charAt(at) : ''
    if (next === '(') at = scanArguments(source, at, limit)
    // Every bracket that follows belongs to it too, also a round one.
    else if (next === '[') at = scanExpression(source, at, limit, { enclosed: true })
  }
  return at
}

/** From the opening parenthesis to behind the closing one. */
function scanArguments(source: string, start: number, limit: number): number {
  return scanExpression(source, start + 1, limit, { enclosed: { sign: '(', at: start } })
}

const PLACEHOLDER = /\$(!?)(\*[0-9.]+[smhdw]?\*|\*)?(?:([({[])[ \t\f]*)?(?=[A-Za-z_])/y
const EXPRESSION = /\$(\*[0-9.]+[smhdw]?\*|\*)?([({[])[ \t\f]*(?=[^)}\]])/y

export interface PlaceholderStart {
  readonly isQuiet: boolean
  readonly bracket: Bracket | undefined
  /** It begins with a name; otherwise it is an expression in brackets. */
  readonly isNamed: boolean
  /** Behind `$`, `!`, `*`, bracket and blanks. */
  readonly inside: number
}

/** Undefined where a `$` is only a dollar. */
export function placeholderAt(source: string, at: number): PlaceholderStart | undefined {
  if (isEscaped(source, at)) return undefined
  PLACEHOLDER.lastIndex = at
  const named = PLACEHOLDER.exec(source)
  if (named) return started(source, at, named[3], named[1] === '!', PLACEHOLDER.lastIndex)
  EXPRESSION.lastIndex = at
  const found = EXPRESSION.exec(source)
  return found ? started(source, at, found[2], false, EXPRESSION.lastIndex) : undefined
}

function started(
  source: string,
  at: number,
  sign: string | undefined,
  isQuiet: boolean,
  inside: number,
): PlaceholderStart {
  const bracket = sign === undefined ? undefined : { sign, at: source.indexOf(sign, at) }
  return { isQuiet, bracket, isNamed: NAME_START.test(source.charAt(inside)), inside }
}
