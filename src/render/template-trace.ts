/**
 * A template's text with, for each line, the file and the line that it comes from and the names that are printed in it. The
 * text is made by template.ts's own program once more, with signs in it that are taken out again.
 */
import { OrchestraError } from '../model/errors.ts'
import { compileText, type Data, renderTemplate, renderWith, type Template } from './template.ts'

/** A place in a template that has a part in a line. */
export interface TracedPlace {
  readonly path: string
  readonly line: number
  /** What is printed there: `meta.locale`. */
  readonly names: readonly string[]
}

export interface TracedLine {
  readonly text: string
  readonly at: readonly TracedPlace[]
}

/** What no text of a template holds: it would be refused by a shell, and by a kernel. */
const SIGN = /\0(\d+)\0/g

/**
 * The lines of renderTemplate's text, which joined by line breaks are that text, byte for byte; without any place when the
 * signs cannot be told from it. @throws OrchestraError template.invalid
 */
export function traceTemplate(template: Template, data: Data): TracedLine[] {
  const text = renderTemplate(template, data)
  const places: TracedPlace[] = []
  const compile = (path: string, source: string) =>
    compileText(path, source, (line, names) => `\0${places.push({ path, line, names }) - 1}\0`)
  const marked = markedText(() => renderWith(compile, template, data))
  if (text.includes('\0') || marked?.replace(SIGN, '') !== text)
    return text.split('\n').map((line) => ({ text: line, at: [] }))
  return marked.split('\n').map((line) => ({
    text: line.replace(SIGN, ''),
    at: together(Array.from(line.matchAll(SIGN), ([, index]) => places[Number(index)])),
  }))
}

/** Signs take room, and a rendering has an end: undefined when it was theirs that was reached. */
function markedText(render: () => string): string | undefined {
  try {
    return render()
  } catch (error) {
    if (error instanceof OrchestraError) return undefined
    throw error
  }
}

/** Each line of each file once, with all names. */
function together(places: readonly (TracedPlace | undefined)[]): TracedPlace[] {
  const found = new Map<string, TracedPlace>()
  for (const place of places) {
    if (!place) continue
    const key = `${place.line} ${place.path}`
    const names = new Set([...(found.get(key)?.names ?? []), ...place.names])
    found.set(key, { ...place, names: [...names] })
  }
  return [...found.values()]
}
