/** Every directive that Cheetah knows: those that are in the language here, and those that are refused by their names. */

const KNOWN = [
  'if',
  'else',
  'elif',
  'unless',
  'for',
  'while',
  'repeat',
  'set',
  'attr',
  'del',
  'silent',
  'echo',
  'slurp',
  'raw',
  'include',
  'pass',
  'break',
  'continue',
  'stop',
  'return',
  'def',
  'block',
  'capture',
  'import',
  'errorCatcher',
  'encoding',
  'end',
] as const
export type Directive = (typeof KNOWN)[number]

/** They reach into Python, into the host, or into Cheetah itself; install files have no use for them. */
const REFUSED: ReadonlySet<string> = new Set(
  (
    'from extends implements super cache filter transform call arg closure defmacro yield assert raise try ' +
    'except finally breakpoint compiler compiler-settings shBang i18n'
  ).split(' '),
)

const WORD = /#(@(?=[A-Za-z_])|[A-Za-z_][A-Za-z0-9_@-]*)/y

export interface FoundDirective {
  readonly name: string
  readonly known: Directive | undefined
}

/** A `#` is a directive only when one of these words follows it at once; comments of a shell stay what they are. */
export function directiveAt(source: string, at: number): FoundDirective | undefined {
  if (source.charAt(at - 1) === '\\') return undefined
  WORD.lastIndex = at
  const name = WORD.exec(source)?.[1]
  if (name === undefined) return undefined
  const known = (KNOWN as readonly string[]).includes(name) ? (name as Directive) : undefined
  return known || name === '@' || REFUSED.has(name) ? { name, known } : undefined
}
