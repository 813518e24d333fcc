/** `#def name($a, $b='x') … #end def`: text with parameters; and `#block`, which also stands where it is written. */
import { SyntaxFault } from '../expression/fault.ts'
import type { ExpressionParser } from '../expression/parser.ts'
import type { Expr } from '../expression/tree.ts'
import type { Eat } from './directives.ts'
import { add, blanks, commit, isShortForm, openBlock, parseAll, type Reader, takeExpression } from './reader.ts'
import { endOfLine, isBlank, scanExpression } from './scan.ts'
import type { Def, Part } from './tree.ts'

export const eatDef: Eat = (reader, { line, lineEnd, at: tagAt }, { name: kind, read, close }) => {
  const { source } = reader
  blanks(reader)
  const name = /^\$?([A-Za-z_][A-Za-z_0-9]*)/.exec(source.slice(reader.at, reader.at + 200))
  if (!name?.[1]) throw new SyntaxFault(`#${kind} needs a name`, tagAt)
  reader.at += name[0].length
  blanks(reader)
  const params = source.charAt(reader.at) === '(' ? takeParams(reader) : []
  const inside: Part[] = []
  const def: Def = { name: name[1], line, params, body: inside }
  reader.defs.push(def)
  if (kind === 'block') add(reader, { part: 'block', name: def.name, line })

  if (isShortForm(reader)) {
    reader.at++
    if (isBlank(source, reader.at)) reader.at++
    const { limit, pending } = reader
    reader.pending = []
    reader.limit = Math.min(lineEnd, limit)
    reader.blocks.push({ end: 'of the line', line, body: inside })
    read(reader)
    commit(reader)
    reader.blocks.pop()
    reader.pending = pending
    reader.limit = limit
    close()
  } else {
    if (source.charAt(reader.at) === ':') reader.at++
    reader.at = scanExpression(source, reader.at, endOfLine(source, reader.at))
    close()
    commit(reader)
    openBlock(reader, kind, line, inside)
  }
}

function takeParams(reader: Reader): Def['params'] {
  const at = reader.at + 1
  reader.at++
  const { text } = takeExpression(reader, { enclosed: { sign: '(', at: at - 1 } })
  return parseAll({ text: text.slice(0, -1), at }, paramList)
}

function paramList(parser: ExpressionParser): Def['params'] {
  const params: { name: string; otherwise: Expr | undefined }[] = []
  while (parser.peek().kind !== 'end') {
    const target = parser.target()
    const names = target.target === 'several' ? target.targets : [target]
    for (const one of names) {
      if (one.target !== 'name') throw parser.fail('parameters are plain names')
      params.push({ name: one.name, otherwise: undefined })
    }
    const last = params.at(-1)
    if (last && parser.skip('=')) params[params.length - 1] = { name: last.name, otherwise: parser.expression() }
    if (parser.peek().kind !== 'end') parser.expect(',')
  }
  return params.filter(({ name }, index) => index > 0 || name !== 'self')
}
