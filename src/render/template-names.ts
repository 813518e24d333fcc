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

/** A sign that says in the text that is made where it comes from. @param names that are printed there */
export type MarkText = (line: number, names: readonly string[]) => string

/**
 * @param mark puts a sign before what each name prints, and at the end of each line of text; without: there are none
 * @throws OrchestraError template.invalid
 */
export function prepare(path: string, program: hbs.AST.Program, mark?: MarkText): NamedProgram {
  const snippets = new Set<string>()
  /** The lists that are walked through here, the innermost last: what `this` is one of. */
  const lists: string[] = []

  const fail = (node: Node, because: string): never => {
    throw new OrchestraError('template.invalid', `${path}:${node.loc.start.line}: ${because}`)
  }

  const programOf = (part: hbs.AST.Program): hbs.AST.Program => ({ ...part, body: part.body.map(statement) })

  function statement(node: Node): Node {
    if (isA<hbs.AST.MustacheStatement>(node, 'MustacheStatement')) return mustache(node)
    if (isA<hbs.AST.BlockStatement>(node, 'BlockStatement')) return block(node)
    if (isA<hbs.AST.PartialStatement>(node, 'PartialStatement')) return partial(node)
    if (isA<hbs.AST.ContentStatement>(node, 'ContentStatement'))
      return mark ? marked(node as Node as Content, mark) : node
    if (node.type === 'CommentStatement') return node
    return fail(node, 'decorators and partial blocks are not in the language')
  }

  /** `{{name}}` or `{{helper …}}`. */
  function mustache(node: hbs.AST.MustacheStatement): Node {
    const made = printing(node)
    if (!mark) return { ...node, ...made, type: node.type }
    const sign = literal('StringLiteral', mark(node.loc.start.line, namesIn(node, lists.at(-1))), node)
    return { ...node, path: word('mark', node), params: [sign, made] } as Node
  }

  function printing(node: hbs.AST.MustacheStatement): Node {
    const name = String((node.path as Path).original)
    if (isHelper(name)) {
      const made = helper(node, name, node.params)
      // What these made is one word, whatever it holds.
      return TOLD_WHERE.includes(name) ? made : printed(node, name, made)
    }
    if (node.params.length > 0 || node.hash) fail(node, `there is no helper "${name}"`)
    return printed(node, name, expression(node.path))
  }

  function printed(node: hbs.AST.MustacheStatement, name: string, value: Node): Node {
    return call('print', node, [...where(node, name), value])
  }

  function block(node: hbs.AST.BlockStatement): Node {
    const name = node.path.original
    if (!BLOCKS.includes(name)) fail(node, `there is no block "${name}", only ${BLOCKS.join(' and ')}`)
    if (node.params.length !== 1 || node.hash) fail(node, `${name} takes one value`)
    const params = node.params.map(expression)
    const list = name === 'each' ? (node.params[0] as Path).original : undefined
    if (list !== undefined) lists.push(list)
    const program = programOf(node.program)
    if (list !== undefined) lists.pop()
    return { ...node, params, program, ...(node.inverse && { inverse: programOf(node.inverse) }) } as Node
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

/** Handlebars' own types have another name for what they strip. */
type Content = Node & { readonly value: string; readonly original: string; readonly rightStripped?: boolean }

/** The end of a line and not its beginning: an included snippet is indented by its lines, but for an empty last one. */
function marked(node: Content, mark: MarkText): Node {
  const { value, original, loc } = node
  // A tag that stands alone on its line takes the rest of that line away.
  const taken = node.rightStripped ? ((/^[ \t]*\r?\n?/.exec(original)?.[0] ?? '').match(/\n/g)?.length ?? 0) : 0
  const lines = value.split('\n')
  const signed = lines.map((line, index) => {
    const isRest = index === lines.length - 1 && line === ''
    return isRest ? '' : line + mark(loc.start.line + taken + index, [])
  })
  return { ...node, value: signed.join('\n') } as Node
}

/** @param list what `this` is one of */
function namesIn(node: Node, list: string | undefined): string[] {
  if (isA<Path>(node, 'PathExpression')) {
    return [list !== undefined && /^this\b/.test(node.original) ? list : node.original]
  }
  // Of literals neither is there.
  const { path, params = [] } = node as { readonly path?: Path; readonly params?: readonly Node[] }
  if (!path) return []
  return isHelper(path.original) ? params.flatMap((param) => namesIn(param, list)) : namesIn(path, list)
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
