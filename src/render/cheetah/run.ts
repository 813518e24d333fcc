/** A parsed Cheetah template becomes text. What names mean is names.ts. */
import { taking } from '../expression/arguments.ts'
import { type Budget, deeper, spend, spendOutput } from '../expression/budget.ts'
import { toInt } from '../expression/builtins.ts'
import { assign, evaluate, type Scope } from '../expression/evaluate.ts'
import { Fault, located, NotFound, type TellMissing } from '../expression/fault.ts'
import { deleteItem } from '../expression/items.ts'
import { binary } from '../expression/operators.ts'
import { textOf } from '../expression/text.ts'
import type { Target } from '../expression/tree.ts'
import { type Callable, each, isCallable, isTrue, type Value } from '../expression/value.ts'
import { type Names, scopeOf } from './names.ts'
import type { Def, Part, Print, Template } from './tree.ts'

export interface Run {
  readonly names: Names
  readonly tell: TellMissing | undefined
  /** The text of a snippet, rendered or as it is. */
  readonly snippet: (name: string, isRaw: boolean) => string
}

/** What a file or a `#def` is rendered in. */
interface Frame {
  readonly run: Run
  readonly template: Template
  readonly scope: Scope
  readonly locals: Map<string, Value>
  readonly out: Output
  readonly isDef: boolean
  line: number
  /** After #errorCatcher. */
  echoes: boolean
}

interface Output {
  readonly pieces: string[]
  length: number
}

/** Why the rest of a body is not rendered. */
type Left = { readonly how: 'break' | 'continue' | 'stop' } | { readonly how: 'return'; readonly value: Value }

/** @throws OrchestraError template.invalid */
export function runTemplate(run: Run, template: Template): string {
  const { shared } = run.names
  // In Cobbler what the template defines is found before what its snippets do.
  for (const def of template.defs) {
    if (!shared.has(def.name)) shared.set(def.name, callableOf(run, template, def))
  }
  const frame = newFrame(run, template, new Map(), false)
  runFrame(frame, () => {
    for (const { name, line, value } of template.attributes) {
      frame.line = line
      if (!shared.has(name)) shared.set(name, evaluate(value, frame.scope))
    }
    return runParts(frame, template.parts)
  })
  return frame.out.pieces.join('')
}

function newFrame(run: Run, template: Template, locals: Map<string, Value>, isDef: boolean): Frame {
  const scope = scopeOf(run.names, locals, template.imports)
  return {
    run,
    template,
    scope,
    locals,
    out: { pieces: [], length: 0 },
    isDef,
    line: 1,
    echoes: run.tell !== undefined,
  }
}

function runFrame(frame: Frame, run: () => Left | undefined): Left | undefined {
  try {
    return deeper(frame.scope.budget, run)
  } catch (error) {
    throw located(error, frame.template.file, frame.line)
  }
}

function callableOf(run: Run, template: Template, def: Def): Callable {
  const params = def.params.map(({ name, otherwise }) => (otherwise ? `${name}?` : name)).join(' ')
  return taking(def.name, params, (given) => {
    const locals = new Map<string, Value>()
    const frame = newFrame(run, template, locals, true)
    for (const { name, otherwise } of def.params) {
      const value = given.find(name)
      locals.set(name, value === undefined && otherwise ? evaluate(otherwise, frame.scope) : (value ?? null))
    }
    const left = runFrame(frame, () => runParts(frame, def.body))
    return left?.how === 'return' ? left.value : frame.out.pieces.join('')
  })
}

function runParts(frame: Frame, parts: readonly Part[]): Left | undefined {
  for (const part of parts) {
    spend(frame.scope.budget, 1)
    const left = runPart(frame, part)
    if (left) return left
  }
  return undefined
}

function runPart(frame: Frame, part: Part): Left | undefined {
  const { scope, out } = frame
  const { budget } = scope
  if ('line' in part) frame.line = part.line
  switch (part.part) {
    case 'text':
      write(out, part.text, budget)
      return undefined
    case 'print':
      write(out, printed(frame, part), budget)
      return undefined
    case 'block': {
      const block = frame.run.names.shared.get(part.name)
      if (block !== undefined && isCallable(block))
        write(out, textOf(block.call({ list: [], named: new Map() }), budget), budget)
      return undefined
    }
    case 'if': {
      const chosen = part.branches.find(({ test, line }) => {
        frame.line = line
        return isTrue(evaluate(test, scope))
      })
      return runParts(frame, chosen?.body ?? part.otherwise ?? [])
    }
    case 'for':
      return runLoop(frame, each(evaluate(part.over, scope)), part.body, (one) => assign(part.target, one, scope))
    case 'while':
      return runLoop(frame, whileTrue(frame, part), part.body)
    case 'repeat':
      return runLoop(frame, times(toInt(evaluate(part.times, scope))), part.body)
    case 'set':
      setName(frame, part)
      return undefined
    case 'capture': {
      const inside: Frame = { ...frame, out: { pieces: [], length: 0 } }
      const left = runParts(inside, part.body)
      assign(part.target, inside.out.pieces.join(''), scope)
      return left
    }
    case 'silent':
      evaluate(part.expr, scope)
      return undefined
    case 'delete':
      deleteTarget(frame, part.target)
      return undefined
    case 'include':
      write(out, frame.run.snippet(snippetName(evaluate(part.file, scope)), part.isRaw), budget)
      return undefined
    case 'return':
      if (!frame.isDef) throw new Fault('#return stands outside of a #def')
      return { how: 'return', value: evaluate(part.expr, scope) }
    case 'leave':
      return { how: part.how }
    case 'echo undefined':
      frame.echoes = true
      return undefined
  }
}

function write(out: Output, text: string, budget: Budget): void {
  out.length += text.length
  spendOutput(budget, text.length, out.length)
  out.pieces.push(text)
}

function printed(frame: Frame, part: Print): string {
  try {
    const value = computed(frame, part)
    return value === null ? '' : textOf(value, frame.scope.budget)
  } catch (error) {
    if (!(error instanceof NotFound)) throw withHint(error, part)
    if (part.isQuiet && !frame.echoes) return ''
    // A shell's $( … ) is the commonest of what was never meant for Cheetah, which also leaves it as it is in Cobbler.
    if (!frame.echoes && !part.raw.startsWith('$(')) throw withHint(error, part)
    frame.run.tell?.({ file: frame.template.file, line: part.line, name: error.missing })
    return part.raw
  }
}

function computed({ scope }: Frame, { expr, raw }: Print): Value {
  if (expr.node !== 'unreadable') return evaluate(expr, scope)
  // Whatever it is, it begins with a name of ours, or it would be the shell's.
  if (expr.firstName !== undefined) scope.placeholder(expr.firstName)
  throw new Fault(`${shortened(raw)} is no expression: ${expr.because}`)
}

function withHint(error: unknown, { raw }: Print): unknown {
  const isShells = error instanceof NotFound || /^\$[({[]/.test(raw)
  if (!(error instanceof Fault) || raw === '' || !isShells) return error
  return new Fault(`${error.message}; if ${shortened(raw)} is for the shell, write \\${shortened(raw)}`)
}

function shortened(raw: string): string {
  const line = raw.replace(/[\r\n][\s\S]*/, '…')
  return line.length > 60 ? `${line.slice(0, 60)}…` : line
}

function runLoop(
  frame: Frame,
  values: Iterable<Value>,
  body: readonly Part[],
  begin: (one: Value) => void = () => {},
): Left | undefined {
  for (const one of values) {
    spend(frame.scope.budget, 1)
    begin(one)
    const left = runParts(frame, body)
    if (left?.how === 'break') break
    if (left && left.how !== 'continue') return left
  }
  return undefined
}

function* whileTrue(frame: Frame, { test, line }: Part & { readonly part: 'while' }): Generator<null> {
  for (;;) {
    frame.line = line
    if (!isTrue(evaluate(test, frame.scope))) return
    yield null
  }
}

function* times(count: bigint): Generator<null> {
  for (let i = 0n; i < count; i++) yield null
}

function setName(frame: Frame, part: Part & { readonly part: 'set' }): void {
  const { scope, locals, run } = frame
  const { target, operator, isGlobal } = part
  const { globals } = run.names
  let value = evaluate(part.value, scope)
  if (operator !== '') value = binary(operator, before(frame, target, isGlobal), value, scope.budget)
  if (!isGlobal) {
    assign(target, value, scope)
    return
  }
  if (target.target === 'name') globals.set(target.name, value)
  else assign(target, value, scopeOf(run.names, new Map([...locals, ...globals]), []))
}

/** What `+=` adds to: a name that this template has set, never one of the data. */
function before({ scope, run }: Frame, target: Target, isGlobal: boolean): Value {
  switch (target.target) {
    case 'name': {
      const value = isGlobal ? run.names.globals.get(target.name) : scope.name(target.name)
      if (value === undefined || isCallable(value)) throw new Fault(`"${target.name}" has not been set before`)
      return value
    }
    case 'item':
      return scope.item(evaluate(target.of, scope), evaluate(target.key, scope))
    default:
      throw new Fault('only a name or an item can be changed in place')
  }
}

function deleteTarget({ scope, locals }: Frame, target: Target): void {
  if (target.target === 'item') deleteItem(evaluate(target.of, scope), evaluate(target.key, scope), scope.budget)
  else if (target.target !== 'name') throw new Fault('#del takes one name or item')
  else if (!locals.delete(target.name)) throw new Fault(`"${target.name}" has not been set before`)
}

/** Old templates include snippets by the path that they have on a Cobbler server. */
function snippetName(file: Value): string {
  const name = typeof file === 'string' ? file.replace(/^\/var\/lib\/cobbler\/snippets\//, '') : ''
  if (name === '' || /^\/|^[a-z]+:/.test(name)) throw new Fault('#include takes snippets only, by their names')
  return name
}
