/** A parsed Jinja template becomes text. What names mean is names.ts. */
import { type Budget, deeper, spend, spendOutput } from '../expression/budget.ts'
import { assign, evaluate, type Scope } from '../expression/evaluate.ts'
import { Fault, located, NotFound, type TellMissing } from '../expression/fault.ts'
import { textOf } from '../expression/text.ts'
import { each, isList, isMissing, NO_ELSE, type Value } from '../expression/value.ts'
import { loopThing } from './loop.ts'
import { jinjaScope, type Names } from './names.ts'
import { FILTERED, type Part, type Template } from './tree.ts'

export interface Run {
  readonly budget: Budget
  readonly tell: TellMissing | undefined
  /** A snippet's template; undefined when there is none. */
  readonly load: (name: string) => Template | undefined
  /** How many snippets are inside each other now. */
  readonly includes: { depth: number }
}

interface Frame {
  readonly run: Run
  readonly file: string
  readonly names: Names
  readonly scope: Scope
  readonly out: Output
}

interface Output {
  readonly pieces: string[]
  length: number
  /** Where rendering is, for messages. */
  line: number
}

/** Without context, not even the data are there. */
const NOTHING: Names = { own: new Map(), outer: undefined }
const MOST_DEPTH = 20

/** @throws OrchestraError template.invalid */
export function runTemplate(run: Run, template: Template, names: Names): string {
  const out: Output = { pieces: [], length: 0, line: 1 }
  try {
    const frame = inside({ run, file: template.file, out }, names)
    deeper(run.budget, () => runParts(frame, template.parts))
  } catch (error) {
    throw located(error, template.file, out.line)
  }
  return out.pieces.join('')
}

/** A frame whose own names nobody outside sees. */
function inside(of: Pick<Frame, 'run' | 'file' | 'out'>, outer: Names): Frame {
  const names: Names = { own: new Map(), outer }
  const { run, file, out } = of
  return { run, file, out, names, scope: jinjaScope(names, run.tell === undefined, run.budget) }
}

function runParts(frame: Frame, parts: readonly Part[]): void {
  for (const part of parts) {
    spend(frame.run.budget, 1)
    runPart(frame, part)
  }
}

function runPart(frame: Frame, part: Part): void {
  const { scope, out, run, names } = frame
  if (part.part !== 'text') out.line = part.line
  switch (part.part) {
    case 'text':
      write(frame, part.text)
      break
    case 'print':
      write(frame, printed(frame, evaluate(part.expr, scope), part.line))
      break
    case 'if': {
      const chosen = part.branches.find(({ test, line }) => {
        out.line = line
        return scope.truth(evaluate(test, scope))
      })
      runParts(frame, chosen?.body ?? part.otherwise)
      break
    }
    case 'for':
      runLoop(frame, part)
      break
    case 'set':
      assign(part.target, evaluate(part.value, scope), scope)
      break
    case 'capture': {
      const captured: Output = { pieces: [], length: 0, line: part.line }
      runParts(inside({ ...frame, out: captured }, names), part.body)
      const text = captured.pieces.join('')
      const value = part.filter ? evaluate(part.filter, withName(scope, FILTERED, text)) : text
      assign(part.target, value, scope)
      break
    }
    case 'with': {
      const inner = inside(frame, names)
      // All values are computed outside, before any of the names is set.
      const values = part.names.map(([target, expr]) => [target, evaluate(expr, scope)] as const)
      for (const [target, value] of values) assign(target, value, inner.scope)
      runParts(inner, part.body)
      break
    }
    case 'include': {
      const template = included(run, evaluate(part.name, scope), part.mayBeMissing)
      if (template) write(frame, runIncluded(run, template, part.withContext ? names : NOTHING))
    }
  }
}

function runIncluded(run: Run, template: Template, names: Names): string {
  if (++run.includes.depth > MOST_DEPTH) throw new Fault(`snippets are more than ${MOST_DEPTH} deep`)
  const text = runTemplate(run, template, names)
  run.includes.depth--
  return text
}

function withName(scope: Scope, name: string, value: Value): Scope {
  const inner = scope.inside()
  inner.set(name, value)
  return inner
}

function printed({ run, file }: Frame, value: Value, line: number): string {
  if (!isMissing(value)) return textOf(value, run.budget)
  // {{ ',' if not loop.last }} is meant to be nothing at times.
  if (value.name === NO_ELSE) return ''
  if (!run.tell) throw new NotFound(value.name)
  run.tell({ file, line, name: value.name })
  return ''
}

function write({ out, run }: Frame, text: string): void {
  out.length += text.length
  spendOutput(run.budget, text.length, out.length)
  out.pieces.push(text)
}

function runLoop(frame: Frame, part: Part & { readonly part: 'for' }): void {
  const { scope, names, run } = frame
  const over = evaluate(part.over, scope)
  // Only to learn, in strict mode, that the name is not there.
  if (isMissing(over)) scope.truth(over)
  const items: Value[] = []
  for (const one of each(over)) {
    spend(run.budget, 1)
    if (part.condition) {
      const { scope: tested } = inside(frame, names)
      assign(part.target, one, tested)
      if (!tested.truth(evaluate(part.condition, tested))) continue
    }
    items.push(one)
  }
  const changes: { last: readonly Value[] | undefined } = { last: undefined }
  for (const [index, one] of items.entries()) {
    const inner = inside(frame, names)
    inner.names.own.set('loop', loopThing(items, index, changes, run.budget))
    assign(part.target, one, inner.scope)
    spend(run.budget, 10)
    runParts(inner, part.body)
  }
  if (items.length === 0) runParts(inside(frame, names), part.otherwise)
}

/** A name, or several of which the first that is there counts. */
function included(run: Run, value: Value, mayBeMissing: boolean): Template | undefined {
  const names = isList(value) ? value.items : [value]
  for (const name of names) {
    if (typeof name !== 'string') throw new Fault('include takes the name of a snippet')
    const template = run.load(name)
    if (template) return template
  }
  if (mayBeMissing) return undefined
  throw new Fault(`there is no snippet ${names.map((name) => `"${name}"`).join(' or ')}`)
}
