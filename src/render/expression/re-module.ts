/** Python's `re`, the one module that templates may import: Cobbler's stock network snippets need it. */
import { type Given, taking } from './arguments.ts'
import { type Budget, spend, spendText } from './budget.ts'
import { Fault } from './fault.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import { type Anchor, runPattern, type Slots } from './pattern-run.ts'
import { textOf } from './text.ts'
import { dict, isInt, isThing, iterator, list, type Thing, thing, tuple, type Value } from './value.ts'

const IGNORECASE = 2n
const MULTILINE = 8n
const DOTALL = 16n

export function reModule(budget: Budget): Thing {
  /** The methods of a pattern, each as a function that takes the pattern first. */
  const shared = Object.keys(METHODS).map((name) => {
    const [params = ''] = METHODS[name] ?? []
    return [
      name,
      taking(`re.${name}`, `pattern ${params} flags?`, (given) =>
        run(name, patternOf(given.get('pattern'), given), given, budget),
      ),
    ] as const
  })
  return thing('re', {
    ...Object.fromEntries(shared),
    compile: taking('re.compile', 'pattern flags?', (given) => patternThing(compiled(given, budget), budget)),
    escape: taking('re.escape', 'text', (given) =>
      given
        .text('text')
        .replace(/[^\w]/g, '\\$&')
        .replace(/\\([!"%',/:;<=>@`])/g, '$1'),
    ),
    I: IGNORECASE,
    IGNORECASE,
    M: MULTILINE,
    MULTILINE,
    S: DOTALL,
    DOTALL,
  })

  function patternOf(value: Value, given: Given): Pattern {
    if (isThing(value)) {
      const known = patterns.get(value)
      if (known) return known
    }
    return compiled(given, budget)
  }
}

/** Which pattern a Thing stands for; templates cannot look inside. */
const patterns = new WeakMap<Thing, Pattern>()

function compiled(given: Given, budget: Budget): Pattern {
  const source = given.text('pattern')
  spendText(budget, source.length * 16)
  const flags = given.find('flags') ?? null
  const bits = flags !== null && isInt(flags) ? BigInt(flags) : 0n
  if ((bits & ~(IGNORECASE | MULTILINE | DOTALL)) !== 0n) throw new Fault('flags of re are I, M and S')
  return compilePattern(source, {
    ignoreCase: (bits & IGNORECASE) !== 0n,
    multiline: (bits & MULTILINE) !== 0n,
    dotAll: (bits & DOTALL) !== 0n,
  })
}

function patternThing(pattern: Pattern, budget: Budget): Thing {
  const methods = Object.entries(METHODS).map(([name, [params]]) => [
    name,
    taking(name, params, (given) => run(name, pattern, given, budget)),
  ])
  const made = thing('re.Pattern', { ...Object.fromEntries(methods), pattern: pattern.source })
  patterns.set(made, pattern)
  return made
}

type Method = readonly [params: string, run: (pattern: Pattern, given: Given, budget: Budget) => Value]

const METHODS: Readonly<Record<string, Method>> = {
  match: ['text', (pattern, given, budget) => first(pattern, given, 'here', budget)],
  search: ['text', (pattern, given, budget) => first(pattern, given, 'anywhere', budget)],
  fullmatch: ['text', (pattern, given, budget) => first(pattern, given, 'whole', budget)],
  findall: [
    'text',
    (pattern, given, budget) => {
      const text = given.text('text')
      return list(all(pattern, text, budget).map((slots) => whatFindallGives(text, slots)))
    },
  ],
  finditer: [
    'text',
    (pattern, given, budget) => {
      const text = given.text('text')
      return iterator(all(pattern, text, budget).map((slots) => matchThing(pattern, text, slots)))
    },
  ],
  sub: ['repl text count?', substitute],
  split: ['text maxsplit?', split],
}

function run(name: string, pattern: Pattern, given: Given, budget: Budget): Value {
  const method = METHODS[name]
  return method ? method[1](pattern, given, budget) : null
}

function first(pattern: Pattern, given: Given, anchor: Anchor, budget: Budget): Value {
  const text = given.text('text')
  const slots = runPattern(pattern, text, 0, anchor, budget)
  return slots ? matchThing(pattern, text, slots) : null
}

/** One after the other; an empty one moves on by a character, and none begins where the last ended empty. */
function all(pattern: Pattern, text: string, budget: Budget): Slots[] {
  const found: Slots[] = []
  let at = 0
  while (at <= text.length) {
    const slots = runPattern(pattern, text, at, 'anywhere', budget)
    if (!slots) break
    const [start = 0, end = 0] = slots
    found.push(slots)
    spend(budget, 1)
    at = end === start ? end + 1 : end
  }
  return found
}

function piece(text: string, slots: Slots, group: number): string | undefined {
  const [start, end] = [slots[group * 2], slots[group * 2 + 1]]
  return start === undefined || end === undefined ? undefined : text.slice(start, end)
}

function pieces(text: string, slots: Slots): (string | undefined)[] {
  return Array.from({ length: slots.length / 2 - 1 }, (_, index) => piece(text, slots, index + 1))
}

function whatFindallGives(text: string, slots: Slots): Value {
  const groups = pieces(text, slots).map((one) => one ?? '')
  if (groups.length === 0) return piece(text, slots, 0) ?? ''
  return groups.length === 1 ? (groups[0] ?? '') : tuple(groups)
}

function matchThing(pattern: Pattern, text: string, slots: Slots): Thing {
  const numberOf = (which: Value | undefined): number => {
    const number = typeof which === 'string' ? pattern.names.get(which) : which === undefined ? 0 : Number(which)
    if (number === undefined || !(number >= 0 && number <= pattern.groups)) throw new Fault('no such group')
    return number
  }
  const position = (offset: 0 | 1) => (given: Given) => BigInt(slots[numberOf(given.find('group')) * 2 + offset] ?? -1)
  return thing('re.Match', {
    group: taking('group', '...groups', ({ rest }) => {
      const [one = null, ...more] = rest.map((which) => piece(text, slots, numberOf(which)) ?? null)
      if (rest.length === 0) return piece(text, slots, 0) ?? ''
      return more.length === 0 ? one : tuple([one, ...more])
    }),
    groups: taking('groups', 'default?', (given) =>
      tuple(pieces(text, slots).map((one) => one ?? given.get('default'))),
    ),
    groupdict: taking('groupdict', 'default?', (given) =>
      dict([...pattern.names].map(([name, slot]) => [name, piece(text, slots, slot) ?? given.get('default')])),
    ),
    start: taking('start', 'group?', position(0)),
    end: taking('end', 'group?', position(1)),
    span: taking('span', 'group?', (given) => tuple([position(0)(given), position(1)(given)])),
  })
}

function substitute(pattern: Pattern, given: Given, budget: Budget): Value {
  const [text, most] = [given.text('text'), given.int('count', 0)]
  const template = given.text('repl')
  let made = ''
  let from = 0
  const found = all(pattern, text, budget)
  for (const slots of most > 0 ? found.slice(0, most) : found) {
    const [start = 0, end = 0] = slots
    made += text.slice(from, start) + expand(template, pattern, text, slots, budget)
    spendText(budget, made.length)
    from = end
  }
  return made + text.slice(from)
}

function expand(template: string, pattern: Pattern, text: string, slots: Slots, budget: Budget): string {
  return template.replace(/\\(?:g<(\w+)>|(\d)|([\s\S]))/g, (whole, named?: string, digit?: string, char?: string) => {
    if (char !== undefined) return { n: '\n', t: '\t', r: '\r', '\\': '\\' }[char] ?? whole
    const word = named ?? digit ?? ''
    const group = /^\d+$/.test(word) ? Number(word) : pattern.names.get(word)
    if (group === undefined || group > pattern.groups) throw new Fault(`invalid group reference ${word}`)
    return textOf(piece(text, slots, group) ?? '', budget)
  })
}

function split(pattern: Pattern, given: Given, budget: Budget): Value {
  const [text, most] = [given.text('text'), given.int('maxsplit', 0)]
  const parts: Value[] = []
  let from = 0
  const found = all(pattern, text, budget)
  for (const slots of most > 0 ? found.slice(0, most) : found) {
    const [start = 0, end = 0] = slots
    parts.push(text.slice(from, start), ...pieces(text, slots).map((one) => one ?? null))
    from = end
  }
  return list([...parts, text.slice(from)])
}
