/** A Cheetah template of Cobbler's, with its snippets, becomes text. */
import { taking } from '../expression/arguments.ts'
import { type Budget, spend } from '../expression/budget.ts'
import { Fault, type TellMissing } from '../expression/fault.ts'
import type { Value } from '../expression/value.ts'
import type { Snippets } from '../snippets.ts'
import { newNames } from './names.ts'
import { parseCheetah } from './parser.ts'
import { type Run, runTemplate } from './run.ts'
import type { Template } from './tree.ts'

export interface CheetahOptions {
  readonly file: string
  readonly firstLine: number
  readonly data: ReadonlyMap<string, Value>
  readonly snippets: Snippets
  readonly tell: TellMissing | undefined
  readonly budget: Budget
}

/** Snippets inside each other. */
const MOST_DEPTH = 20

/** @throws OrchestraError template.invalid */
export function renderCheetah(text: string, options: CheetahOptions): string {
  const { file, firstLine, data, snippets, tell, budget } = options
  const names = newNames(data, budget)
  const parsed = new Map<string, Template>()
  let depth = 0
  const run: Run = { names, tell, snippet }
  names.shared.set(
    'SNIPPET',
    taking('SNIPPET', 'file', (given) => snippet(given.text('file'), false)),
  )
  return runTemplate(run, parse(file, text, firstLine))

  function parse(path: string, source: string, first: number): Template {
    spend(budget, source.length >>> 6)
    // Cobbler's older notation for $SNIPPET('name'), read before anything else is.
    return parseCheetah(path, source.replace(/SNIPPET::([A-Za-z0-9_\-/.]+)/g, "$SNIPPET('$1')"), first, budget)
  }

  function snippet(name: string, isRaw: boolean): string {
    const found = snippets.get(name)
    if (isRaw) return found.text
    if (depth >= MOST_DEPTH)
      throw new Fault(`snippets are more than ${MOST_DEPTH} deep; does "${name}" include itself?`)
    const template = parsed.get(found.file) ?? parse(found.file, found.text, 1)
    parsed.set(found.file, template)
    depth++
    try {
      return runTemplate(run, template)
    } finally {
      depth--
    }
  }
}
