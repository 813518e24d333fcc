/**
 * What catches the eye in the lines of a template, whatever it is rendered with: preseed lines that debconf would not read,
 * backslashes that continue nothing, line ends of Windows, secrets bare in a shell.
 */
import type { Engine } from './includes.ts'
import { type SourceLine, sourceLines, VALUE } from './source-lines.ts'

export interface LintProblem {
  /** Undefined: of the file as a whole. */
  readonly line: number | undefined
  readonly severity: 'error' | 'warning'
  readonly message: string
}

export interface LintedText {
  readonly path: string
  readonly text: string
  readonly engine: Engine | 'text'
}

export function lintLines(one: LintedText): readonly LintProblem[] {
  const { engine, text } = one
  const lines = sourceLines(engine, text)
  return [
    ...windowsEnds(text),
    ...(isPreseed(one) ? preseedLines(lines) : []),
    ...(isPreseed(one) || isShell(one) ? backslashes(lines, isPreseed(one)) : []),
    ...(isShell(one) ? shellSecrets(text, engine) : []),
  ]
}

export function isShell({ path, text }: Pick<LintedText, 'path' | 'text'>): boolean {
  if (/^#!.*sh\b/.test(text)) return true
  return /\.sh$/.test(path) || (path.startsWith('cobbler/scripts/') && !text.startsWith('#!'))
}

function isPreseed({ path, text }: LintedText): boolean {
  return /\.(seed|preseed)$/.test(path) || (!isBootConfig(path) && /^d-i[ \t]/m.test(text))
}

const isBootConfig = (path: string): boolean => /^templates\/(pxelinux|grub|ipxe)\//.test(path)

const warning = (line: number, message: string): LintProblem => ({ line, severity: 'warning', message })

function windowsEnds(text: string): LintProblem[] {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => line.endsWith('\r'))
  if (first < 0) return []
  const count = lines.filter((line) => line.endsWith('\r')).length
  const how = count === 1 ? 'this line ends' : `${count} lines end`
  return [warning(first + 1, `${how} as in Windows (CR LF): installers and shells take the CR for a part of the value`)]
}

function backslashes(lines: readonly SourceLine[], isPreseed: boolean): LintProblem[] {
  return lines.flatMap(({ line, text }, index): LintProblem[] => {
    if (/^\s*#/.test(text)) return []
    if (/\\[ \t]+\r?$/.test(text)) return [warning(line, 'blanks after the backslash: it does not continue the line')]
    if (!/(^|[^\\])(\\\\)*\\\r?$/.test(text)) return []
    const next = lines[index + 1]
    const isLast = lines.slice(index + 1).every((after) => after.text.trim() === '')
    if (isLast)
      return [warning(line, 'a backslash at the end of the last line: nothing follows that it could continue')]
    if (isPreseed && /^\s*(#|$)/.test(next?.text ?? '')) {
      return [warning(line, 'a backslash before an empty line or a comment: that becomes part of the value')]
    }
    return []
  })
}

const TYPES = ['string', 'boolean', 'select', 'multiselect', 'note', 'text', 'password', 'title', 'error', 'seen']

/** The format of debconf-set-selections(1): owner, question, type, value; a backslash continues a line. */
function preseedLines(lines: readonly SourceLine[]): LintProblem[] {
  const problems: LintProblem[] = []
  for (let at = 0; at < lines.length; at++) {
    const { line, text } = lines[at] ?? { line: 0, text: '' }
    let whole = text
    while (whole.trimEnd().endsWith('\\') && !/^\s*#/.test(whole) && at + 1 < lines.length) {
      whole = `${whole.trimEnd().slice(0, -1)} ${lines[++at]?.text ?? ''}`
    }
    const because = preseedFault(whole.trim())
    if (because !== undefined) problems.push(warning(line, because))
  }
  return problems
}

/** What is wrong with one line; nothing is known of one that begins with a value. */
function preseedFault(line: string): string | undefined {
  if (line === '' || line.startsWith('#') || line.startsWith(VALUE)) return undefined
  const [owner = '', question, type, ...value] = line.split(/\s+/)
  const rest = value.join(' ')
  const say = (because: string) => `debconf does not read this line (OWNER QUESTION TYPE VALUE): ${because}`
  if (!owner.includes(VALUE) && !/^[A-Za-z0-9][A-Za-z0-9.+-]*$/.test(owner)) {
    return say(`"${shown(owner)}" is no name of a package`)
  }
  if (question === undefined) return say('it has no question')
  if (!question.includes('/') && !question.includes(VALUE))
    return say(`"${shown(question)}" is no question, which has a / in it`)
  if (type === undefined) return say(`"${shown(question)}" has no type`)
  if (type.includes(VALUE)) return undefined
  if (!TYPES.includes(type)) return say(`"${shown(type)}" is no type; there are ${TYPES.join(', ')}`)
  if (type === 'boolean' && !rest.includes(VALUE) && rest !== 'true' && rest !== 'false') {
    return say(`"${shown(question)}" is true or false`)
  }
  return undefined
}

const shown = (word: string): string => word.replaceAll(VALUE, '…').slice(0, 60)

const SECRET = /pass(w(or)?d|phrase)?(_|$)|password|secret|token|credential|(api|private|management)_?key/i

/** A secret may have any sign in it: bare, the shell splits it, or runs it. */
function shellSecrets(text: string, engine: Engine | 'text'): LintProblem[] {
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*#/.test(line)) return []
    const bare = engine === 'handlebars' || engine === 'jinja' ? bareMustaches(line, engine) : []
    const variables = bareVariables(line).map((name) => `"$${name}" looks like a secret: put it in double quotes`)
    return [...bare, ...variables].map((message) => warning(index + 1, message))
  })
}

function bareMustaches(line: string, engine: 'handlebars' | 'jinja'): string[] {
  return [...line.matchAll(/\{\{\{?\s*([A-Za-z_][\w.]*)\s*\}\}/g)].flatMap(([, name = '']) => {
    if (!SECRET.test(name)) return []
    const instead = engine === 'handlebars' ? `{{shell ${name}}}` : 'a form that the shell does not split'
    return [`"${name}" looks like a secret, bare in a shell: write ${instead}`]
  })
}

/** Names of variables outside of all quotes; in an assignment the shell does not split. */
function bareVariables(line: string): string[] {
  const found: string[] = []
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at)
    if (char === '\\' && quote !== "'") at++
    else if (char === quote) quote = ''
    else if (quote === '' && (char === "'" || char === '"')) quote = char
    else if (char === '$' && quote === '') {
      const name = /^\$\{?([A-Za-z_]\w*)/.exec(line.slice(at))?.[1]
      const isAssigned = /^\s*((export|local|readonly)\s+)?[A-Za-z_]\w*=$/.test(line.slice(0, at))
      if (name !== undefined && SECRET.test(name) && !isAssigned) found.push(name)
    }
  }
  return found
}
