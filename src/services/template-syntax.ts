/** Whether a text of Cobbler's kind can be read as a template at all: found out when it is written, not when a machine waits. */
import { parseCheetah } from '../render/cheetah/parser.ts'
import { newBudget } from '../render/expression/budget.ts'
import { parseJinja } from '../render/jinja/parser.ts'

/** @throws OrchestraError template.invalid, with file and line */
export function checkTemplate(file: string, text: string): void {
  const [head = '', ...rest] = text.split('\n')
  const isNamed = head.startsWith('#template=')
  const body = isNamed ? rest.join('\n') : text
  const firstLine = isNamed ? 2 : 1
  if (/^#template=\s*jinja2?\s*$/i.test(head)) parseJinja(file, body, firstLine, newBudget())
  // Cobbler's older notation for a snippet, which is read before anything else is.
  else parseCheetah(file, body.replace(/SNIPPET::([A-Za-z0-9_\-/.]+)/g, "$SNIPPET('$1')"), firstLine, newBudget())
}
