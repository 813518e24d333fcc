/**
 * The template language: Handlebars cut down to a few words, and strict. Every name that a template says must be there,
 * also inside `if`, `each` and a helper's arguments (Handlebars' own strict mode looks at printed names only); what is
 * not there is an error with file, line and name, and nothing is ever half-rendered.
 *
 *     {{name}}   {{#if x}}…{{else}}…{{/if}}   {{#each list}}{{this}}{{/each}}   {{> snippet}}
 *     {{shell x}}   {{base64 x}}   {{yaml x}}   {{xml x}}   {{default x 'y'}}   {{#if (eq a b)}}
 *
 * A name that is printed bare must be one line of text. `\{{` is a literal `{{`.
 */
import Handlebars from 'handlebars'
import type { Json } from '../lib/json.ts'
import { OrchestraError } from '../model/errors.ts'
import { type MarkText, prepare } from './template-names.ts'

export interface Data {
  readonly [name: string]: Json
}

/** The text of a file by its path, or undefined when there is no such file. */
export type ReadText = (path: string) => string | undefined

export interface Template {
  /** For messages: `preseeds/default.seed`. */
  readonly path: string
  readonly text: string
  /** The text of a snippet by its name; undefined when there is none. */
  readonly snippet: ReadText
  /** Where a snippet is, for messages; unless told, in templates/snippets. */
  readonly snippetPath?: (name: string) => string
}

type Compiled = Handlebars.TemplateDelegate<unknown>

interface Prepared {
  readonly render: Compiled
  readonly snippets: readonly string[]
}

/** Compiled templates by path and text. Bounded, in case somebody edits a template all day. */
const prepared = new Map<string, Prepared>()
const MOST_PREPARED = 200
const MOST_SNIPPETS = 100

/** What a rendering has done so far: values looked up, and characters that loops made. Loops inside loops end by it. */
let work = 0
const MOST_WORK = 8 * 1024 * 1024

function spend(amount: number): void {
  work += amount
  if (work > MOST_WORK)
    throw new OrchestraError('template.invalid', 'rendering goes on and on; are there loops inside loops?')
}

/** @throws OrchestraError template.invalid */
export function renderTemplate(template: Template, data: Data): string {
  return renderWith(compile, template, data)
}

/** How a text becomes a program; template-trace.ts has another one, which leaves signs in what it makes. */
export type Compile = (path: string, text: string) => Prepared

export function renderWith(compileIt: Compile, template: Template, data: Data): string {
  const main = compileIt(template.path, template.text)
  const partials: Record<string, Compiled> = Object.create(null)
  collect(compileIt, template, main, [], partials)
  work = 0
  return main.render(ownCopy(data), {
    partials,
    allowProtoMethodsByDefault: false,
    allowProtoPropertiesByDefault: false,
  })
}

/** The snippets that a text includes itself. @throws OrchestraError template.invalid */
export function snippetNames(path: string, text: string): readonly string[] {
  return compile(path, text).snippets
}

/** Finds the snippets of a template, and theirs. One that includes itself, however far around, would never end. */
function collect(
  compileIt: Compile,
  template: Template,
  { snippets }: Prepared,
  within: readonly string[],
  into: Record<string, Compiled>,
): void {
  for (const name of snippets) {
    const path = template.snippetPath?.(name) ?? `templates/snippets/${name}`
    if (within.includes(name)) throw invalid(path, undefined, `it includes itself (${[...within, name].join(' → ')})`)
    if (within.length >= MOST_SNIPPETS) throw invalid(path, undefined, 'snippets are nested too deep')
    if (into[name]) continue
    const text = template.snippet(name)
    if (text === undefined) throw invalid(template.path, undefined, `there is no snippet "${name}" (${path})`)
    const snippet = compileIt(path, text)
    collect(compileIt, template, snippet, [...within, name], into)
    into[name] = snippet.render
  }
}

function compile(path: string, text: string): Prepared {
  const key = `${path}\0${text}`
  const known = prepared.get(key)
  if (known) return known
  const made = compileText(path, text)
  if (prepared.size >= MOST_PREPARED) prepared.clear()
  prepared.set(key, made)
  return made
}

export function compileText(path: string, text: string, mark?: MarkText): Prepared {
  const { program, snippets } = prepare(path, parse(path, text), mark)
  const render = language.compile<unknown>(program, { noEscape: true, knownHelpersOnly: true, knownHelpers: KNOWN })
  return { render, snippets }
}

function parse(path: string, text: string): hbs.AST.Program {
  try {
    return language.parse(text)
  } catch (error) {
    // Handlebars says "Parse error on line 3:" with a drawing below, or "… - 3:5" at the end.
    const message = error instanceof Error ? error.message : String(error)
    const line = /on line (\d+)/.exec(message)?.[1] ?? / - (\d+):\d+$/.exec(message)?.[1]
    const what = message.includes('\n') ? 'it is no template from here on (an unclosed {{ or block?)' : message
    throw invalid(path, line === undefined ? undefined : Number(line), what)
  }
}

/** Data that owns all that it answers to: no `constructor`, no `toString`. */
function ownCopy(value: Json): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(ownCopy)
  // Handlebars compares a context with its parent by `!=`, which asks an object for a primitive: one that equals nothing.
  const copy: Record<string, unknown> = Object.create(null, { [Symbol.toPrimitive]: { value: () => Number.NaN } })
  for (const [key, one] of Object.entries(value)) copy[key] = ownCopy(one)
  return copy
}

function invalid(path: string, line: number | undefined, because: string): OrchestraError {
  return new OrchestraError('template.invalid', `${path}${line === undefined ? '' : `:${line}`}: ${because}`)
}

/** Single quotes for a POSIX shell: between them every character stands for itself, line breaks too. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** JSON's strings are YAML's, but for the characters that YAML 1.2 section 5.1 does not print. */
export function quoteForYaml(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const KNOWN = {
  helperMissing: false,
  blockHelperMissing: false,
  unless: false,
  with: false,
  log: false,
  lookup: false,
  need: true,
  print: true,
  mark: true,
  shell: true,
  base64: true,
  yaml: true,
  xml: true,
  default: true,
  eq: true,
}

const language = Handlebars.create()
const each = language.helpers['each']
for (const name of ['helperMissing', 'blockHelperMissing', 'unless', 'with', 'log', 'lookup']) {
  language.unregisterHelper(name)
}
language.registerHelper({
  // `need`, `print` and `mark` are put around names by template-names.ts; templates cannot say them.
  need(path: string, line: number, name: string, value: unknown) {
    spend(64)
    if (value === undefined) throw invalid(path, line, `"${name}" is not defined`)
    return value
  },
  print(path: string, line: number, name: string, value: unknown) {
    const text = textOf(value)
    if (text === undefined) throw invalid(path, line, `"${name}" is a list or a group of values; use each`)
    // One more line in a preseed or a boot config would be one more command, and a last backslash would eat the next.
    if (/[\x00-\x1f\x7f]|\\$/.test(text)) {
      throw invalid(path, line, `"${name}" has a line break or control character, or ends in a backslash; use shell`)
    }
    return text
  },
  mark: (sign: string, text: string) => text.replace(/^/gm, sign),
  shell(path: string, line: number, name: string, value: unknown) {
    const text = textOf(value)
    if (text === undefined || text.includes('\0')) throw invalid(path, line, `"${name}" is no text for a shell`)
    return quoteForShell(text)
  },
  base64(path: string, line: number, name: string, value: unknown) {
    const text = textOf(value)
    if (text === undefined) throw invalid(path, line, `"${name}" is no text`)
    return Buffer.from(text).toString('base64')
  },
  yaml(path: string, line: number, name: string, value: unknown) {
    const text = textOf(value)
    if (text === undefined) throw invalid(path, line, `"${name}" is no text`)
    return quoteForYaml(text)
  },
  xml(path: string, line: number, name: string, value: unknown) {
    const text = textOf(value)
    // XML 1.0 section 2.2: these characters cannot be written at all, not even as references.
    if (text === undefined || /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text)) {
      throw invalid(path, line, `"${name}" is no text for XML`)
    }
    return text.replace(/[&<>"'\r\n\t]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  },
  each(this: unknown, list: unknown, options: Handlebars.HelperOptions) {
    const text: unknown = each?.call(this, list, options)
    spend(String(text).length)
    return text
  },
  default: (value: unknown, otherwise: unknown) => value ?? otherwise,
  eq: (one: unknown, other: unknown) => one === other,
})

/** A bare word among options (null) prints as nothing. */
function textOf(value: unknown): string | undefined {
  if (value === null) return ''
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? `${value}` : undefined
}
