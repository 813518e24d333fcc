/** Where the parser of a template is, what text it has pending, and which block it is in. */
import { type Budget, spend } from '../expression/budget.ts'
import { SyntaxFault } from '../expression/fault.ts'
import { type ExpressionParser, expressionParser } from '../expression/parser.ts'
import { directiveAt } from './directive-names.ts'
import {
  afterLine,
  endOfLine,
  isBlank,
  isBreak,
  isDirectiveEnd,
  isLineClear,
  type ScanOptions,
  scanExpression,
  skipBlanks,
} from './scan.ts'
import type { Attribute, Def, Part } from './tree.ts'

/** An open `#if`, `#for` …; `end` is what closes it. */
export interface Block {
  readonly end: string
  readonly line: number
  body: Part[]
  readonly def?: boolean
}

export interface Reader {
  readonly source: string
  at: number
  /** Parsing ends here: the end of the text, or of a line for the short forms `#if x: text`. */
  limit: number
  /** Text that is not in the tree yet: a directive may still take the blanks before it away. */
  pending: string[]
  readonly blocks: Block[]
  readonly defs: Def[]
  readonly attributes: Attribute[]
  readonly imports: string[]
  readonly budget: Budget
  /** Line numbers begin with 1, and are those of the file. */
  readonly lineAt: (at: number) => number
}

export function openReader(source: string, firstLine: number, budget: Budget): Reader {
  const starts = [0]
  for (let at = afterLine(source, 0); at < source.length; at = afterLine(source, at)) starts.push(at)
  return {
    source,
    at: 0,
    limit: source.length,
    pending: [],
    blocks: [{ end: '', line: firstLine, body: [] }],
    defs: [],
    attributes: [],
    imports: [],
    budget,
    lineAt(at) {
      let [low, high] = [0, starts.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if ((starts[middle] ?? 0) <= at) low = middle + 1
        else high = middle
      }
      return firstLine + low - 1
    },
  }
}

export function body({ blocks }: Reader): Part[] {
  return blocks.at(-1)?.body ?? []
}

export function add(reader: Reader, ...parts: readonly Part[]): void {
  commit(reader)
  body(reader).push(...parts)
}

/** Pending text becomes a part: what follows stands behind it. */
export function commit(reader: Reader): void {
  const text = reader.pending.join('')
  reader.pending = []
  if (text !== '') body(reader).push({ part: 'text', text })
}

/** A directive on a line of its own takes the blanks before it away. */
export function dropIndent(reader: Reader): void {
  const last = reader.pending.at(-1)
  if (last === undefined) return
  reader.pending[reader.pending.length - 1] = last.slice(
    0,
    Math.max(last.lastIndexOf('\n'), last.lastIndexOf('\r')) + 1,
  )
}

/** Thousands of directives on one endless line would each look for its end. */
export function spendLine({ budget, at }: Reader, lineEnd: number): void {
  spend(budget, 1 + (Math.max(lineEnd - at, 0) >>> 6))
}

/** Where a directive begins: what the rest of its line must know at its end. */
export interface Tag {
  readonly at: number
  readonly line: number
  readonly isClear: boolean
  readonly lineEnd: number
}

export function openTag(reader: Reader, name: string): Tag {
  const { source, at } = reader
  const lineEnd = endOfLine(source, at)
  spendLine(reader, lineEnd)
  reader.at += 1 + name.length
  return { at, line: reader.lineAt(at), isClear: isLineClear(source, at), lineEnd }
}

export function blanks(reader: Reader): void {
  reader.at = skipBlanks(reader.source, reader.at, reader.limit)
}

/** Takes the text of an expression. */
export function takeExpression(reader: Reader, options: ScanOptions = {}): { text: string; at: number } {
  const at = reader.at
  reader.at = scanExpression(reader.source, at, reader.limit, options)
  return { text: reader.source.slice(at, reader.at), at }
}

/** Parses all of a text that stands at this offset. */
export function parseAll<Made>(
  { text, at }: { readonly text: string; readonly at: number },
  rule: (parser: ExpressionParser) => Made,
): Made {
  try {
    const parser = expressionParser(text, 'cheetah')
    const made = rule(parser)
    parser.end()
    return made
  } catch (error) {
    if (error instanceof SyntaxFault) throw new SyntaxFault(error.message, at + error.offset)
    throw error
  }
}

/** The end of a directive: a `#`, a comment, or the end of a line that it had for itself and takes along. */
export function closeTag(reader: Reader, { isClear, lineEnd }: Tag, eatComment: () => void): void {
  const { source, limit } = reader
  const isComment = reader.at < limit && source.startsWith('##', reader.at) && isDirectiveEnd(source, reader.at)
  const comments = isComment && !directiveAt(source, reader.at + 1)
  if (comments) eatComment()
  if (!comments && reader.at < limit && isDirectiveEnd(source, reader.at)) reader.at++
  else if (isClear && reader.at < limit && isBreak(source, reader.at)) {
    reader.at = afterLine(source, reader.at)
  }
  if (isClear && (reader.at >= limit || reader.at > lineEnd)) dropIndent(reader)
}

/** `#if x: text` on one line; a colon at the end of the line means nothing. */
export function isShortForm({ source, at, limit }: Reader): boolean {
  if (at >= limit || source.charAt(at) !== ':') return false
  const rest = source.slice(at + 1, endOfLine(source, at)).trim()
  return rest !== '' && !rest.startsWith('##')
}

/** The rest of a directive, as far as its expression reaches. */
export function whole<Made>(reader: Reader, rule: (parser: ExpressionParser) => Made): Made {
  return parseAll(takeExpression(reader), rule)
}

/** Up to the colon that may end it. */
export function head<Made>(reader: Reader, rule: (parser: ExpressionParser) => Made): Made {
  return parseAll(takeExpression(reader, { breakAt: [':'] }), rule)
}

/** `: text` to the end of the line, with the line break. */
export function shortBody(reader: Reader, read: (reader: Reader) => void, into: Part[]): void {
  reader.at++
  if (isBlank(reader.source, reader.at)) reader.at++
  const { limit } = reader
  reader.limit = Math.min(afterLine(reader.source, reader.at), limit)
  reader.blocks.push({ end: 'of the line', line: reader.lineAt(reader.at), body: into })
  const depth = reader.blocks.length
  read(reader)
  if (reader.blocks.length !== depth) throw new SyntaxFault('a block begins or ends inside of a line', reader.at)
  commit(reader)
  reader.blocks.pop()
  reader.limit = limit
}

/** The colon of the long form is for the eye only. */
export function skipColon(reader: Reader): void {
  if (reader.source.charAt(reader.at) === ':' && reader.at < reader.limit) reader.at++
  blanks(reader)
}

const MOST_BLOCKS = 60

export function openBlock(reader: Reader, end: string, line: number, into: Part[]): void {
  if (reader.blocks.length > MOST_BLOCKS) throw new SyntaxFault('blocks are nested too deep', reader.at)
  reader.blocks.push({ end, line, body: into })
}
