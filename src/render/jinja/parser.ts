/** A Jinja template becomes a tree. What the parts do is run.ts. */
import { type Budget, spend } from '../expression/budget.ts'
import { located, SyntaxFault } from '../expression/fault.ts'
import { type ExpressionParser, expressionParser } from '../expression/parser.ts'
import type { Expr, Target } from '../expression/tree.ts'
import { type Piece, splitTemplate } from './lexer.ts'
import { FILTERED, type Part, type Template } from './tree.ts'

/** They reach into other files, into Python, or define what install files do without. */
const REFUSED = new Set(
  'macro call import from extends block filter do autoescape trans break continue debug'.split(' '),
)
const MOST_BLOCKS = 60

/** @throws OrchestraError template.invalid */
export function parseJinja(file: string, text: string, firstLine: number, budget: Budget): Template {
  // Jinja reads all line ends as \n, and drops the last one.
  const source = text.replace(/\r\n?/g, '\n').replace(/\n$/, '')
  const lineAt = lineCounter(source, firstLine)
  try {
    const pieces = splitTemplate(source)
    spend(budget, pieces.length)
    return { file, parts: readPieces(pieces, lineAt) }
  } catch (error) {
    throw located(error, file, lineAt(error instanceof SyntaxFault ? error.offset : 0))
  }
}

/** Lines are asked for in order, so that counting goes on from where it was. */
function lineCounter(source: string, firstLine: number): (at: number) => number {
  let [line, from] = [firstLine, 0]
  return (at) => {
    if (at < from) [line, from] = [firstLine, 0]
    for (; from < at; from++) if (source.charAt(from) === '\n') line++
    return line
  }
}

/** A tag in its parts: the word that it begins with, and the parser of the rest. */
interface Tag {
  readonly word: string
  readonly piece: Piece
  readonly line: number
  readonly rest: ExpressionParser
}

function readPieces(pieces: readonly Piece[], lineAt: (at: number) => number): Part[] {
  let next = 0
  let depth = 0
  const { parts } = body([])
  return parts

  /** Up to a tag with one of these words, which is taken too. */
  function body(ends: readonly string[]): { parts: Part[]; end: Tag | undefined } {
    if (++depth > MOST_BLOCKS) throw new SyntaxFault('blocks are nested too deep', pieces[next]?.at ?? 0)
    const parts: Part[] = []
    for (let piece = pieces[next]; piece; piece = pieces[next]) {
      next++
      if (piece.kind === 'text') parts.push({ part: 'text', text: piece.text })
      else if (piece.kind === 'print') {
        const line = lineAt(piece.at)
        parts.push({ part: 'print', line, expr: parseAll(piece, 0, (parser) => parser.tuple()) })
      } else {
        const word = /^\s*([A-Za-z_]\w*)/.exec(piece.text)
        if (!word?.[1]) throw new SyntaxFault('a tag begins with a word', piece.at)
        if (ends.includes(word[1])) {
          depth--
          return { parts, end: tagOf(piece, word[1], word[0].length) }
        }
        parts.push(statement(tagOf(piece, word[1], word[0].length)))
      }
    }
    depth--
    if (ends.length > 0) throw new SyntaxFault(`{% ${ends.at(-1)} %} is missing`, pieces.at(-1)?.at ?? 0)
    return { parts, end: undefined }
  }

  function tagOf(piece: Piece, word: string, length: number): Tag {
    return { word, piece, line: lineAt(piece.at), rest: parserOf(piece, length) }
  }

  function statement(tag: Tag): Part {
    switch (tag.word) {
      case 'if':
        return ifPart(tag)
      case 'for':
        return forPart(tag)
      case 'set':
        return setPart(tag)
      case 'with':
        return withPart(tag)
      case 'include':
        return includePart(tag)
    }
    const known = REFUSED.has(tag.word) ? 'is not in the language' : 'is no tag of Jinja, or has no beginning'
    throw new SyntaxFault(`{% ${tag.word} %} ${known}`, tag.piece.at)
  }

  function ifPart({ rest, line, piece }: Tag): Part {
    let test = done(piece, rest, rest.expression)
    let at = line
    const branches: { test: Expr; line: number; body: Part[] }[] = []
    for (;;) {
      const { parts, end } = body(['elif', 'else', 'endif'])
      branches.push({ test, line: at, body: parts })
      if (end?.word !== 'elif') {
        const otherwise = end?.word === 'else' ? body(['endif']).parts : []
        return { part: 'if', line, branches, otherwise }
      }
      at = end.line
      test = done(end.piece, end.rest, end.rest.expression)
    }
  }

  function forPart({ rest, line, piece }: Tag): Part {
    const { target, over, condition } = done(piece, rest, () => {
      const to = rest.target()
      rest.expect('in')
      const items = [rest.plain()]
      while (rest.skip(',')) items.push(rest.plain())
      const [first] = items
      const from: Expr = items.length === 1 && first ? first : { node: 'list', kind: 'tuple', items }
      const test = rest.skip('if') ? rest.expression() : undefined
      if (rest.isAt('recursive')) throw rest.fail('recursive loops are not in the language')
      return { target: to, over: from, condition: test }
    })
    const { parts, end } = body(['else', 'endfor'])
    const otherwise = end?.word === 'else' ? body(['endfor']).parts : []
    return { part: 'for', line, target, over, condition, body: parts, otherwise }
  }

  function setPart({ rest, line, piece }: Tag): Part {
    const { target, value, filter } = done(piece, rest, () => {
      const to = rest.target()
      if (rest.skip('=')) return { target: to, value: rest.tuple(), filter: undefined }
      const filtered: Expr = { node: 'name', name: FILTERED }
      return { target: to, value: undefined, filter: rest.isAt('|') ? rest.filtersOf(filtered) : undefined }
    })
    if (value) return { part: 'set', line, target, value }
    return { part: 'capture', line, target, body: body(['endset']).parts, filter }
  }

  function withPart({ rest, line, piece }: Tag): Part {
    const names = done(piece, rest, () => {
      const all: [Target, Expr][] = []
      while (rest.peek().kind !== 'end') {
        if (all.length > 0) rest.expect(',')
        const word = rest.name()
        rest.expect('=')
        all.push([{ target: 'name', name: word }, rest.expression()])
      }
      return all
    })
    return { part: 'with', line, names, body: body(['endwith']).parts }
  }
}

function includePart({ rest, line, piece }: Tag): Part {
  return done(piece, rest, (): Part => {
    const name = rest.expression()
    const mayBeMissing = rest.skip('ignore')
    if (mayBeMissing) rest.expect('missing')
    const without = rest.skip('without')
    if (without || rest.skip('with')) rest.expect('context')
    return { part: 'include', line, name, mayBeMissing, withContext: !without }
  })
}

function parserOf(piece: Piece, from: number): ExpressionParser {
  return within(piece, from, () => expressionParser(piece.text.slice(from), 'jinja'))
}

function parseAll<Made>(piece: Piece, from: number, rule: (parser: ExpressionParser) => Made): Made {
  const parser = parserOf(piece, from)
  return done(piece, parser, () => rule(parser))
}

/** The whole rest of a tag. */
function done<Made>(piece: Piece, rest: ExpressionParser, rule: () => Made): Made {
  return within(piece, 0, () => {
    const made = rule()
    rest.end()
    return made
  })
}

/** Offsets become those of the source. */
function within<Made>(piece: Piece, from: number, rule: () => Made): Made {
  try {
    return rule()
  } catch (error) {
    if (error instanceof SyntaxFault) throw new SyntaxFault(error.message, piece.at + from + error.offset)
    throw error
  }
}
