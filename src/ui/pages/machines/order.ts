/** In which order machines stand, and how much of an order that is held would change if it were let go. */
import type { MachineRow } from '../../../model/machine-row.ts'
import { STAGES } from '../../../model/standing.ts'

export const SORTS = ['name', 'stage', 'power', 'custody', 'profile', 'mac', 'ip', 'boot', 'comment', 'since'] as const
export type SortKey = (typeof SORTS)[number]

export interface Sort {
  readonly key: SortKey
  readonly isDown: boolean
}

/** As it stands in the address: `-since`. */
export function parseSort(text: string | null): Sort {
  const isDown = text?.startsWith('-') === true
  const key = SORTS.find((one) => one === text?.replace(/^-/, ''))
  return key ? { key, isDown } : { key: 'name', isDown: false }
}

/** Undefined: as it is anyway. */
export function sortText({ key, isDown }: Sort): string | undefined {
  return key === 'name' && !isDown ? undefined : `${isDown ? '-' : ''}${key}`
}

const names = new Map<string, string>()

/** Digits are made so long that node10 comes behind node9; text comparison is fast, a collator's is not. */
export function nameKey(name: string): string {
  const known = names.get(name)
  if (known !== undefined) return known
  const key = name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'))
  if (names.size > 50_000) names.clear()
  names.set(name, key)
  return key
}

const KEYS: Readonly<Record<SortKey, (row: MachineRow) => string | number>> = {
  name: ({ name }) => nameKey(name),
  stage: ({ stage }) => STAGES.indexOf(stage),
  power: ({ power }) => power,
  custody: ({ custody, classes }) => `${custody} ${classes.join(' ')}`,
  profile: ({ profile }) => nameKey(profile),
  mac: ({ macs }) => macs[0] ?? '~',
  ip: ({ ip }) => (ip === '' ? '~' : nameKey(ip)),
  boot: ({ boot }) => boot?.verdict ?? '~',
  comment: ({ comment }) => comment.toLowerCase() || '~',
  since: ({ since }) => since,
}

/** Those that are alike stand in order of their names. */
export function sortRows(rows: Iterable<MachineRow>, { key, isDown }: Sort): readonly MachineRow[] {
  const keyOf = KEYS[key]
  const sign = isDown ? -1 : 1
  return Array.from(rows, (row) => ({ row, by: keyOf(row), name: nameKey(row.name) }))
    .sort((one, other) => {
      if (one.by !== other.by) return one.by < other.by ? -sign : sign
      return one.name < other.name ? -1 : one.name > other.name ? 1 : 0
    })
    .map(({ row }) => row)
}

/** Whether both stand at the same place of this order. */
export function isPlacedAlike(one: MachineRow, other: MachineRow, { key }: Sort): boolean {
  return one.name === other.name && KEYS[key](one) === KEYS[key](other)
}

/** How many machines would come, go or stand elsewhere. Of those that stay, as few as possible are counted as moved. */
export function changesBetween(held: readonly string[], live: readonly string[]): number {
  const places = new Map(live.map((uid, index) => [uid, index]))
  const kept = held.flatMap((uid) => places.get(uid) ?? [])
  const gone = held.length - kept.length
  const come = live.length - kept.length
  return gone + come + (kept.length - longestRise(kept))
}

/** Length of the longest rising subsequence (patience sorting). */
function longestRise(numbers: readonly number[]): number {
  const tails: number[] = []
  for (const number of numbers) {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((tails[middle] ?? 0) < number) low = middle + 1
      else high = middle
    }
    tails[low] = number
  }
  return tails.length
}
