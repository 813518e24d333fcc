/** The parts of an expression between its operators: values, calls, brackets; and what can be assigned to. */
import type { Cursor } from './cursor.ts'
import { SyntaxFault } from './fault.ts'
import type { Token } from './tokens.ts'
import { type CallArguments, type Expr, NONE, type Target } from './tree.ts'

/** What lies around these parts, and inside them again. */
interface Grammar {
  readonly expression: () => Expr
  readonly or: () => Expr
}

export interface Atoms {
  readonly primary: () => Expr
  /** Calls, members and items behind it. */
  readonly postfix: (of: Expr) => Expr
  /** Behind the opening parenthesis. */
  readonly args: () => CallArguments
  readonly target: () => Target
  readonly tuple: () => Expr
}

export function atomParser(cursor: Cursor, { expression, or }: Grammar): Atoms {
  const { dialect, peek, advance, isAt, skip, expect, name, fail, unexpected } = cursor

  function primary(): Expr {
    const token = peek()
    switch (token.kind) {
      case 'text': {
        let text = ''
        for (; peek().kind === 'text'; advance(1)) text += peek().text
        return { node: 'literal', value: text }
      }
      case 'int':
        advance(1)
        return { node: 'literal', value: wholeNumber(token) }
      case 'float':
        advance(1)
        return { node: 'literal', value: Number(token.text.replaceAll('_', '')) }
      case 'placeholder':
        advance(1)
        return { node: 'placeholder', name: token.text, autocall: !isCalled() }
      case 'name':
        return named(name())
      case 'sign':
        if (skip('(')) return bracket(')', 'tuple')
        if (skip('[')) return bracket(']', 'list')
        if (skip('{')) return { node: 'dict', entries: entries() }
    }
    throw unexpected()
  }

  function named(word: string): Expr {
    const value = (dialect === 'jinja' ? JINJA_LITERALS : PYTHON_LITERALS).get(word)
    return value === undefined ? { node: 'name', name: word } : { node: 'literal', value }
  }

  /** A placeholder's own call has no blank before its parenthesis. */
  function isCalled(): boolean {
    return isAt('(') && !peek().spaced
  }

  function postfix(start: Expr): Expr {
    // What follows a placeholder at once is Cheetah's own notation, all else is plain Python.
    let mapped = start.node === 'placeholder'
    let of = start
    for (;;) {
      mapped = mapped && !peek().spaced
      // Cheetah takes the x of `$f(1)x` for a member, as if there were a dot.
      const isGlued = mapped && of !== start && peek().kind === 'name'
      if (isGlued || skip('.')) {
        if (dialect === 'jinja' && peek().kind === 'int') {
          of = { node: 'item', of, key: primary() }
          continue
        }
        if (peek().kind !== 'name') throw unexpected()
        const member = peek().text
        advance(1)
        of = { node: 'attribute', of, name: member, mapped, autocall: mapped && !isCalled() }
      } else if (skip('(')) of = { node: 'call', of, args: args() }
      else if (skip('[')) of = subscript(of)
      else return of
    }
  }

  function subscript(of: Expr): Expr {
    const from = isAt(':') ? NONE : tuple()
    if (skip(']')) return { node: 'item', of, key: from }
    expect(':')
    const to = isAt(':') || isAt(']') ? NONE : expression()
    const by = skip(':') && !isAt(']') ? expression() : NONE
    expect(']')
    return { node: 'slice', of, from, to, by }
  }

  function args(): CallArguments {
    const list: Expr[] = []
    const given: [string, Expr][] = []
    while (!skip(')')) {
      if (isAt('*') || isAt('**')) throw fail('* and ** in a call are not in the language')
      if (isNamedArgument()) {
        const key = peek().text
        advance(2)
        given.push([key, expression()])
      } else {
        if (given.length > 0) throw fail('a positional argument follows a named one')
        const one = expression()
        list.push(isAt('for') ? comprehension(one, 'iterator') : one)
      }
      if (!isAt(')')) expect(',')
    }
    return { list, named: given }
  }

  function isNamedArgument(): boolean {
    const { kind } = peek()
    return (kind === 'name' || kind === 'placeholder') && peek(1).kind === 'sign' && peek(1).text === '='
  }

  function bracket(end: string, kind: 'list' | 'tuple'): Expr {
    if (skip(end)) return { node: 'list', kind, items: [] }
    const first = expression()
    if (isAt('for')) {
      const made = comprehension(first, kind === 'list' ? 'list' : 'iterator')
      expect(end)
      return made
    }
    // Without a comma, a parenthesis only groups.
    if (skip(end)) return kind === 'tuple' ? first : { node: 'list', kind, items: [first] }
    const items = [first]
    while (!skip(end)) {
      expect(',')
      if (!isAt(end)) items.push(expression())
    }
    return { node: 'list', kind, items }
  }

  function entries(): [Expr, Expr][] {
    const made: [Expr, Expr][] = []
    while (!skip('}')) {
      const key = expression()
      if (!isAt(':')) throw fail('sets are not in the language, only dictionaries like {"a": 1}')
      expect(':')
      made.push([key, expression()])
      if (isAt('for')) throw fail('dictionary comprehensions are not in the language')
      if (!isAt('}')) expect(',')
    }
    return made
  }

  function comprehension(element: Expr, kind: 'list' | 'iterator'): Expr {
    if (dialect === 'jinja') throw fail('comprehensions are not in the language')
    expect('for')
    const to = target()
    expect('in')
    const over = or()
    const conditions: Expr[] = []
    while (skip('if')) conditions.push(or())
    if (isAt('for')) throw fail('a comprehension with several loops is not in the language')
    return { node: 'comprehension', kind, element, target: to, over, conditions }
  }

  function tuple(): Expr {
    const first = expression()
    if (!isAt(',')) return first
    const items = [first]
    while (skip(',') && !endsTuple()) items.push(expression())
    return { node: 'list', kind: 'tuple', items }
  }

  function endsTuple(): boolean {
    return peek().kind === 'end' || [')', ']', '}', '=', ':', 'if', 'recursive'].some(isAt)
  }

  function target(): Target {
    const first = oneTarget()
    if (!isAt(',')) return first
    const targets = [first]
    while (skip(',') && !isAt('in') && !isAt('=') && peek().kind !== 'end') targets.push(oneTarget())
    return { target: 'several', targets }
  }

  function oneTarget(): Target {
    if (skip('(')) return bracketTarget(')')
    if (skip('[')) return bracketTarget(']')
    const { kind, text } = peek()
    if (kind === 'placeholder') advance(1)
    else name()
    const of = postfix({ node: 'name', name: text })
    if (of.node === 'name') return { target: 'name', name: of.name }
    if (of.node === 'item') return { target: 'item', of: of.of, key: of.key }
    if (of.node === 'attribute') return { target: 'member', of: of.of, name: of.name }
    throw fail('nothing can be put there')
  }

  function bracketTarget(end: string): Target {
    const inside = cursor.deeper(target)
    expect(end)
    return inside.target === 'several' || end === ')' ? inside : { target: 'several', targets: [inside] }
  }

  return { primary, postfix, args, target, tuple }
}

function wholeNumber({ text, at }: Token): bigint {
  const digits = text.replaceAll('_', '')
  if (/^0\d*[1-9]/.test(digits)) throw new SyntaxFault(`"${text}": numbers do not begin with 0`, at)
  if (digits.length > 300) throw new SyntaxFault('a number is too large', at)
  return BigInt(digits)
}

const PYTHON_LITERALS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['True', true],
  ['False', false],
  ['None', null],
])
const JINJA_LITERALS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ...PYTHON_LITERALS,
  ['true', true],
  ['false', false],
  ['none', null],
])
