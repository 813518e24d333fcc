/** Where a parser is among the words of an expression. */
import { SyntaxFault } from './fault.ts'
import { type Dialect, type Token, tokenize } from './tokens.ts'

export interface Cursor {
  readonly dialect: Dialect
  readonly peek: (ahead?: number) => Token
  readonly advance: (count: number) => void
  /** The next word is this sign or name. */
  readonly isAt: (word: string) => boolean
  /** Takes the next word when it is this one. */
  readonly skip: (word: string) => boolean
  readonly expect: (word: string) => void
  /** A name that means nothing else. */
  readonly name: () => string
  readonly end: () => void
  readonly fail: (because: string) => SyntaxFault
  readonly unexpected: () => SyntaxFault
  /** Runs a rule that can contain itself. */
  readonly deeper: <Result>(rule: () => Result) => Result
}

const RESERVED = new Set('and or not in is if else for lambda'.split(' '))
const MOST_DEPTH = 60

/** @throws SyntaxFault */
export function openCursor(text: string, dialect: Dialect): Cursor {
  const tokens = tokenize(text, dialect)
  const last: Token = tokens.at(-1) ?? { kind: 'end', text: '', at: 0, spaced: true }
  let next = 0
  let depth = 0

  const peek = (ahead = 0): Token => tokens[next + ahead] ?? last
  const isAt = (word: string): boolean => peek().text === word && (peek().kind === 'sign' || peek().kind === 'name')
  const fail = (because: string): SyntaxFault => new SyntaxFault(because, peek().at)
  const unexpected = (): SyntaxFault =>
    fail(peek().kind === 'end' ? 'the expression ends too early' : `"${peek().text}" has no place here`)
  const skip = (word: string): boolean => {
    if (!isAt(word)) return false
    next++
    return true
  }

  return {
    dialect,
    peek,
    isAt,
    skip,
    fail,
    unexpected,
    advance(count) {
      next += count
    },
    expect(word) {
      if (!skip(word)) throw peek().kind === 'end' ? fail(`"${word}" is missing`) : unexpected()
    },
    name() {
      const token = peek()
      if (token.kind !== 'name' || RESERVED.has(token.text)) throw unexpected()
      next++
      return token.text
    },
    end() {
      if (peek().kind !== 'end') throw unexpected()
    },
    deeper(rule) {
      if (++depth > MOST_DEPTH) throw fail('the expression is nested too deep')
      try {
        return rule()
      } finally {
        depth--
      }
    },
  }
}
