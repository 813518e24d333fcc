/** Directives that hold text up to their #end, or to the end of their line: if, for, while, repeat, capture. */
import { SyntaxFault } from '../expression/fault.ts'
import type { Expr } from '../expression/tree.ts'
import type { Eat } from './directives.ts'
import {
  add,
  blanks,
  commit,
  head,
  isShortForm,
  openBlock,
  type Reader,
  shortBody,
  skipColon,
  takeExpression,
} from './reader.ts'
import type { Part } from './tree.ts'

export const eatIf: Eat = (reader, { line }, { name, read, close }) => {
  const parsed = head(reader, (parser) => {
    const test = parser.expression()
    if (!parser.skip('then')) return { test, yes: undefined, no: undefined }
    const yes = parser.plain()
    parser.expect('else')
    return { test, yes, no: parser.expression() }
  })
  const test: Expr = name === 'if' ? parsed.test : { node: 'not', of: parsed.test }
  if (parsed.yes) {
    // `#if x then 'a' else 'b'` prints one of the two.
    close()
    const expr: Expr = { node: 'choice', test, yes: parsed.yes, no: parsed.no }
    add(reader, { part: 'print', line, raw: '', expr, isQuiet: false })
    return
  }
  const inside: Part[] = []
  const part: Part = { part: 'if', line, branches: [{ test, line, body: inside }], otherwise: undefined }
  eatBody(reader, part, inside, { name, read, close })
}

export const eatLoop: Eat = (reader, { line }, { name, read, close }) => {
  const inside: Part[] = []
  const part = head(reader, (parser): Part => {
    if (name === 'while') return { part: name, line, test: parser.expression(), body: inside }
    if (name === 'repeat') return { part: name, line, times: parser.expression(), body: inside }
    const target = parser.target()
    if (name === 'capture') return { part: name, line, target, body: inside }
    parser.expect('in')
    return { part: 'for', line, target, over: parser.tuple(), body: inside }
  })
  eatBody(reader, part, inside, { name, read, close })
}

function eatBody(reader: Reader, part: Part, inside: Part[], { name, read, close }: Parameters<Eat>[2]): void {
  if (isShortForm(reader)) {
    add(reader, part)
    shortBody(reader, read, inside)
    return
  }
  skipColon(reader)
  close()
  add(reader, part)
  openBlock(reader, name, 'line' in part ? part.line : 0, inside)
}

export const eatElse: Eat = (reader, tag, { name, read, close }) => {
  const test = head(reader, (parser) => {
    return name === 'elif' || parser.skip('if') ? parser.expression() : undefined
  })
  const isShort = isShortForm(reader)
  if (!isShort) {
    skipColon(reader)
    close()
  }
  commit(reader)
  const block = reader.blocks.at(-1)
  const part = (isShort ? block : reader.blocks.at(-2))?.body.at(-1)
  const fits = isShort || block?.end === 'if' || block?.end === 'unless'
  if (!block || !fits || part?.part !== 'if' || part.otherwise) {
    throw new SyntaxFault(`#${name} has no #if before it${isShort ? ' on the line above' : ''}`, tag.at)
  }
  const inside: Part[] = []
  if (test) part.branches.push({ test, line: tag.line, body: inside })
  else part.otherwise = inside
  if (isShort) shortBody(reader, read, inside)
  else block.body = inside
}

const ENDED = ['def', 'block', 'capture', 'while', 'for', 'if', 'repeat', 'unless']

export const eatEnd: Eat = (reader, _, { close }) => {
  blanks(reader)
  const { at, source } = reader
  const name = ENDED.find((one) => source.startsWith(one, at))
  if (name === undefined) throw new SyntaxFault('#end must say what it ends: if, for, unless …', at)
  // Cheetah reads over whatever stands behind it.
  takeExpression(reader)
  close()
  const block = reader.blocks.at(-1)
  if (!block || reader.blocks.length === 1) throw new SyntaxFault(`#end ${name} ends nothing`, at)
  if (block.end !== name) {
    throw new SyntaxFault(`#end ${name} where #${block.end} of line ${block.line} is still open`, at)
  }
  commit(reader)
  reader.blocks.pop()
}
