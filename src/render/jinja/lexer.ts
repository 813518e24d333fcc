/** A Jinja template in pieces: text, `{{ … }}`, `{% … %}`; comments and raw blocks are gone already. */
import { SyntaxFault } from '../expression/fault.ts'

export interface Piece {
  readonly kind: 'text' | 'print' | 'tag'
  /** What stands between the signs. */
  readonly text: string
  /** Offset in the source of `text`. */
  readonly at: number
}

const BEGIN = /\{[{%#]/g
const RAW = /\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})/y
const END_RAW = /\{%([-+]?)\s*endraw\s*(?:-%\}\s*|\+?%\})/g
const END_COMMENT = /-#\}\s*|\+?#\}/g
const END_PRINT = /-\}\}\s*|\}\}/y
const END_TAG = /-%\}\s*|\+?%\}/y
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** @throws SyntaxFault */
export function splitTemplate(source: string): Piece[] {
  const pieces: Piece[] = []
  let at = 0

  while (at < source.length) {
    BEGIN.lastIndex = at
    const begin = BEGIN.exec(source)?.index ?? source.length
    const text = source.slice(at, begin)
    const strips = source.charAt(begin + 2) === '-'
    if (text !== '') pieces.push({ kind: 'text', text: strips ? text.trimEnd() : text, at })
    if (begin >= source.length) break
    at = next(begin)
  }
  return pieces.filter(({ kind, text }) => kind !== 'text' || text !== '')

  /** Behind what begins here. */
  function next(begin: number): number {
    RAW.lastIndex = begin
    if (RAW.test(source)) return raw(begin, RAW.lastIndex)
    const sign = source.charAt(begin + 1)
    const signed = '-+'.includes(source.charAt(begin + 2) || ' ')
    const start = begin + (signed ? 3 : 2)
    if (sign === '#') {
      END_COMMENT.lastIndex = start
      if (!END_COMMENT.test(source)) throw new SyntaxFault('this comment has no #}', begin)
      return END_COMMENT.lastIndex
    }
    const kind = sign === '{' ? 'print' : 'tag'
    const { end, after } = endOf(source, start, kind === 'print' ? END_PRINT : END_TAG, begin)
    pieces.push({ kind, text: source.slice(start, end), at: start })
    return after
  }

  function raw(begin: number, start: number): number {
    END_RAW.lastIndex = start
    const end = END_RAW.exec(source)
    if (!end) throw new SyntaxFault('{% raw %} has no {% endraw %}', begin)
    const text = source.slice(start, end.index)
    pieces.push({ kind: 'text', text: end[1] === '-' ? text.trimEnd() : text, at: start })
    return END_RAW.lastIndex
  }
}

/** The end of a tag is not looked for inside of its texts and brackets: `{{ {'a': {}} }}`. */
function endOf(source: string, start: number, sign: RegExp, begin: number): { end: number; after: number } {
  const open: string[] = []
  for (let at = start; at < source.length; at++) {
    const char = source.charAt(at)
    sign.lastIndex = at
    if (open.length === 0 && sign.test(source)) return { end: at, after: sign.lastIndex }
    if (char === '"' || char === "'") at = endOfText(source, at)
    else if (CLOSING[char]) open.push(CLOSING[char])
    else if (')]}'.includes(char) && open.pop() !== char) throw new SyntaxFault(`this ${char} closes nothing`, at)
  }
  throw new SyntaxFault(`this ${source.slice(begin, begin + 2)} has no end`, begin)
}

function endOfText(source: string, start: number): number {
  const quote = source.charAt(start)
  for (let at = start + 1; at < source.length; at++) {
    if (source.charAt(at) === quote) return at
    if (source.charAt(at) === '\\') at++
  }
  throw new SyntaxFault(`a text that begins with ${quote} does not end`, start)
}
