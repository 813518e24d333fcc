/**
 * What a template may say, checked on its syntax tree before it is compiled; and the names in it, each wrapped so that one
 * that is not there is told with file and line. What the helpers do is template.ts.
 */
import { OrchestraError } from '../model/errors.ts'

type Node = hbs.AST.Node
type Path = hbs.AST.PathExpression

/** Helpers with the number of their arguments. */
const WORDS: Readonly<Record<string, number>> = { shell: 1, base64: 1, yaml: 1, xml: 1, default: 2, eq: 2 }
const BLOCKS = ['if', 'each']
/** These get file, line and name in front of their argument, for their messages. */
const TOLD_WHERE = ['shell', 'base64', 'yaml', 'xml']

export interface NamedProgram {
  readonly program: hbs.AST.Program
  /** Names of the snippets that it includes. */
  readonly snippets: readonly string[]
}

/** @throws OrchestraError template.invalid */
export function prepare(path: string, program: hbs.AST.Program): NamedProgram {
  const snippets = new Set<string>()

  const fail = (node: Node, because: string): never => {
    throw new OrchestraError('template.invalid', `${path}:${node.loc.start.line}: ${because}`)
  }

  const programOf = (part: hbs.AST.Program): hbs.AST.Program => ({ ...part, body: part.body.map(statement) })

  function statement(node: Node): Node {
    if (isA<hbs.AST.MustacheStatement>(node, 'MustacheStatement')) return mustache(node)
    if (isA<hbs.AST.BlockStatement>(node, 'BlockStatement')) return block(node)
    if (isA<hbs.AST.PartialStatement>(node, 'PartialStatement')) return partial(node)
    if (node.type === 'ContentStatement' || node.type === 'CommentStatement') return node
    return fail(node, 'decorators and partial blocks are not in the language')
  }

  /** `{{name}}` or `{{helper …}}`. */
  function mustache(node: hbs.AST.MustacheStatement): Node {
    const name = String((node.path as Path).original)
    if (isHelper(name)) {
      const call = helper(node, name, node.params)
      // What these made is one word, whatever it holds.
      return TOLD_WHERE.includes(name) ? { ...node, ...call, type: node.type } : printed(node, name, call)
    }
    if (node.params.length > 0 || node.hash) fail(node, `there is no helper "${name}"`)
    return printed(node, name, expression(node.path))
  }

  function printed(node: hbs.AST.MustacheStatement, name: string, value: Node): Node {
    return { ...node, path: word('print', node), params: [...where(node, name), value] } as Node
  }

  function block(node: hbs.AST.BlockStatement): Node {
    const name = node.path.original
    if (!BLOCKS.includes(name)) fail(node, `there is no block "${name}", only ${BLOCKS.join(' and ')}`)
    if (node.params.length !== 1 || node.hash) fail(node, `${name} takes one value`)
    return {
      ...node,
      params: node.params.map(expression),
      program: programOf(node.program),
      ...(node.inverse && { inverse: programOf(node.inverse) }),
    } as Node
  }

  function partial(node: hbs.AST.PartialStatement): Node {
    if (!isA<Path>(node.name, 'PathExpression')) return fail(node, 'a snippet is included by its plain name')
    snippets.add(node.name.original)
    const pairs = node.hash?.pairs.map((pair) => ({ ...pair, value: expression(pair.value) }))
    return { ...node, params: node.params.map(expression), ...(pairs && { hash: { ...node.hash, pairs } }) } as Node
  }

  function expression(node: Node): Node {
    if (isA<Path>(node, 'PathExpression')) {
      if (isHelper(node.original)) return fail(node, `"${node.original}" is a helper, not a value`)
      return call('need', node, [...where(node, node.original), node])
    }
    if (isA<hbs.AST.SubExpression>(node, 'SubExpression')) return helper(node, node.path.original, node.params)
    return node
  }

  function helper(node: Node & { hash?: hbs.AST.Hash }, name: string, params: readonly Node[]): Node {
    const count = WORDS[name]
    if (count === undefined) return fail(node, `there is no helper "${name}"`)
    if (params.length !== count || node.hash) {
      return fail(node, `${name} takes ${count} value${count === 1 ? '' : 's'}`)
    }
    const [first, ...rest] = params
    // Only `default` may be asked about a name that is not there.
    const args = name === 'default' && first?.type === 'PathExpression' ? [first, ...rest.map(expression)] : undefined
    const given = args ?? params.map(expression)
    const named = first && isA<Path>(first, 'PathExpression') ? first.original : name
    return call(name, node, TOLD_WHERE.includes(name) ? [...where(node, named), ...given] : given)
  }

  const where = (node: Node, name: string): Node[] => [
    literal('StringLiteral', path, node),
    literal('NumberLiteral', node.loc.start.line, node),
    literal('StringLiteral', name, node),
  ]

  return { program: programOf(program), snippets: [...snippets] }
}

function isHelper(name: string): boolean {
  return Object.hasOwn(WORDS, name)
}

function isA<Kind extends Node>(node: Node, type: Kind['type']): node is Kind {
  return node.type === type
}

function word(name: string, { loc }: Node): Path {
  return { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc }
}

function call(name: string, at: Node, params: readonly Node[]): Node {
  return { type: 'SubExpression', path: word(name, at), params: [...params], loc: at.loc } as Node
}

function literal(type: 'StringLiteral' | 'NumberLiteral', value: string | number, { loc }: Node): Node {
  return { type, value, original: value, loc } as Node
}
