/**
 * Which machines are found, in their order, from the rows and what is asked. A change of a few rows among thousands mostly
 * changes no order: then the order stays the same value, and nobody computes or draws anything.
 */
import type { MachineRow } from '../../../model/machine-row.ts'
import { isPlacedAlike, type Sort, sortRows } from './order.ts'
import type { Rows } from './patch.ts'
import { matches, type Search } from './search.ts'

interface Wanted {
  readonly rows: Rows
  readonly sort: Sort
  readonly search: Search
}

export interface Derived extends Wanted {
  /** All of them, by uid. */
  readonly sorted: readonly string[]
  /** Those that match. */
  readonly found: readonly string[]
}

export function derive(before: Derived | undefined, wanted: Wanted): Derived {
  const { rows, sort, search } = wanted
  if (before && before.rows === rows && before.sort === sort && before.search === search) return before
  const changes = before && before.rows !== rows ? changesOf(before.rows, rows) : before && []
  const isOrdered =
    before !== undefined &&
    before.sort === sort &&
    changes?.every(([old, now]) => old && now && isPlacedAlike(old, now, sort)) === true
  const sorted = isOrdered ? before.sorted : sortRows(rows.values(), sort).map(({ uid }) => uid)
  const isFound =
    isOrdered &&
    before.search === search &&
    changes?.every(([old, now]) => old && now && matches(search, old) === matches(search, now)) === true
  return { ...wanted, sorted, found: isFound ? before.found : filtered(sorted, rows, search) }
}

function filtered(sorted: readonly string[], rows: Rows, search: Search): readonly string[] {
  if (search.terms.length === 0) return sorted
  return sorted.filter((uid) => {
    const row = rows.get(uid)
    return row !== undefined && matches(search, row)
  })
}

/** Each machine whose row is another: as it was, and as it is. */
function changesOf(before: Rows, after: Rows): (readonly [MachineRow | undefined, MachineRow | undefined])[] {
  const changes: (readonly [MachineRow | undefined, MachineRow | undefined])[] = []
  for (const [uid, now] of after) {
    const old = before.get(uid)
    if (old !== now) changes.push([old, now])
  }
  if (after.size < before.size + changes.length)
    for (const [uid, old] of before) if (!after.has(uid)) changes.push([old, undefined])
  return changes
}
