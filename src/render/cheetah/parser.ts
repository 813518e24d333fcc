/** A Cheetah template becomes a tree: text, placeholders, comments. Directives are directives.ts. */
import type { Budget } from '../expression/budget.ts'
import { located, SyntaxFault } from '../expression/fault.ts'
import { directiveAt } from './directive-names.ts'
import { eatDirective } from './directives.ts'
import { eatPython } from './python-block.ts'
import { add, commit, dropIndent, openReader, parseAll, type Reader, spendLine, takeExpression } from './reader.ts'
import {
  afterLine,
  endOfLine,
  isEscaped,
  isLineClear,
  type PlaceholderStart,
  placeholderAt,
  scanName,
  skipBlanks,
} from './scan.ts'
import type { Print, Template } from './tree.ts'

/** @throws OrchestraError template.invalid */
export function parseCheetah(file: string, source: string, firstLine: number, budget: Budget): Template {
  const reader = openReader(source, firstLine, budget)
  try {
    return readAll(reader, file)
  } catch (error) {
    const at = error instanceof SyntaxFault ? error.offset : reader.at
    throw located(error, file, reader.lineAt(Math.min(at, source.length)))
  }
}

function readAll(reader: Reader, file: string): Template {
  read(reader)
  const open = reader.blocks.at(-1)
  if (open && reader.blocks.length > 1) {
    throw new SyntaxFault(`#${open.end} of line ${open.line} has no #end ${open.end}`, reader.source.length)
  }
  commit(reader)
  const { defs, attributes, imports } = reader
  return { file, parts: reader.blocks[0]?.body ?? [], defs, attributes, imports }
}

/** Up to the limit. */
export function read(reader: Reader): void {
  while (reader.at < reader.limit) {
    const { source, at } = reader
    const sign = signAt(source, at)
    switch (sign) {
      case 'comment':
        eatComment(reader)
        break
      case 'block comment':
        eatBlockComment(reader)
        break
      case 'placeholder':
        add(reader, eatPlaceholder(reader))
        break
      case 'directive':
        eatDirective(reader, { read, eatComment })
        break
      case 'python':
        eatPython(reader)
        break
      case 'end of line':
        eatLineEnd(reader)
        break
      default:
        eatText(reader)
    }
  }
}

type Sign = 'comment' | 'block comment' | 'placeholder' | 'directive' | 'python' | 'end of line'

/** What begins here, if it is not just text. */
function signAt(source: string, at: number): Sign | undefined {
  const char = source.charAt(at)
  if (char === '$') return placeholderAt(source, at) ? 'placeholder' : undefined
  if (char === '<') return source.startsWith('<%', at) && !isEscaped(source, at) ? 'python' : undefined
  if (char !== '#') return undefined
  if (!isEscaped(source, at)) {
    if (source.startsWith('##', at)) return 'comment'
    if (source.startsWith('#*', at)) return 'block comment'
    if (directiveAt(source, at)) return 'directive'
  }
  // A `#` at the end of a line takes the line break away; here a backslash does not help (Cheetah's EOLSlurpToken).
  return /[\r\n]/.test(source.charAt(skipBlanks(source, at + 1, source.length))) ? 'end of line' : undefined
}

const SIGNS = /[$#<]/g

function eatText(reader: Reader): void {
  const { source, at, limit } = reader
  let to = at
  do {
    SIGNS.lastIndex = to + 1
    to = SIGNS.exec(source)?.index ?? limit
  } while (to < limit && !signAt(source, to))
  reader.at = Math.min(to, limit)
  reader.pending.push(source.slice(at, reader.at).replaceAll('\\$', '$').replaceAll('\\#', '#'))
}

function eatLineEnd(reader: Reader): void {
  if (isLineClear(reader.source, reader.at)) dropIndent(reader)
  commit(reader)
  reader.at = afterLine(reader.source, reader.at)
}

/** `## …`: with its line, when it is all that stands there. */
export function eatComment(reader: Reader): void {
  const { source, at } = reader
  const isClear = isLineClear(source, at)
  if (isClear) dropIndent(reader)
  const end = endOfLine(source, at)
  spendLine(reader, end)
  reader.at = isClear ? afterLine(source, at) : end
  // A bar of ##### leaves no trace at all in Cheetah, any other comment parts the text before it from what follows.
  if (!/^#*$/.test(source.slice(at + 2, end))) commit(reader)
}

/** `#* … *#`, also inside each other. */
function eatBlockComment(reader: Reader): void {
  const { source, at, limit } = reader
  const isClear = isLineClear(source, at)
  const lineEnd = endOfLine(source, at)
  spendLine(reader, lineEnd)
  let level = 0
  let to = at
  do {
    if (source.startsWith('#*', to) && !isEscaped(source, to)) {
      level++
      to += 2
    } else if (source.startsWith('*#', to) && !isEscaped(source, to)) {
      level--
      to += 2
    } else to++
  } while (level > 0 && to < limit)
  reader.at = Math.min(to, limit)
  if (reader.at < limit && source.slice(reader.at, endOfLine(source, reader.at)).trim() === '') {
    reader.at = isClear ? afterLine(source, reader.at) : endOfLine(source, reader.at)
  }
  if (isClear && (reader.at >= limit || reader.at > lineEnd)) dropIndent(reader)
  commit(reader)
}

function eatPlaceholder(reader: Reader): Print {
  const { source, at } = reader
  const start = placeholderAt(source, at)
  if (!start) throw new SyntaxFault('no placeholder begins here', at)
  const line = reader.lineAt(at)
  const expr = insideOf(reader, start)
  return { part: 'print', line, raw: source.slice(at, reader.at), expr, isQuiet: start.isQuiet }
}

function insideOf(reader: Reader, { bracket, isNamed, inside }: PlaceholderStart): Print['expr'] {
  const { source, limit } = reader
  reader.at = inside
  if (!bracket) {
    reader.at = scanName(source, inside, limit)
    return parseAll({ text: `$${source.slice(inside, reader.at)}`, at: inside - 1 }, (parser) => parser.expression())
  }
  takeExpression(reader, { enclosed: bracket })
  const text = source.slice(inside, reader.at - 1)
  const firstName = isNamed ? /^[A-Za-z_0-9]+/.exec(text)?.[0] : undefined
  try {
    return parseAll({ text: isNamed ? `$${text}` : text, at: inside - (isNamed ? 1 : 0) }, (parser) => {
      const made = parser.expression()
      // What follows a comma is for the filter that writes the value; there is only one here, and it takes nothing.
      while (parser.skip(',')) parser.skip('=') || parser.expression()
      return made
    })
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    return { node: 'unreadable', firstName, because: error.message }
  }
}
