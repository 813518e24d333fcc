/** Python's methods of text: those that install files use, and their neighbors. */
import { type Given, taking } from './arguments.ts'
import { formatBraces } from './brace-format.ts'
import { type Budget, spend, spendSearch, spendText } from './budget.ts'
import { Fault } from './fault.ts'
import { characters, each, isList, isTrue, list, tuple, typeName, type Value } from './value.ts'

/** What Python takes for a blank, and for the end of a line. */
const BLANK = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const BLANKS = new RegExp(`[${BLANK}]+`, 'u')
const LEADING = new RegExp(`^[${BLANK}]+`, 'u')
const TRAILING = new RegExp(`[${BLANK}]+$`, 'u')
const LINE_END = /\r\n|[\n-\r\x1c-\x1e\x85\u2028\u2029]/u

type Method = readonly [params: string, run: (text: string, given: Given, budget: Budget) => Value]

/** Undefined for a method that there is not. */
export function stringMethod(text: string, name: string, budget: Budget): Value | undefined {
  const [params, run] = (Object.hasOwn(METHODS, name) && METHODS[name]) || []
  if (params === undefined || !run) return undefined
  return taking(name, params, (given) => {
    spendSearch(budget, text.length, longest(given))
    return run(text, given, budget)
  })
}

function longest({ all }: Given): number {
  return Math.max(0, ...all.slice(0, 5).map((value) => (typeof value === 'string' ? value.length : 0)))
}

const METHODS: Readonly<Record<string, Method>> = {
  upper: ['', (text) => text.toUpperCase()],
  lower: ['', (text) => text.toLowerCase()],
  casefold: ['', (text) => text.toLowerCase()],
  swapcase: ['', (text) => text.replace(/\p{L}/gu, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()))],
  capitalize: ['', (text) => capitalize(text)],
  title: ['', (text) => text.replace(/\p{L}+/gu, capitalize)],
  strip: ['chars?', (text, given) => stripEnd(stripStart(text, given), given)],
  lstrip: ['chars?', stripStart],
  rstrip: ['chars?', stripEnd],
  split: ['sep? maxsplit?', (text, given, budget) => list(split(text, given, false, budget))],
  rsplit: ['sep? maxsplit?', (text, given, budget) => list(split(text, given, true, budget))],
  splitlines: ['keepends?', (text, given) => list(lines(text, isTrue(given.get('keepends'))))],
  partition: ['sep', (text, given) => partition(text, given, text.indexOf(separator(given)), false)],
  rpartition: ['sep', (text, given) => partition(text, given, text.lastIndexOf(separator(given)), true)],
  join: ['items', (text, given, budget) => join(text, given.get('items'), budget)],
  replace: ['old new count?', replace],
  startswith: [
    'prefix start? end?',
    (text, given) => affixes(given, 'prefix').some((one) => part(text, given).startsWith(one)),
  ],
  endswith: [
    'suffix start? end?',
    (text, given) => affixes(given, 'suffix').some((one) => part(text, given).endsWith(one)),
  ],
  removeprefix: [
    'prefix',
    (text, given) => (text.startsWith(given.text('prefix')) ? text.slice(given.text('prefix').length) : text),
  ],
  removesuffix: [
    'suffix',
    (text, given) => {
      const suffix = given.text('suffix')
      return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text
    },
  ],
  find: ['sub start? end?', (text, given) => BigInt(find(text, given, false))],
  rfind: ['sub start? end?', (text, given) => BigInt(find(text, given, true))],
  index: ['sub start? end?', (text, given) => found(find(text, given, false))],
  rindex: ['sub start? end?', (text, given) => found(find(text, given, true))],
  count: ['sub start? end?', (text, given) => BigInt(count(part(text, given), given.text('sub')))],
  isdigit: ['', (text) => /^\p{Nd}+$/u.test(text)],
  isdecimal: ['', (text) => /^\p{Nd}+$/u.test(text)],
  isnumeric: ['', (text) => /^\p{N}+$/u.test(text)],
  isalpha: ['', (text) => /^\p{L}+$/u.test(text)],
  isalnum: ['', (text) => /^[\p{L}\p{N}]+$/u.test(text)],
  isspace: ['', (text) => text !== '' && text.replace(BLANKS, '') === ''],
  isupper: ['', (text) => /\p{Lu}/u.test(text) && !/\p{Ll}/u.test(text)],
  islower: ['', (text) => /\p{Ll}/u.test(text) && !/\p{Lu}/u.test(text)],
  zfill: ['width', (text, given, budget) => fill(text, given.int('width'), budget, zeros)],
  ljust: [
    'width fill?',
    (text, given, budget) => fill(text, given.int('width'), budget, (n) => text + filler(given).repeat(n)),
  ],
  rjust: [
    'width fill?',
    (text, given, budget) => fill(text, given.int('width'), budget, (n) => filler(given).repeat(n) + text),
  ],
  center: [
    'width fill?',
    (text, given, budget) => fill(text, given.int('width'), budget, (n) => centered(text, n, given)),
  ],
  expandtabs: ['tabsize?', (text, given, budget) => expandTabs(text, given.int('tabsize', 8), budget)],
  format: ['...values ...named', (text, given, budget) => formatBraces(text, given, budget)],
}

export function capitalize(text: string): string {
  const [first = ''] = text
  return first.toUpperCase() + text.slice(first.length).toLowerCase()
}

function stripStart(text: string, given: Given): string {
  const chars = given.text('chars', '')
  if (given.find('chars') === undefined || given.get('chars') === null) return text.replace(LEADING, '')
  let at = 0
  while (at < text.length && chars.includes(text.charAt(at))) at++
  return text.slice(at)
}

function stripEnd(text: string, given: Given): string {
  const chars = given.text('chars', '')
  if (given.find('chars') === undefined || given.get('chars') === null)
    return text.slice(0, text.length - trailing(text))
  let at = text.length
  while (at > 0 && chars.includes(text.charAt(at - 1))) at--
  return text.slice(0, at)
}

/** Not by one expression: a search for blanks at the end takes the square of their number when there are many inside. */
function trailing(text: string): number {
  let at = text.length
  while (at > 0 && TRAILING.test(text.charAt(at - 1))) at--
  return text.length - at
}

export function words(text: string): string[] {
  return text.split(BLANKS).filter((word) => word !== '')
}

function split(text: string, given: Given, fromEnd: boolean, budget: Budget): string[] {
  const most = given.int('maxsplit', -1)
  const sep = given.find('sep') ?? null
  if (sep === null) return splitWords(text, most, fromEnd)
  if (typeof sep !== 'string') throw new Fault(`must be str or None, not ${typeName(sep)}`)
  if (sep === '') throw new Fault('empty separator')
  const parts = text.split(sep)
  spend(budget, parts.length)
  if (most < 0 || parts.length <= most + 1) return parts
  return fromEnd
    ? [parts.slice(0, parts.length - most).join(sep), ...parts.slice(parts.length - most)]
    : [...parts.slice(0, most), parts.slice(most).join(sep)]
}

function splitWords(text: string, most: number, fromEnd: boolean): string[] {
  const all = words(text)
  if (most < 0 || all.length <= most) return all
  if (fromEnd) {
    let rest = text.slice(0, text.length - trailing(text))
    for (const word of all.slice(all.length - most).reverse()) {
      rest = rest.slice(0, rest.length - word.length)
      rest = rest.slice(0, rest.length - trailing(rest))
    }
    return rest === '' ? all : [rest, ...all.slice(all.length - most)]
  }
  let rest = text.replace(LEADING, '')
  for (const word of all.slice(0, most)) rest = rest.slice(word.length).replace(LEADING, '')
  return rest === '' ? all : [...all.slice(0, most), rest]
}

function lines(text: string, keepEnds: boolean): string[] {
  const made: string[] = []
  let rest = text
  for (let end = LINE_END.exec(rest); end; end = LINE_END.exec(rest)) {
    made.push(rest.slice(0, end.index + (keepEnds ? end[0].length : 0)))
    rest = rest.slice(end.index + end[0].length)
  }
  return rest === '' ? made : [...made, rest]
}

function separator(given: Given): string {
  const sep = given.text('sep')
  if (sep === '') throw new Fault('empty separator')
  return sep
}

function partition(text: string, given: Given, at: number, fromEnd: boolean): Value {
  const sep = separator(given)
  if (at < 0) return tuple(fromEnd ? ['', '', text] : [text, '', ''])
  return tuple([text.slice(0, at), sep, text.slice(at + sep.length)])
}

export function join(by: string, items: Value, budget: Budget): string {
  const parts: string[] = []
  let length = 0
  for (const one of each(items)) {
    if (typeof one !== 'string') throw new Fault(`join() needs texts; item ${parts.length} is a ${typeName(one)}`)
    length += one.length + by.length
    spendText(budget, length)
    parts.push(one)
  }
  return parts.join(by)
}

function replace(text: string, given: Given, budget: Budget): string {
  const [old, fresh, most] = [given.text('old'), given.text('new'), given.int('count', -1)]
  const parts = old === '' ? ['', ...text, ''] : text.split(old)
  const times = most < 0 ? parts.length - 1 : Math.min(most, parts.length - 1)
  spendText(budget, text.length + times * fresh.length)
  if (old === '' && times < parts.length - 1) {
    return parts.map((one, index) => one + (index < times ? fresh : '')).join('')
  }
  return [parts.slice(0, times + 1).join(fresh), ...parts.slice(times + 1)].join(old)
}

function affixes(given: Given, name: string): string[] {
  const value = given.get(name)
  const all = isList(value) && value.kind === 'tuple' ? value.items : [value]
  if (all.length > 1000) throw new Fault(`too many texts for ${name}`)
  return all.map((one) => {
    if (typeof one === 'string') return one
    throw new Fault(`${name} must be a text or a tuple of texts, not ${typeName(one)}`)
  })
}

function bounds(text: string, given: Given): [number, number] {
  const length = text.length
  const placed = (at: number) => Math.min(Math.max(at < 0 ? at + length : at, 0), length)
  return [placed(given.int('start', 0)), placed(given.int('end', length))]
}

function part(text: string, given: Given): string {
  return text.slice(...bounds(text, given))
}

function find(text: string, given: Given, fromEnd: boolean): number {
  const [start, end] = bounds(text, given)
  const within = text.slice(start, end)
  const at = fromEnd ? within.lastIndexOf(given.text('sub')) : within.indexOf(given.text('sub'))
  return at < 0 || start > end ? -1 : characters(text.slice(0, start + at)).length
}

function found(at: number): Value {
  if (at < 0) throw new Fault('substring not found')
  return BigInt(at)
}

function count(text: string, sub: string): number {
  return sub === '' ? characters(text).length + 1 : text.split(sub).length - 1
}

function fill(text: string, width: number, budget: Budget, make: (missing: number, text: string) => string): string {
  const gap = width - characters(text).length
  if (gap <= 0) return text
  spendText(budget, width)
  return make(gap, text)
}

function filler(given: Given): string {
  const one = given.text('fill', ' ')
  if ([...one].length !== 1) throw new Fault('The fill character must be exactly one character long')
  return one
}

function zeros(gap: number, text: string): string {
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  return sign + '0'.repeat(gap) + text.slice(sign.length)
}

function centered(text: string, gap: number, given: Given): string {
  // Python puts the odd one to the left when the width is odd.
  const left = Math.floor(gap / 2) + (gap & (characters(text).length + gap) & 1)
  return filler(given).repeat(left) + text + filler(given).repeat(gap - left)
}

function expandTabs(text: string, size: number, budget: Budget): string {
  spendText(budget, text.length * Math.max(size, 1))
  let column = 0
  return text.replace(/\t|[\n\r]|[^\t\n\r]+/g, (piece) => {
    if (piece === '\t') {
      const gap = size <= 0 ? 0 : size - (column % size)
      column += gap
      return ' '.repeat(gap)
    }
    column = piece === '\n' || piece === '\r' ? 0 : column + characters(piece).length
    return piece
  })
}
