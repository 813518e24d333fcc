/**
 * The lines of a template without the template's own signs, for a look at what is around them: a value that is put in is
 * one sign that stands for it, and lines of the language alone are gone. Line numbers stay.
 */
import type { Engine } from './includes.ts'

export interface SourceLine {
  readonly line: number
  readonly text: string
}

/** Stands for a value: of the private use area, so that no text has it by chance. */
export const VALUE = '\ue000'
/** Stands for a sign of the language that leaves nothing. */
const GONE = '\ue001'

/** What begins with `open` goes up to `close`; without a close, with the match itself. */
interface Sign {
  readonly open: RegExp
  readonly close?: string
  readonly by: string
}

const DIRECTIVES =
  '##*|if|unless|else|elif|for|while|repeat|end|set|def|block|raw|include|import|from|silent|echo|return|slurp|attr|del|capture|stop|pass|break|continue|errorCatcher|encoding'

const NOTATION: Readonly<Record<Engine | 'text', readonly Sign[]>> = {
  handlebars: [
    { open: /\{\{~?!--/g, close: '--', by: GONE },
    { open: /\{\{~?\s*(?:[#/>^!]|else\b)/g, close: '}}', by: GONE },
    { open: /\{\{\{?/g, close: '}}', by: VALUE },
  ],
  jinja: [
    { open: /\{#/g, close: '#}', by: GONE },
    { open: /\{%/g, close: '%}', by: GONE },
    { open: /\{\{/g, close: '}}', by: VALUE },
    { open: /^#template=.*/g, by: GONE },
  ],
  cheetah: [
    { open: /#\*/g, close: '*#', by: GONE },
    { open: /^#template=.*/g, by: GONE },
    { open: new RegExp(`^[ \\t]*#(?:${DIRECTIVES})(?!\\w).*`, 'gm'), by: GONE },
    { open: /^[ \t]*(?:\$SNIPPET\(.*\)|SNIPPET::\S+)[ \t\r]*$/gm, by: GONE },
    { open: /\$(?:\{[^}\n]{0,200}\}|[A-Za-z_][\w.]*(?:\([^()\n]{0,200}\)|\[[^\]\n]{0,200}\])?)/g, by: VALUE },
    { open: /@@[A-Za-z_][\w.-]{0,200}@@/g, by: VALUE },
  ],
  text: [],
}

/** What goes over several lines leaves as many. One pass, and one look for each close: a text may be somebody's attack. */
function replaceSign(text: string, { open, close, by }: Sign): string {
  const pieces: string[] = []
  let at = 0
  for (const found of text.matchAll(open)) {
    const { index } = found
    if (index < at) continue
    const isEscaped = text[index - 1] === '\\' && found[0].trimStart() === found[0]
    if (isEscaped) continue
    const closed = close === undefined ? index + found[0].length : text.indexOf(close, index + found[0].length)
    if (closed < 0) break
    let end = closed + (close?.length ?? 0)
    while (close !== undefined && /[~}]/.test(text[end] ?? '')) end++
    pieces.push(text.slice(at, index), by, '\n'.repeat(text.slice(index, end).split('\n').length - 1))
    at = end
  }
  return pieces.join('') + text.slice(at)
}

/** Without the lines that were nothing but signs of the language. Each may still end in a carriage return. */
export function sourceLines(engine: Engine | 'text', text: string): readonly SourceLine[] {
  const plain = NOTATION[engine].reduce(replaceSign, text)
  return plain.split('\n').flatMap((line, index) => {
    const rest = line.replaceAll(GONE, '')
    const isGone = rest !== line && rest.trim() === ''
    return isGone ? [] : [{ line: index + 1, text: rest }]
  })
}
