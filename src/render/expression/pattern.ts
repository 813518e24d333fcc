/**
 * Regular expressions as Python's `re` reads them, into a small program. Own, because JavaScript's can be made to run for
 * years by a few characters; pattern-run.ts takes time in proportion to the text. No back references, no lookaround.
 */
import { Fault } from './fault.ts'

export type Instruction =
  | { readonly op: 'char'; readonly test: (char: string) => boolean }
  | { readonly op: 'assert'; readonly test: (text: string, at: number) => boolean }
  | { readonly op: 'save'; readonly slot: number }
  /** Both ways on; the first is preferred. */
  | { readonly op: 'split'; first: number; second: number }
  | { op: 'jump'; to: number }
  | { readonly op: 'match' }

export interface Pattern {
  readonly source: string
  readonly program: readonly Instruction[]
  readonly groups: number
  readonly names: ReadonlyMap<string, number>
}

export interface Flags {
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
}

/** A node of the expression: adds its instructions to a program. */
type Emit = (into: Instruction[]) => void
type Test = (char: string) => boolean

const MOST_INSTRUCTIONS = 2_000
const MOST_DEPTH = 50

export function compilePattern(source: string, given: Flags): Pattern {
  let at = 0
  let groups = 0
  let depth = 0
  const names = new Map<string, number>()
  const global = /^\(\?([ims]+)\)/.exec(source)
  if (global) at = global[0].length
  const flags = {
    ignoreCase: given.ignoreCase || (global?.[1] ?? '').includes('i'),
    multiline: given.multiline || (global?.[1] ?? '').includes('m'),
    dotAll: given.dotAll || (global?.[1] ?? '').includes('s'),
  }

  const whole = alternatives()
  if (at < source.length) throw fault('unbalanced parenthesis')
  const program: Instruction[] = []
  group(0, whole)(program)
  program.push({ op: 'match' })
  return { source, program, groups, names }

  function alternatives(): Emit {
    if (++depth > MOST_DEPTH) throw fault('it is nested too deep')
    const options = [sequence()]
    while (source[at] === '|') {
      at++
      options.push(sequence())
    }
    depth--
    return options.reduceRight((rest, option) => either(option, rest))
  }

  function sequence(): Emit {
    const parts: Emit[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(repeated(atom()))
    return (into) => {
      for (const part of parts) part(into)
    }
  }

  function repeated(one: Emit): Emit {
    const counted = /^(?:[*+?]|\{(\d+)?(,(\d+)?)?\})/.exec(source.slice(at, at + 20))
    const sign = counted?.[0]
    // `{` and `{,}` without numbers are plain text.
    if (sign === undefined || sign === '{}' || sign === '{,}') return one
    at += sign.length
    const greedy = source[at] !== '?'
    if (!greedy) at++
    if (/^[*+]/.test(source.slice(at))) throw fault('multiple repeat')
    const least = sign === '+' ? 1 : Number(counted?.[1] ?? 0)
    const most =
      sign === '?'
        ? 1
        : sign.length === 1 || (counted?.[2] && !counted[3])
          ? undefined
          : Number(counted?.[3] ?? counted?.[1])
    if (most !== undefined && most < least) throw fault('min repeat greater than max repeat')
    return (into) => {
      for (let i = 0; i < least; i++) checked(into, one)
      if (most === undefined) loop(into, one, greedy)
      else optional(into, one, most - least, greedy)
    }
  }

  function checked(into: Instruction[], one: Emit): void {
    one(into)
    if (into.length > MOST_INSTRUCTIONS) throw fault('it is too long')
  }

  function loop(into: Instruction[], one: Emit, greedy: boolean): void {
    const start = into.length
    const split: Instruction = { op: 'split', first: 0, second: 0 }
    into.push(split)
    checked(into, one)
    into.push({ op: 'jump', to: start })
    split.first = greedy ? start + 1 : into.length
    split.second = greedy ? into.length : start + 1
  }

  function optional(into: Instruction[], one: Emit, times: number, greedy: boolean): void {
    const splits: { first: number; second: number }[] = []
    for (let i = 0; i < times; i++) {
      const split = { op: 'split' as const, first: into.length + 1, second: into.length + 1 }
      into.push(split)
      splits.push(split)
      checked(into, one)
    }
    for (const split of splits) {
      if (greedy) split.second = into.length
      else split.first = into.length
    }
  }

  function atom(): Emit {
    const char = source.charAt(at++)
    switch (char) {
      case '.':
        return matching((one) => flags.dotAll || one !== '\n')
      case '^':
        return asserting((text, i) => i === 0 || (flags.multiline && text[i - 1] === '\n'))
      case '$':
        return asserting((text, i) => isLineEnd(text, i, flags.multiline))
      case '(':
        return parenthesis()
      case '[':
        return matching(characterClass())
      case '\\':
        return escaped()
      case '*':
      case '+':
      case '?':
        throw fault('nothing to repeat')
      default:
        return literal(char)
    }
  }

  function parenthesis(): Emit {
    const special = /^\?(?::|P<([A-Za-z_]\w*)>)/.exec(source.slice(at))
    if (source[at] === '?' && !special) throw fault(`(${source.slice(at, at + 3)}…) is not in the language`)
    at += special?.[0].length ?? 0
    const slot = special && special[1] === undefined ? undefined : ++groups
    if (special?.[1] !== undefined && slot !== undefined) names.set(special[1], slot)
    const inside = alternatives()
    if (source[at++] !== ')') throw fault('missing ), unterminated subpattern')
    return slot === undefined ? inside : group(slot, inside)
  }

  function escaped(): Emit {
    const char = source.charAt(at++)
    if (char === '') throw fault('bad escape (end of pattern)')
    if (char === 'A') return asserting((_, i) => i === 0)
    if (char === 'Z') return asserting((text, i) => i === text.length)
    if (char === 'b') return asserting(isWordEdge)
    if (char === 'B') return asserting((text, i) => !isWordEdge(text, i))
    if (/[1-9]/.test(char)) throw fault('back references are not in the language')
    return CLASSES[char] ? matching(CLASSES[char]) : literal(escapedChar(char))
  }

  function escapedChar(char: string): string {
    const hex = { x: 2, u: 4 }[char]
    if (hex !== undefined) {
      const digits = source.slice(at, at + hex)
      if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length < hex) throw fault(`incomplete escape \\${char}`)
      at += hex
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    if (char === '0') return '\0'
    if (/[a-zA-Z]/.test(char) && !CONTROLS[char]) throw fault(`bad escape \\${char}`)
    return CONTROLS[char] ?? char
  }

  function characterClass(): Test {
    const negated = source[at] === '^'
    if (negated) at++
    const tests: Test[] = []
    for (let first = true; first || source[at] !== ']'; first = false) {
      if (at >= source.length) throw fault('unterminated character set')
      const from = classItem()
      if (typeof from !== 'string' || source[at] !== '-' || source[at + 1] === ']' || at + 1 >= source.length) {
        tests.push(typeof from === 'string' ? same(from) : from)
        continue
      }
      at++
      const to = classItem()
      if (typeof to !== 'string' || to < from) throw fault('bad character range')
      tests.push(folded((one) => one >= from && one <= to))
    }
    at++
    return (char) => tests.some((test) => test(char)) !== negated
  }

  function classItem(): string | Test {
    const char = source.charAt(at++)
    if (char !== '\\') return char
    const next = source.charAt(at++)
    if (next === 'b') return '\b'
    return CLASSES[next] ?? escapedChar(next)
  }

  function literal(char: string): Emit {
    return matching(same(char))
  }

  function same(char: string): Test {
    return folded((one) => one === char, char)
  }

  /** In either case, when case does not count. */
  function folded(test: Test, char = ''): Test {
    if (!flags.ignoreCase) return test
    const lower = char.toLowerCase()
    return (one) =>
      test(one) || test(one.toLowerCase()) || test(one.toUpperCase()) || (char !== '' && one.toLowerCase() === lower)
  }

  function fault(because: string): Fault {
    return new Fault(`the regular expression "${source.slice(0, 60)}": ${because}`)
  }
}

function group(slot: number, inside: Emit): Emit {
  return (into) => {
    into.push({ op: 'save', slot: slot * 2 })
    inside(into)
    into.push({ op: 'save', slot: slot * 2 + 1 })
  }
}

function either(first: Emit, second: Emit): Emit {
  return (into) => {
    const split: Instruction = { op: 'split', first: into.length + 1, second: 0 }
    into.push(split)
    first(into)
    const jump: Instruction = { op: 'jump', to: 0 }
    into.push(jump)
    split.second = into.length
    second(into)
    jump.to = into.length
  }
}

function matching(test: Test): Emit {
  return (into) => void into.push({ op: 'char', test })
}

function asserting(test: (text: string, at: number) => boolean): Emit {
  return (into) => void into.push({ op: 'assert', test })
}

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', a: '\x07' }

const isWord = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_]/u.test(char)

const CLASSES: Readonly<Record<string, Test>> = {
  d: (char) => /\p{Nd}/u.test(char),
  D: (char) => !/\p{Nd}/u.test(char),
  w: isWord,
  W: (char) => !isWord(char),
  s: (char) => /\s/.test(char),
  S: (char) => !/\s/.test(char),
}

function isWordEdge(text: string, at: number): boolean {
  return isWord(text[at - 1]) !== isWord(text[at])
}

/** Python's $ also matches before a line break that ends the text. */
function isLineEnd(text: string, at: number, multiline: boolean): boolean {
  return at === text.length || (text[at] === '\n' && (multiline || at === text.length - 1))
}
