/** The rows of all machines, and how they change when some of them are asked for again. */
import type { MachineRow } from '../../../model/machine-row.ts'

/** By uid, in the order of the server's answer. */
export type Rows = ReadonlyMap<string, MachineRow>

/** The rows with those of these names as they are now: who was asked for and is not there is gone. The same rows when nothing changed. */
export function patched(rows: Rows, asked: ReadonlySet<string>, answer: readonly MachineRow[]): Rows {
  const news = answer.filter((row) => {
    const before = rows.get(row.uid)
    return !before || !isSame(before, row)
  })
  // Somebody who is not known by the asked name any more is gone, or was renamed, which comes with its uid.
  const isMissing = answer.length < asked.size
  if (news.length === 0 && !isMissing) return rows
  const next = new Map(rows)
  if (isMissing || news.some(({ uid, name }) => rows.get(uid)?.name !== name)) {
    const answered = new Set(answer.map(({ uid }) => uid))
    for (const [uid, { name }] of rows) if (asked.has(name) && !answered.has(uid)) next.delete(uid)
  }
  for (const row of news) next.set(row.uid, row)
  return next.size === rows.size && news.length === 0 ? rows : next
}

/** A row that says the same stays the same value, so that nobody draws it again. */
function isSame(one: MachineRow, other: MachineRow): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
