/**
 * What people type to find machines: words that a row has somewhere, and `key:value` for one thing of it; `-` before it means
 * "not", `*` and `?` stand for what is not known, quotes hold spaces together. All of it must be true of a row.
 */
import type { MachineRow } from '../../../model/machine-row.ts'

/** What is asked of a machine by its key: the texts that it has there. */
const KEYS: Readonly<Record<string, (row: MachineRow) => readonly string[]>> = {
  name: ({ name }) => [name],
  stage: ({ stage }) => [stage],
  power: ({ power }) => [power],
  class: ({ classes }) => classes,
  custody: ({ custody }) => [custody],
  profile: ({ profile }) => [profile],
  mac: ({ macs }) => macs,
  ip: ({ ip }) => [ip],
  hostname: ({ hostname }) => [hostname],
  arch: ({ arch }) => [arch ?? ''],
  netboot: ({ netboot }) => [netboot ? 'on' : 'off'],
  verdict: ({ boot }) => [boot?.verdict ?? ''],
  driver: ({ powerType }) => [powerType],
  comment: ({ comment }) => [comment],
}
export const SEARCH_KEYS: readonly string[] = Object.keys(KEYS)

/** Where the whole text must be the value; elsewhere a part of it is enough. */
const WHOLE = new Set(['stage', 'power', 'class', 'custody', 'profile', 'arch', 'netboot', 'verdict', 'driver'])

interface Term {
  readonly key: string | undefined
  readonly isNot: boolean
  readonly fits: (row: MachineRow) => boolean
}

export interface Search {
  readonly terms: readonly Term[]
  /** Keys that there are not, as they were typed. */
  readonly unknown: readonly string[]
}

export function parseSearch(text: string): Search {
  const terms: Term[] = []
  const unknown: string[] = []
  for (const word of wordsOf(text)) {
    const isNot = word.startsWith('-') && word.length > 1
    const bare = isNot ? word.slice(1) : word
    const [, key, value = ''] = /^([a-z]+):(.*)$/is.exec(bare) ?? []
    const known = key?.toLowerCase()
    const textsOf = known === undefined ? undefined : KEYS[known]
    if (known !== undefined && textsOf) {
      // A key whose value is not typed yet asks for nothing.
      if (value === '') continue
      const fits = matcher(unquoted(value).toLowerCase(), WHOLE.has(known))
      const has = (row: MachineRow) => textsOf(row).some((one) => fits(one.toLowerCase()))
      terms.push({ key: known, isNot, fits: isNot ? (row) => !has(row) : has })
      continue
    }
    // MAC addresses have colons too.
    if (key !== undefined && !/^[0-9a-f]{2}$/i.test(key)) unknown.push(key)
    const fits = matcher(unquoted(bare).toLowerCase(), false)
    terms.push({ key: undefined, isNot, fits: (row) => fits(wholeTextOf(row)) !== isNot })
  }
  return { terms, unknown }
}

export function matches({ terms }: Search, row: MachineRow): boolean {
  for (const { fits } of terms) if (!fits(row)) return false
  return true
}

/** The words of a search as they were typed, quotes and all. */
export function wordsOf(text: string): string[] {
  return text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? []
}

/** The search with this word in it, or without it where it is there; words that say something else of the same key go. */
export function withTerm(text: string, key: string, value: string | undefined): string {
  const others = wordsOf(text).filter((word) => !word.toLowerCase().startsWith(`${key}:`))
  return (value === undefined ? others : [...others, termOf(key, value)]).join(' ')
}

/** What the search says of this key without a "not". */
export function termValue(text: string, key: string): string | undefined {
  const word = wordsOf(text).findLast((one) => one.toLowerCase().startsWith(`${key}:`))
  return word && unquoted(word.slice(key.length + 1))
}

export function termOf(key: string, value: string): string {
  return `${key}:${/\s/.test(value) ? `"${value}"` : value}`
}

function unquoted(word: string): string {
  return word.replaceAll('"', '')
}

function matcher(wanted: string, isWhole: boolean): (text: string) => boolean {
  if (/[*?]/.test(wanted)) {
    const source = wanted
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replaceAll('?', '.')
    const pattern = new RegExp(`^${source}$`, 's')
    return (text) => pattern.test(text)
  }
  return isWhole ? (text) => text === wanted : (text) => text.includes(wanted)
}

const texts = new WeakMap<MachineRow, string>()

/** All that a word may be found in; a line break keeps neighbours apart. */
function wholeTextOf(row: MachineRow): string {
  const known = texts.get(row)
  if (known !== undefined) return known
  const { name, macs, ip, hostname, profile, classes, stage, boot, comment } = row
  const text = [name, ...macs, ip, hostname, profile, ...classes, stage, boot?.verdict ?? '', comment].join('\n')
  const lower = text.toLowerCase()
  texts.set(row, lower)
  return lower
}

/** What could stand in place of the last word: keys, and values that machines have. The whole search each. */
export function completions(text: string, rows: readonly MachineRow[], most = 10): string[] {
  const last = /\S*$/.exec(text)?.[0] ?? ''
  const before = text.slice(0, text.length - last.length)
  const sign = last.startsWith('-') ? '-' : ''
  const bare = last.slice(sign.length)
  const colon = bare.indexOf(':')
  if (bare === '') return []
  if (colon < 0) {
    return SEARCH_KEYS.filter((key) => key.startsWith(bare.toLowerCase())).map((key) => `${before}${sign}${key}:`)
  }
  const key = bare.slice(0, colon).toLowerCase()
  const textsOf = KEYS[key]
  if (!textsOf) return []
  const begun = unquoted(bare.slice(colon + 1)).toLowerCase()
  const counts = new Map<string, number>()
  for (const row of rows) {
    for (const value of textsOf(row)) {
      const lower = value.toLowerCase()
      // What is there in full needs no offer.
      if (lower !== begun && lower.startsWith(begun)) counts.set(value, (counts.get(value) ?? 0) + 1)
    }
  }
  return [...counts]
    .sort(([one, many], [other, more]) => more - many || (one < other ? -1 : 1))
    .slice(0, most)
    .map(([value]) => `${before}${sign}${termOf(key, value)} `)
}
