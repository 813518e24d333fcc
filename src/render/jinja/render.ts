/** A Jinja template of Cobbler's, with the snippets that it includes, becomes text. */
import { type Budget, spend } from '../expression/budget.ts'
import type { TellMissing } from '../expression/fault.ts'
import type { Value } from '../expression/value.ts'
import type { Snippets } from '../snippets.ts'
import type { Names } from './names.ts'
import { parseJinja } from './parser.ts'
import { type Run, runTemplate } from './run.ts'
import type { Template } from './tree.ts'

export interface JinjaOptions {
  readonly file: string
  readonly firstLine: number
  readonly data: ReadonlyMap<string, Value>
  readonly snippets: Snippets
  readonly tell: TellMissing | undefined
  readonly budget: Budget
}

/** @throws OrchestraError template.invalid */
export function renderJinja(text: string, options: JinjaOptions): string {
  const { file, firstLine, data, snippets, tell, budget } = options
  const names: Names = { own: new Map(data), outer: undefined }
  const parsed = new Map<string, Template>()
  const run: Run = { budget, tell, includes: { depth: 0 }, load }
  return runTemplate(run, parse(file, text, firstLine), names)

  function parse(path: string, source: string, first: number): Template {
    spend(budget, source.length >>> 6)
    return parseJinja(path, source, first, budget)
  }

  function load(name: string): Template | undefined {
    const found = snippets.find(name)
    if (!found) return undefined
    const template = parsed.get(found.file) ?? parse(found.file, found.text, 1)
    parsed.set(found.file, template)
    return template
  }
}
