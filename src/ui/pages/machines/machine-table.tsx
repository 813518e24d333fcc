/** The table of machines: only the rows in sight are there, all of one height, with the one that the keys are at. */
// biome-ignore-all lint/a11y/useSemanticElements: a table of which only the rows in sight are there
// biome-ignore-all lint/a11y/useFocusableInteractive: what is in a row takes the focus, not the row
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, useCallback, useEffect, useMemo, useRef } from 'react'
import type { Column } from './columns.tsx'
import { type LineActs, MachineLine } from './machine-line.tsx'
import type { Sort, SortKey } from './order.ts'
import type { Rows } from './patch.ts'
import type { Selection } from './selection.ts'

interface MachineTableProps {
  readonly rows: Rows
  readonly order: readonly string[]
  readonly columns: readonly Column[]
  readonly sort: Sort
  readonly onSort: (key: SortKey) => void
  readonly selection: Selection
  readonly onSelectAll: () => void
  readonly cursor: string | undefined
  readonly isDense: boolean
  readonly acts: LineActs
  /** The names that are in sight. */
  readonly seen: RefObject<readonly string[]>
}

export const ROW_HEIGHT = { dense: 30, usual: 38 } as const
const HEAD = 34
const CHOICE = 36
const MORE = 40

export function MachineTable(props: MachineTableProps) {
  const { rows, order, columns, sort, onSort, selection, onSelectAll, cursor, isDense, acts, seen } = props
  const scroller = useRef<HTMLElement>(null)
  const height = isDense ? ROW_HEIGHT.dense : ROW_HEIGHT.usual
  const places = useMemo(() => new Map(order.map((uid, index) => [uid, index])), [order])
  const cursorAt = cursor === undefined ? undefined : places.get(cursor)
  const virtual = useVirtualizer({
    count: order.length,
    getScrollElement: () => scroller.current,
    estimateSize: useCallback(() => height, [height]),
    // The same function while the order is the same: with another one all 10,000 are measured again.
    getItemKey: useCallback((index: number) => order[index] ?? index, [order]),
    scrollPaddingStart: HEAD,
    overscan: 8,
    // The row that the keys are at stays, wherever it is scrolled to: it has the focus.
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range)
      return cursorAt === undefined || seen.includes(cursorAt) ? seen : [...seen, cursorAt].sort((a, b) => a - b)
    },
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height is the trigger
  useEffect(() => virtual.measure(), [height, virtual])
  const wasAt = useRef(cursor)
  useEffect(() => {
    if (cursor === undefined || cursor === wasAt.current) return
    wasAt.current = cursor
    if (cursorAt === undefined) return
    const line = scroller.current?.querySelector<HTMLElement>(`[data-uid="${CSS.escape(cursor)}"]`)
    if (line?.contains(document.activeElement)) return
    virtual.scrollToIndex(cursorAt, { align: 'auto' })
    line?.querySelector<HTMLElement>('a')?.focus({ preventScroll: true })
  }, [cursor, cursorAt, virtual])

  const items = virtual.getVirtualItems()
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0]
  useEffect(() => {
    seen.current = order.slice(first, last + 1).flatMap((uid) => rows.get(uid)?.name ?? [])
  }, [first, last, order, rows, seen])

  const template = `${CHOICE}px ${columns.map(({ width }) => width).join(' ')} ${MORE}px`
  const least = columns.reduce((sum, { least }) => sum + least, CHOICE + MORE)
  const isAll = order.length > 0 && order.every((uid) => selection.has(uid))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
    <section className={`machines${isDense ? ' is-dense' : ''}`} ref={scroller} aria-label="Machines" tabIndex={0}>
      <div
        role="table"
        aria-label="Machines"
        aria-rowcount={order.length + 1}
        style={{ ['--machine-columns' as string]: template, minWidth: least }}
      >
        <div role="row" aria-rowindex={1} className="machine-head">
          <span role="columnheader" className="machine-cell">
            <input
              type="checkbox"
              aria-label={isAll ? 'Select none of these' : `Select all ${order.length}`}
              checked={isAll}
              ref={(box) => {
                if (box) box.indeterminate = selection.size > 0 && !isAll
              }}
              onChange={onSelectAll}
            />
          </span>
          {columns.map(({ key, title, sort: by }) => (
            <HeadCell key={key} title={title} by={by} sort={sort} onSort={onSort} />
          ))}
          <span role="columnheader" className="machine-cell">
            <span className="for-ears">More</span>
          </span>
        </div>
        <div role="rowgroup" className="machine-body" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const uid = order[index] ?? ''
            const row = rows.get(uid)
            return (
              row && (
                <MachineLine
                  key={uid}
                  row={row}
                  index={index}
                  top={start}
                  columns={columns}
                  isSelected={selection.has(uid)}
                  isCursor={uid === cursor}
                  acts={acts}
                />
              )
            )
          })}
        </div>
      </div>
    </section>
  )
}

interface HeadCellProps {
  readonly title: string
  readonly by: SortKey | undefined
  readonly sort: Sort
  readonly onSort: (key: SortKey) => void
}

function HeadCell({ title, by, sort, onSort }: HeadCellProps) {
  const isBy = by !== undefined && sort.key === by
  const Arrow = sort.isDown ? IconArrowDown : IconArrowUp
  return (
    <span
      role="columnheader"
      className="machine-cell"
      aria-sort={isBy ? (sort.isDown ? 'descending' : 'ascending') : undefined}
    >
      {by === undefined ? (
        title
      ) : (
        <button type="button" className="machine-sort" onClick={() => onSort(by)}>
          {title}
          {isBy && <Arrow size={13} aria-hidden />}
        </button>
      )}
    </span>
  )
}
