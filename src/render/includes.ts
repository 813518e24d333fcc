/** Which snippets a text names, as the engine that renders it reads it; names that are made up on the way are not among them. */
import { parseCheetah } from './cheetah/parser.ts'
import { newBudget } from './expression/budget.ts'
import { parseJinja } from './jinja/parser.ts'
import { snippetNames } from './template.ts'

export type Engine = 'handlebars' | 'cheetah' | 'jinja'

export interface Include {
  readonly name: string
  readonly line: number
  /** The text is rendered without it where it is not there. */
  readonly mayBeMissing: boolean
}

/** A text of Cobbler's chooses its engine in its first line. */
export function cobblerEngine(text: string): Exclude<Engine, 'handlebars'> {
  return /^#template=\s*jinja2?\s*(\n|$)/i.test(text) ? 'jinja' : 'cheetah'
}

/** @throws OrchestraError template.invalid, with file and line, for a text that is no template of this engine */
export function includesIn(engine: Engine, file: string, text: string): readonly Include[] {
  if (engine === 'handlebars') {
    return snippetNames(file, text).map((name) => ({ name, line: lineOfPartial(text, name), mayBeMissing: false }))
  }
  return [...inTree(parseCobbler(engine, file, text), 1)]
}

/** Cobbler's older notation for a snippet is read before anything else is. */
function parseCobbler(engine: 'cheetah' | 'jinja', file: string, text: string): unknown {
  const isNamed = text.startsWith('#template=')
  const body = isNamed ? text.slice(text.split('\n', 1)[0]?.length).replace(/^\n/, '') : text
  const firstLine = isNamed ? 2 : 1
  if (engine === 'jinja') return parseJinja(file, body, firstLine, newBudget())
  return parseCheetah(file, body.replace(/SNIPPET::([A-Za-z0-9_\-/.]+)/g, "$SNIPPET('$1')"), firstLine, newBudget())
}

function lineOfPartial(text: string, name: string): number {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const at = text.search(new RegExp(`\\{\\{~?\\s*>\\s*['"\\[]?${escaped}(?![\\w./-])`))
  return text.slice(0, Math.max(0, at)).split('\n').length
}

type Branch = { readonly [key: string]: unknown }

const isBranch = (value: unknown): value is Branch =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** @param line of what is around */
function* inTree(tree: unknown, line: number): Generator<Include> {
  if (Array.isArray(tree)) {
    for (const one of tree) yield* inTree(one, line)
    return
  }
  if (!isBranch(tree)) return
  const at = typeof tree['line'] === 'number' ? tree['line'] : line
  const { names, mayBeMissing } = namedBy(tree)
  for (const name of names) yield { name, line: at, mayBeMissing: mayBeMissing || names.length > 1 }
  for (const one of Object.values(tree)) yield* inTree(one, at)
}

function namedBy(tree: Branch): { readonly names: readonly string[]; readonly mayBeMissing: boolean } {
  // Of a list of names, Jinja takes the first that is there.
  if (tree['part'] === 'include' && 'name' in tree) {
    const expr = tree['name']
    const items = isBranch(expr) && expr['node'] === 'list' && Array.isArray(expr['items']) ? expr['items'] : [expr]
    return { names: items.flatMap(literal), mayBeMissing: tree['mayBeMissing'] === true }
  }
  if (tree['part'] === 'include') {
    const names = literal(tree['file']).map((name) => name.replace(/^\/var\/lib\/cobbler\/snippets\//, ''))
    return { names, mayBeMissing: false }
  }
  const [of, args] = [tree['of'], tree['args']]
  const isSnippet = tree['node'] === 'call' && isBranch(of) && of['name'] === 'SNIPPET' && isBranch(args)
  const first = isSnippet && Array.isArray(args['list']) ? args['list'][0] : undefined
  return { names: literal(first), mayBeMissing: false }
}

function literal(expr: unknown): string[] {
  if (!isBranch(expr) || expr['node'] !== 'literal') return []
  return typeof expr['value'] === 'string' ? [expr['value']] : []
}
