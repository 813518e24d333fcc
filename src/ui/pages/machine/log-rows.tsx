/** The lines of a log, of which only those that are seen are drawn; at the end it stays at the end. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { Link, useSearchParams } from 'react-router'
import type { LogLine } from '../../../model/log-line.ts'
import { visible } from '../../parts/visible.ts'
import { Marked } from './code-view.tsx'
import { levelWord, timeSince, toneOf } from './log-lines.ts'

interface LogLinesProps {
  readonly lines: readonly LogLine[]
  /** When the first line came: milliseconds since 1970. */
  readonly first: number
  readonly wanted: string
  /** The id of the line that the address names. */
  readonly chosen: number | undefined
  readonly isFollowing: boolean
  readonly isWrapped: boolean
  readonly isRelative: boolean
}

const ROW = 20

export function LogLines({ lines, first, wanted, chosen, isFollowing, isWrapped, isRelative }: LogLinesProps) {
  const box = useRef<HTMLElement>(null)
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    getItemKey: (index) => lines[index]?.id ?? index,
    overscan: 30,
  })
  const last = lines.at(-1)?.id
  const place = chosen === undefined ? -1 : lines.findIndex(({ id }) => id === chosen)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last line is the trigger
  useEffect(() => {
    if (isFollowing && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [last, isFollowing])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place of the line is the trigger
  useEffect(() => {
    if (place >= 0) rows.scrollToIndex(place, { align: 'center' })
  }, [place])
  return (
    <section
      ref={box}
      className={isWrapped ? 'log log-wrapped' : 'log'}
      aria-label="Log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
      tabIndex={0}
    >
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const line = lines[index]
          return (
            line && (
              <div
                key={key}
                ref={rows.measureElement}
                data-index={index}
                className={`log-line log-${toneOf(line)}`}
                data-chosen={line.id === chosen || undefined}
                style={{ transform: `translateY(${start}px)` }}
              >
                <Line line={line} first={first} wanted={wanted} isRelative={isRelative} />
              </div>
            )
          )
        })}
      </div>
    </section>
  )
}

interface LineProps {
  readonly line: LogLine
  readonly first: number
  readonly wanted: string
  readonly isRelative: boolean
}

function Line({ line, first, wanted, isRelative }: LineProps) {
  const [search] = useSearchParams()
  const { id, at, app, message } = line
  const time = new Date(at)
  const to = new URLSearchParams(search)
  to.set('line', `${id}`)
  return (
    <>
      <Link to={`?${to}`} replace className="log-time" title={`${time.toISOString()}: a link to this line`}>
        <time dateTime={time.toISOString()}>{isRelative ? timeSince(at, first) : time.toLocaleTimeString()}</time>
      </Link>
      <span className="log-level">{levelWord(line)}</span>
      <span className="log-text">
        {app !== '' && (
          <b>
            <Marked line={`${visible(app)}:`} wanted={wanted} />{' '}
          </b>
        )}
        <Marked line={visible(message)} wanted={wanted} />
      </span>
    </>
  )
}
