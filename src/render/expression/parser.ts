/** The words of an expression become its tree. What a directive or a tag makes of it is cheetah's and jinja's. */
import { atomParser } from './atoms.ts'
import { type Cursor, openCursor } from './cursor.ts'
import type { Dialect } from './tokens.ts'
import type { Expr, Target } from './tree.ts'

export interface ExpressionParser extends Pick<Cursor, 'peek' | 'skip' | 'expect' | 'name' | 'end' | 'fail' | 'isAt'> {
  readonly expression: () => Expr
  /** An expression, or several with commas between: a tuple. */
  readonly tuple: () => Expr
  /** An expression that may not contain `if`: behind `in` of a for, that begins a condition. */
  readonly plain: () => Expr
  readonly target: () => Target
  /** Jinja's filters behind a value that has been read. */
  readonly filtersOf: (of: Expr) => Expr
}

/** Weakest first; all group from the left. Jinja's `~` puts texts together; its `|` is no operator but a filter. */
const BINARY: Readonly<Record<Dialect, readonly (readonly string[])[]>> = {
  cheetah: [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '//', '%']],
  jinja: [['+', '-'], ['~'], ['*', '/', '//', '%'], ['**']],
}
const COMPARISONS = ['==', '!=', '<', '>', '<=', '>=', '<>']
/** Words that do not begin the argument of a Jinja test: `x is defined and …`. */
const AFTER_TEST = ['else', 'or', 'and', 'is', 'if', 'in', 'not', 'for', 'recursive']
const NO_ARGS = { list: [], named: [] }

/** @throws SyntaxFault */
export function expressionParser(text: string, dialect: Dialect): ExpressionParser {
  const cursor = openCursor(text, dialect)
  const { peek, advance, isAt, skip, expect, name, end, fail } = cursor
  const { primary, postfix, args, target, tuple } = atomParser(cursor, { expression, or })
  const levels = BINARY[dialect]

  function expression(): Expr {
    return cursor.deeper(() => {
      if (isAt('lambda')) throw fail('lambda is not in the language')
      let made = or()
      while (skip('if')) {
        const test = or()
        // Jinja's else may be left out.
        if (dialect === 'cheetah') expect('else')
        else if (!skip('else')) {
          made = { node: 'choice', test, yes: made, no: undefined }
          continue
        }
        made = { node: 'choice', test, yes: made, no: expression() }
      }
      return made
    })
  }

  function or(): Expr {
    let left = and()
    while (skip('or')) left = { node: 'logic', operator: 'or', left, right: and() }
    return left
  }

  function and(): Expr {
    let left = not()
    while (skip('and')) left = { node: 'logic', operator: 'and', left, right: not() }
    return left
  }

  function not(): Expr {
    return skip('not') ? { node: 'not', of: cursor.deeper(not) } : comparison()
  }

  function comparison(): Expr {
    const first = binary(0)
    const rest: [string, Expr][] = []
    for (let sign = comparisonSign(); sign; sign = comparisonSign()) rest.push([sign, binary(0)])
    return rest.length === 0 ? first : { node: 'compare', first, rest }
  }

  function comparisonSign(): string | undefined {
    const { text, kind } = peek()
    if (kind === 'sign' && COMPARISONS.includes(text)) return take(1, text)
    if (isAt('in')) return take(1, 'in')
    if (isAt('not') && peek(1).text === 'in') return take(2, 'not in')
    // In Jinja `is` begins a test, and has been read as part of its value.
    if (dialect === 'cheetah' && isAt('is')) return peek(1).text === 'not' ? take(2, 'is not') : take(1, 'is')
    return undefined
  }

  function take(count: number, sign: string): string {
    advance(count)
    return sign
  }

  function binary(level: number): Expr {
    const signs = levels[level]
    if (!signs) return unary(true)
    let left = binary(level + 1)
    while (peek().kind === 'sign' && signs.includes(peek().text)) {
      const operator = take(1, peek().text)
      left = { node: 'binary', operator, left, right: binary(level + 1) }
    }
    return left
  }

  function unary(withFilters: boolean): Expr {
    const of = isAt('-') || isAt('+') || (dialect === 'cheetah' && isAt('~')) ? signed() : power()
    return dialect === 'jinja' && withFilters ? filters(of) : of
  }

  function signed(): Expr {
    const operator = take(1, peek().text)
    return { node: 'unary', operator, of: cursor.deeper(() => unary(false)) }
  }

  function power(): Expr {
    const left = postfix(primary())
    if (dialect === 'jinja' || !skip('**')) return left
    return { node: 'binary', operator: '**', left, right: cursor.deeper(() => unary(false)) }
  }

  function filters(start: Expr): Expr {
    let of = postfix(start)
    for (;;) {
      if (skip('|')) of = { node: 'filter', of, name: dotted(), args: skip('(') ? args() : NO_ARGS }
      else if (skip('is')) of = test(of)
      else if (skip('(')) of = { node: 'call', of, args: args() }
      else return of
    }
  }

  function test(of: Expr): Expr {
    const negated = skip('not')
    const word = isAt('in') ? take(1, 'in') : dotted()
    if (skip('(')) return { node: 'test', of, name: word, args: args(), negated }
    const { kind, text } = peek()
    const hasArgument =
      ['text', 'int', 'float'].includes(kind) ||
      (kind === 'name' && !AFTER_TEST.includes(text)) ||
      (kind === 'sign' && ['(', '[', '{'].includes(text))
    const list = hasArgument ? [postfix(primary())] : []
    return { node: 'test', of, name: word, args: { list, named: [] }, negated }
  }

  function dotted(): string {
    let word = name()
    while (skip('.')) word += `.${name()}`
    return word
  }

  return { peek, isAt, skip, expect, name, end, fail, expression, tuple, plain: or, target, filtersOf: filters }
}
