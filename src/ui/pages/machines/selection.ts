/** Which machines are chosen, by uid; and how that stands in the address, so that a copied link chooses the same. */
import type { MachineRow } from '../../../model/machine-row.ts'

export type Selection = ReadonlySet<string>

export const NOBODY: Selection = new Set()

export function toggled(selection: Selection, uid: string): Selection {
  const next = new Set(selection)
  if (!next.delete(uid)) next.add(uid)
  return next
}

/** From the one that was chosen last to this one, as they stand. */
export function withRange(
  selection: Selection,
  order: readonly string[],
  from: string | undefined,
  to: string,
): Selection {
  const [start, end] = [order.indexOf(from ?? to), order.indexOf(to)].sort((one, other) => one - other)
  if (start === undefined || end === undefined || start < 0) return toggled(selection, to)
  return new Set([...selection, ...order.slice(start, end + 1)])
}

/** More names than a link should carry. */
const MOST_NAMES = 100

/** `*`: all that the search finds. Undefined: nobody, or too many to name. */
export function selectionText(selection: Selection, rows: ReadonlyMap<string, MachineRow>, found: readonly string[]) {
  if (selection.size === 0) return undefined
  if (selection.size === found.length && found.every((uid) => selection.has(uid))) return '*'
  if (selection.size > MOST_NAMES) return undefined
  return [...selection]
    .flatMap((uid) => rows.get(uid)?.name ?? [])
    .sort()
    .join(',')
}

export function parseSelection(text: string | null, rows: Iterable<MachineRow>, found: readonly string[]): Selection {
  if (text === null || text === '') return NOBODY
  if (text === '*') return new Set(found)
  const names = new Set(text.split(','))
  return new Set([...rows].filter(({ name }) => names.has(name)).map(({ uid }) => uid))
}

/** `12 machines chosen, 3 of them outside of this search`. */
export function scopeWords(selection: Selection, found: readonly string[]): string {
  const inside = found.reduce((sum, uid) => sum + (selection.has(uid) ? 1 : 0), 0)
  const outside = selection.size - inside
  const all = `${selection.size} selected`
  return outside === 0 ? all : `${all}, ${outside === selection.size ? 'all' : outside} of them outside of this search`
}
