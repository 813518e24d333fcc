/** Directives that are done at the end of their line: set, silent, echo, include, import; and #raw. */
import { SyntaxFault } from '../expression/fault.ts'
import type { Expr, Target } from '../expression/tree.ts'
import type { Eat } from './directives.ts'
import { add, blanks, commit, dropIndent, isShortForm, parseAll, skipColon, takeExpression, whole } from './reader.ts'
import { afterLine, endOfLine, isBlank, isBreak, isDirectiveEnd, isLineClear, skipBlanks, startOfLine } from './scan.ts'
import type { Part } from './tree.ts'

/** One expression, and a part made of it. */
const eatExpression = (make: (expr: Expr, line: number) => Part): Eat => {
  return (reader, { line }, { close }) => {
    const expr = whole(reader, (parser) => parser.tuple())
    close()
    add(reader, make(expr, line))
  }
}

export const eatSilent = eatExpression((expr, line) => ({ part: 'silent', line, expr }))
export const eatEcho = eatExpression((expr, line) => ({ part: 'print', line, raw: '', expr, isQuiet: false }))
export const eatReturn = eatExpression((expr, line) => ({ part: 'return', line, expr }))

export const eatDel: Eat = (reader, { line }, { close }) => {
  const target = whole(reader, (parser) => parser.target())
  close()
  add(reader, { part: 'delete', line, target })
}

export const eatWord: Eat = (reader, { line }, { name, close }) => {
  whole(reader, () => {})
  close()
  if (name === 'break' || name === 'continue' || name === 'stop') add(reader, { part: 'leave', line, how: name })
}

/** Python 3 reads UTF-8, whatever is said. */
export const eatEncoding: Eat = (reader) => {
  reader.at = afterLine(reader.source, reader.at)
}

const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '//=', '%=', '**=', '<<=', '>>=', '&=', '|=', '^=']

export const eatSet: Eat = (reader, { line }, { close }) => {
  blanks(reader)
  const style = /^(local|global|module)\b[ \t\f]*/.exec(reader.source.slice(reader.at, reader.at + 40))
  reader.at += style?.[0].length ?? 0
  if (style?.[1] === 'module') throw new SyntaxFault('#set module is not in the language', reader.at)
  const target = parseAll(takeExpression(reader, { breakAt: ASSIGNMENTS }), (parser): Target => parser.target())
  const sign = ASSIGNMENTS.find((one) => reader.source.startsWith(one, reader.at))
  if (sign === undefined) throw new SyntaxFault('#set needs a name, = and a value', reader.at)
  reader.at += sign.length
  const value = whole(reader, (parser) => parser.tuple())
  close()
  add(reader, { part: 'set', line, target, operator: sign.slice(0, -1), value, isGlobal: style?.[1] === 'global' })
}

export const eatAttr: Eat = (reader, { line }, { close }) => {
  const attribute = whole(reader, (parser) => {
    const target = parser.target()
    if (target.target !== 'name') throw parser.fail('#attr takes one plain name')
    parser.expect('=')
    return { name: target.name, line, value: parser.expression() }
  })
  close()
  reader.attributes.push(attribute)
}

/** Text as it is, up to `#end raw`. */
export const eatRaw: Eat = (reader, _, { close }) => {
  const { source, limit } = reader
  blanks(reader)
  if (isShortForm(reader)) {
    reader.at++
    if (isBlank(source, reader.at)) reader.at++
    const end = endOfLine(source, reader.at)
    reader.pending.push(source.slice(reader.at, end))
    reader.at = end
    return
  }
  skipColon(reader)
  close()
  const start = reader.at
  const end = /(?<!\\)#end[ \t\f]+raw/g
  end.lastIndex = start
  const found = end.exec(source)
  if (!found || found.index >= limit) {
    reader.pending.push(source.slice(start, limit))
    reader.at = limit
    return
  }
  const isClear = isLineClear(source, found.index)
  const rawEnd = isClear ? startOfLine(source, found.index) : found.index
  reader.at = skipBlanks(source, end.lastIndex, limit)
  const lineEnd = endOfLine(source, reader.at)
  if (isDirectiveEnd(source, reader.at)) reader.at++
  else if (isClear && isBreak(source, reader.at) && reader.at < limit) reader.at = afterLine(source, reader.at)
  if (isClear && reader.at > lineEnd) dropIndent(reader)
  reader.pending.push(source.slice(start, Math.max(rawEnd, start)))
}

/** Takes the rest of its line away. */
export const eatSlurp: Eat = (reader, { isClear }) => {
  if (isClear) dropIndent(reader)
  commit(reader)
  reader.at = afterLine(reader.source, reader.at)
}

export const eatInclude: Eat = (reader, { line }, { close }) => {
  blanks(reader)
  const isRaw = reader.source.startsWith('raw', reader.at)
  if (isRaw) reader.at += 3
  blanks(reader)
  if (reader.source.startsWith('source', reader.at)) {
    throw new SyntaxFault('#include source=… is not in the language; include a snippet by its name', reader.at)
  }
  const file = whole(reader, (parser) => parser.expression())
  close()
  add(reader, { part: 'include', line, file, isRaw })
}

/** The one module that there is. In Cheetah imports stand at the head of the file, wherever they are written. */
export const eatImport: Eat = (reader, { at }, { close }) => {
  const { text } = takeExpression(reader)
  const modules = text.split(',').map((one) => one.trim())
  const other = modules.find((one) => one !== 're')
  if (other !== undefined) {
    throw new SyntaxFault(`#import ${other}: the only module that templates may import is re`, at)
  }
  close()
  commit(reader)
  reader.imports.push(...modules)
}

export const eatErrorCatcher: Eat = (reader, { at }, { close }) => {
  blanks(reader)
  const name = /^\w*/.exec(reader.source.slice(reader.at, reader.at + 40))?.[0] ?? ''
  reader.at += name.length
  if (name !== 'Echo' && name !== 'ListErrors') {
    throw new SyntaxFault(`#errorCatcher ${name} is not in the language, only Echo and ListErrors`, at)
  }
  close()
  add(reader, { part: 'echo undefined' })
}
