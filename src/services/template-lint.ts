/**
 * What is wrong with the text of a template, line by line: what the engines that render it say (its syntax, the snippets
 * that it names, each machine's rendering), and what catches the eye without them.
 */
import { setImmediate as othersFirst } from 'node:timers/promises'
import type { Clock } from '../lib/clock.ts'
import { type Exec, ExecError } from '../lib/exec.ts'
import type { Blend, BlendDefaults, Unresolved } from '../model/blend.ts'
import { OrchestraError } from '../model/errors.ts'
import type { Profile } from '../model/profile.ts'
import type { System } from '../model/system.ts'
import { includesIn } from '../render/includes.ts'
import { isShell, type LintProblem, lintLines } from '../render/lint-lines.ts'
import { sourceLines, VALUE } from '../render/source-lines.ts'
import type { Catalog } from './catalog.ts'
import { bootTemplateOf, placeOf, type TemplatePlace } from './template-places.ts'
import { nameOf, type RenderInPlace, type TextInPlace } from './template-render.ts'
import { maskedBlend, sampleBlends, sampleSystem } from './template-samples.ts'
import type { TemplateShelf } from './template-shelf.ts'

export type { LintProblem }

export interface TemplateLintOptions {
  readonly catalog: Pick<Catalog, 'list'>
  readonly shelf: Pick<TemplateShelf, 'text' | 'paths'>
  readonly render: RenderInPlace
  readonly blendSystem: (system: System) => Blend | Unresolved
  readonly blendProfile: (profile: Profile) => Blend | Unresolved
  /** For machines that are made up. */
  readonly defaults: () => BlendDefaults
  readonly exec: Exec
  readonly clock: Clock
}

export type LintTemplate = (one: TextInPlace) => Promise<readonly LintProblem[]>

/** Milliseconds, after which no further machine is tried. */
const LONG_ENOUGH = 3_000
/** Of machines that it is rendered for. */
const MOST_MACHINES = 200
const MOST_PROBLEMS = 100
/** Names that are not there, of one rendering. */
const MOST_NAMES = 50

export function createTemplateLint(options: TemplateLintOptions): LintTemplate {
  const { shelf, render, exec, clock } = options

  return async (one) => {
    const { engine, place } = one
    const problems: LintProblem[] = []
    if (engine !== 'text') {
      const syntax = syntaxProblem(one)
      if (syntax) problems.push(syntax)
      else problems.push(...missingSnippets(one), ...(await renderingProblems(one)))
    }
    if (!problems.some(({ severity, line }) => severity === 'error' && line === undefined)) {
      problems.push(...lintLines({ ...one, path: place.path }), ...(await shellProblems(one)))
    }
    return inOrder(problems)
  }

  function syntaxProblem({ place, text, engine }: TextInPlace): LintProblem | undefined {
    try {
      if (engine !== 'text') includesIn(engine, fileOf(place), text)
      return undefined
    } catch (error) {
      return problemOf(error, place)
    }
  }

  function missingSnippets({ place, text, engine }: TextInPlace): LintProblem[] {
    if (engine === 'text') return []
    return includesIn(engine, fileOf(place), text).flatMap(({ name, line, mayBeMissing }): LintProblem[] => {
      const paths = snippetPaths(place, name)
      if (mayBeMissing || paths.some((path) => path === place.path || has(path))) return []
      if (place.root === 'cobbler' && shelf.paths().some((path) => isOwnSnippet(path, name))) return []
      // A branch that no machine takes is no harm in Cobbler's languages; Handlebars looks for all of them.
      const severity = engine === 'handlebars' ? 'error' : 'warning'
      return [{ line, severity, message: `there is no snippet "${name}" (${paths.join(' or ')})` }]
    })
  }

  function has(path: string): boolean {
    const place = placeOf(path)
    return place !== undefined && shelf.text(place) !== undefined
  }

  async function renderingProblems(one: TextInPlace): Promise<LintProblem[]> {
    const began = clock.now()
    const problems: LintProblem[] = []
    let isUsed = false
    for (const blend of machines()) {
      await othersFirst()
      if (clock.now() - began > LONG_ENOUGH) break
      const found = problemsFor(one, maskedBlend(blend), 'asGiven')
      if (found === undefined) continue
      isUsed = true
      problems.push(...found)
      if (bootTemplateOf(one.place)?.decision === 'local' && blend.system) break
    }
    if (isUsed) return problems
    return sampleBlends(one.place, options.defaults()).flatMap((blend) =>
      // Settings of a site's own are for those to bring who will use it.
      (problemsFor(one, blend, 'forced') ?? []).map((problem) => ({
        ...problem,
        ...(/^"meta\./.test(problem.message) && { severity: 'warning' as const }),
      })),
    )
  }

  /** Each profile, one system of each (made up where there is none), and those systems that choose for themselves. */
  function* machines(): Generator<Blend> {
    const { catalog, blendSystem, blendProfile } = options
    let count = 0
    for (const profile of catalog.list('profile')) {
      const blend = blendProfile(profile)
      if (blend.ok && count++ < MOST_MACHINES / 2) yield blend
    }
    const seen = new Set<string>()
    for (const system of catalog.list('system')) {
      const key = `${system.profile}\0${system.autoinstall}`
      if (seen.has(key)) continue
      const blend = blendSystem(system)
      if (!blend.ok) continue
      seen.add(key)
      if (count++ < MOST_MACHINES) yield blend
    }
    const withSystems = new Set([...seen].map((key) => key.split('\0', 1)[0]))
    for (const { name } of catalog.list('profile')) {
      const blend = withSystems.has(name) ? undefined : blendSystem(sampleSystem(name))
      if (blend?.ok && count++ < MOST_MACHINES) yield blend
    }
  }

  /** Undefined: it is no part of what this machine is given. */
  function problemsFor(one: TextInPlace, blend: Blend, how: 'asGiven' | 'forced'): LintProblem[] | undefined {
    const { place } = one
    if (bootTemplateOf(place)?.decision === 'local' && !blend.system) return undefined
    const problems: LintProblem[] = []
    const tell = ({ file, line, name }: { file: string; line: number; name: string }) => {
      if (file !== fileOf(place)) return
      const what = one.engine === 'jinja' ? 'leaves nothing' : 'stays as it is written'
      problems.push({ line, severity: 'warning', message: `"${name}" is not defined, and ${what} (${nameOf(blend)})` })
    }
    let text = one.text
    for (let tries = 0; tries < MOST_NAMES; tries++) {
      try {
        const rendered = render[how]({ ...one, text }, blend, tell)
        return rendered === undefined && problems.length === 0 ? undefined : problems
      } catch (error) {
        const problem = problemOf(error, place)
        if (!problem) throw error
        // Told already, with its line.
        if (problem.line === undefined && problem.message.startsWith('there is no snippet')) return problems
        const isOurs = problem.line !== undefined || !failsAnyway(one, blend, how, error)
        if (isOurs) problems.push({ ...problem, message: `${problem.message} (${nameOf(blend)})` })
        // The rest is looked at as if that name were there, and empty.
        const next = one.engine === 'handlebars' ? withoutName(text, problem) : text
        if (next === text) return problems
        text = next
      }
    }
    return problems
  }

  /** Whether what is saved fails in the same way: then something else is wrong. */
  function failsAnyway(one: TextInPlace, blend: Blend, how: 'asGiven' | 'forced', error: unknown): boolean {
    const saved = shelf.text(one.place)
    if (saved === undefined) return false
    try {
      render[how]({ ...one, text: saved }, blend)
      return false
    } catch (same) {
      return same instanceof Error && error instanceof Error && same.message === error.message
    }
  }

  /** By the shell itself, which reads and runs nothing; with a word in the place of each value. */
  async function shellProblems({ place, text, engine }: TextInPlace): Promise<LintProblem[]> {
    if (!isShell({ path: place.path, text })) return []
    const first = /^#!.*?([a-z]+)\s*(?:-\w+\s*)?$/m.exec(text.split('\n', 1)[0] ?? '')?.[1] ?? 'sh'
    if (!['sh', 'dash', 'ash', 'bash'].includes(first)) return []
    const lines: string[] = text.split('\n').map(() => '')
    for (const source of sourceLines(engine, text)) lines[source.line - 1] = source.text.replaceAll(VALUE, 'value')
    try {
      await exec(first === 'bash' ? 'bash' : 'sh', ['-n'], { stdin: lines.join('\n'), timeout: 5_000 })
      return []
    } catch (error) {
      const said = error instanceof ExecError ? /^\w+: (?:line )?(\d+): (.*)$/m.exec(error.stderr) : undefined
      if (!said) return []
      return [{ line: Number(said[1]), severity: 'warning', message: `the shell says: ${said[2]}` }]
    }
  }
}

/** The name of a file in the messages of the engines. */
function fileOf({ path, root }: TemplatePlace): string {
  return root === 'cobbler' ? path.slice('cobbler/'.length) : path
}

function snippetPaths({ root }: TemplatePlace, name: string): string[] {
  if (root === 'cobbler') return [`cobbler/snippets/${name}`]
  return root === 'templates' ? [`templates/snippets/${name}`] : [`templates/snippets/${name}`, `preseeds/${name}`]
}

function isOwnSnippet(path: string, name: string): boolean {
  return /^cobbler\/snippets\/per_(system|profile|distro)\//.test(path) && path.includes(`/${name}/`)
}

/** Undefined for what is a fault of ours. A line is known only of the file itself. */
export function problemOf(error: unknown, place: TemplatePlace): LintProblem | undefined {
  if (!(error instanceof OrchestraError)) return undefined
  const { message } = error
  const file = fileOf(place)
  const rest = message.startsWith(`${file}:`) ? message.slice(file.length + 1) : undefined
  const [, line, because] = /^(\d+): ([\s\S]*)$/.exec(rest ?? '') ?? []
  return {
    line: line === undefined ? undefined : Number(line),
    severity: 'error',
    message: because ?? rest?.trim() ?? message,
  }
}

/** The text with nothing in the place of a name that is not there, on its line. */
function withoutName(text: string, { line, message }: LintProblem): string {
  const name = /^"([^"]+)" is not defined$/.exec(message)?.[1]
  if (name === undefined || line === undefined) return text
  const word = new RegExp(`(?<![\\w.@/'"-])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w.'"-])`, 'g')
  const lines = text.split('\n')
  const at = lines[line - 1] ?? ''
  lines[line - 1] = at.replace(/\{\{.*?\}\}/g, (sign) => sign.replace(word, "''"))
  return lines.join('\n')
}

/** Snippets are looked for in places of each machine's own. */
function withoutMachine(message: string): string {
  return message.replace(/^(there is no snippet "[^"]*").*/, '$1').replace(/ \((profile|system) [^()]+\)$/, '')
}

/** By line, the errors first; each once, for the first machine that it was seen with. */
function inOrder(problems: readonly LintProblem[]): readonly LintProblem[] {
  const key = ({ line, message }: LintProblem) => `${line ?? 0} ${withoutMachine(message)}`
  const rank = ({ line, severity }: LintProblem) => (line ?? 0) * 2 + (severity === 'error' ? 0 : 1)
  const sorted = problems.toSorted((a, b) => rank(a) - rank(b))
  const seen = new Set<string>()
  return sorted.filter((problem) => !seen.has(key(problem)) && seen.add(key(problem))).slice(0, MOST_PROBLEMS)
}
