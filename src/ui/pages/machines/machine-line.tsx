/** One machine in the table. Thousands pass by when somebody scrolls: plain elements, drawn again only when the row has changed. */
// biome-ignore-all lint/a11y/useSemanticElements: a table of which only the rows in sight are there
// biome-ignore-all lint/a11y/useFocusableInteractive: what is in a row takes the focus, not the row
import { memo } from 'react'
import type { MachineRow } from '../../../model/machine-row.ts'
import type { Column, RowActs } from './columns.tsx'

export interface LineActs extends RowActs {
  /** @param isRange from the one that was chosen last to this one */
  select(uid: string, isRange: boolean): void
  /** Opens the menu of the row at this button. */
  menu(row: MachineRow, at: HTMLElement): void
  point(uid: string): void
}

interface MachineLineProps {
  readonly row: MachineRow
  /** From 0, as they stand. */
  readonly index: number
  readonly top: number
  readonly columns: readonly Column[]
  readonly isSelected: boolean
  readonly isCursor: boolean
  readonly acts: LineActs
}

export const MachineLine = memo(({ row, index, top, columns, isSelected, isCursor, acts }: MachineLineProps) => {
  const { uid, name } = row
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={`machine-row${isSelected ? ' is-selected' : ''}${isCursor ? ' is-cursor' : ''}`}
      style={{ transform: `translateY(${top}px)` }}
      data-uid={uid}
      onFocus={() => acts.point(uid)}
    >
      <span role="cell" className="machine-cell">
        <input
          type="checkbox"
          aria-label={`Select ${name}`}
          checked={isSelected}
          onChange={(event) => acts.select(uid, event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)}
        />
      </span>
      {columns.map(({ key, cell, isLong }) => (
        <span key={key} role="cell" className={isLong?.(row) ? 'machine-cell is-cut' : 'machine-cell'}>
          {cell(row, acts)}
        </span>
      ))}
      <span role="cell" className="machine-cell machine-more">
        <button
          type="button"
          className="machine-dots"
          aria-label={`More of ${name}`}
          aria-haspopup="menu"
          onClick={(event) => acts.menu(row, event.currentTarget)}
        >
          ⋯
        </button>
      </span>
    </div>
  )
})
