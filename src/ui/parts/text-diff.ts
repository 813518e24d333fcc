/** Two texts line by line: what went, what came, and what is the same, of which only a few lines around a change are kept. */
import { diffLines } from 'diff'

export type DiffRow =
  | { readonly kind: 'same'; readonly before: number; readonly after: number; readonly text: string }
  | { readonly kind: 'gone'; readonly before: number; readonly text: string }
  | { readonly kind: 'new'; readonly after: number; readonly text: string }
  /** So many lines are the same here. */
  | { readonly kind: 'skipped'; readonly count: number; readonly after: number }

export interface TextDiff {
  readonly rows: readonly DiffRow[]
  readonly gone: number
  readonly added: number
}

/** Lines around a change that are shown. */
const AROUND = 3

export function textDiff(before: string, after: string): TextDiff {
  const rows: DiffRow[] = []
  let [old, fresh] = [1, 1]
  // A last line without its end is the same line.
  for (const { value, added, removed } of diffLines(ended(before), ended(after))) {
    for (const text of value.split('\n').slice(0, -1)) {
      if (removed) rows.push({ kind: 'gone', before: old++, text })
      else if (added) rows.push({ kind: 'new', after: fresh++, text })
      else rows.push({ kind: 'same', before: old++, after: fresh++, text })
    }
  }
  const count = (kind: DiffRow['kind']) => rows.filter((row) => row.kind === kind).length
  return { rows: shortened(rows), gone: count('gone'), added: count('new') }
}

const ended = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

function shortened(rows: readonly DiffRow[]): DiffRow[] {
  const isNear = rows.map(() => false)
  for (const [index, { kind }] of rows.entries()) {
    if (kind === 'same') continue
    for (let at = Math.max(0, index - AROUND); at <= Math.min(rows.length - 1, index + AROUND); at++) isNear[at] = true
  }
  const short: DiffRow[] = []
  for (const [index, row] of rows.entries()) {
    const last = short.at(-1)
    if (isNear[index]) short.push(row)
    else if (last?.kind === 'skipped') short[short.length - 1] = { ...last, count: last.count + 1 }
    else if (row.kind === 'same') short.push({ kind: 'skipped', count: 1, after: row.after })
  }
  return short
}
