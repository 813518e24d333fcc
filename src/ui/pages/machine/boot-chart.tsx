/** A boot as a picture: its phases as bars one below the other, and below them, on the same axis, what was seen in each lane. */

import { Group, SegmentedControl } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import type { TraceEntry } from '../../../model/trace.ts'
import { useAddress } from '../../parts/address.ts'
import { useNow } from '../../parts/ago.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { bytesOf } from '../../parts/sizes.ts'
import type { Boot } from './boots-data.ts'
import { Part } from './card.tsx'
import {
  durationOf,
  type Lane,
  laneName,
  lanesOf,
  type Phase,
  phasesInWords,
  phasesOf,
  scaleOf,
  spanOfEntry,
} from './phases.ts'

/** Pixels. */
const LABEL = 92
const ROW = 26
const LANE = 22
const AXIS = 26
const RIGHT = 30
const NARROWEST = 340

export function BootChart({ boot, isLive }: { boot: Boot; isLive: boolean }) {
  const [search, setAddress] = useAddress()
  const { ref, width } = useElementSize()
  const now = useNow()
  const scaleName = search.get('scale') === 'steps' ? 'steps' : 'time'
  const { entries, started } = boot
  const last = entries.reduce((latest, entry) => Math.max(latest, spanOfEntry(entry)[1]), started)
  const isGoing = isLive && boot.verdict.verdict === 'under-way'
  const end = isGoing ? Math.max(last, now) : last
  const phases = phasesOf(entries, end)
  const place = scaleOf(scaleName, [started, end, ...entries.flatMap(spanOfEntry)])
  return (
    <Part
      title="Phases"
      actions={
        <SegmentedControl
          transitionDuration={0}
          size="xs"
          aria-label="The axis"
          data={[
            { value: 'time', label: 'By time' },
            { value: 'steps', label: 'Step by step' },
          ]}
          value={scaleName}
          onChange={(value) => setAddress({ scale: value === 'time' ? undefined : value })}
        />
      }
    >
      <ScrollRegion label="The phases as a picture">
        <div ref={ref} className="chart">
          {width > 0 && (
            <Picture
              width={Math.max(width, NARROWEST)}
              phases={phases}
              lanes={lanesOf(entries)}
              place={place}
              span={[started, end]}
              chosen={Number(search.get('entry'))}
              isGoing={isGoing}
            />
          )}
        </div>
      </ScrollRegion>
      <Group gap="md" mt={6} className="legend">
        <Key outcome="ok" words="as it should be" />
        <Key outcome="refused" words="refused or missing" />
        <Key outcome="error" words="error" />
      </Group>
    </Part>
  )
}

function Key({ outcome, words }: { outcome: string; words: string }) {
  return (
    <span>
      <svg width="12" height="12" aria-hidden="true">
        <Mark outcome={outcome} x={1} y={1} width={10} height={10} />
      </svg>
      {words}
    </span>
  )
}

interface PictureProps {
  readonly width: number
  readonly phases: readonly Phase[]
  readonly lanes: readonly Lane[]
  readonly place: (at: number) => number
  readonly span: readonly [number, number]
  readonly chosen: number
  readonly isGoing: boolean
}

function Picture({ width, phases, lanes, place, span: [started, end], chosen, isGoing }: PictureProps) {
  const room = width - LABEL - RIGHT
  const x = (at: number) => LABEL + place(at) * room
  const top = phases.length * ROW + 6
  const height = top + lanes.length * LANE + AXIS
  const words = `From power-on on, ${durationOf(end - started)}: ${phasesInWords(phases)}. The table below tells the same.`
  return (
    <svg width={width} height={height} role="img" aria-label={words} className="picture">
      {ticksOf(room).map((part) => (
        <Tick
          key={part}
          x={LABEL + part * room}
          height={height - AXIS + 4}
          text={tickText(part, place, started, end)}
        />
      ))}
      {phases.map((phase, index) => {
        const [from, to] = [x(phase.from), x(phase.to)]
        const length = Math.max(3, to - from)
        const text = durationOf(phase.to - phase.from)
        const isLast = index === phases.length - 1
        // Beside the bar there is room on one of its sides.
        const isLeft = from + length + text.length * 7 + 8 > width
        return (
          <g key={phase.name}>
            <text x={LABEL - 8} y={index * ROW + 17} className="picture-label" textAnchor="end">
              {phase.name}
            </text>
            <rect
              x={from}
              y={index * ROW + 4}
              width={length}
              height={ROW - 8}
              rx={4}
              className={isLast && isGoing ? 'phase phase-going' : 'phase'}
            >
              <title>{`${phase.name}: ${text}`}</title>
            </rect>
            <text
              x={isLeft ? from - 5 : from + length + 5}
              y={index * ROW + 17}
              textAnchor={isLeft ? 'end' : 'start'}
              className="picture-text"
            >
              {text}
            </text>
          </g>
        )
      })}
      <line x1={0} x2={width} y1={top - 2} y2={top - 2} className="picture-line" />
      {lanes.map(({ kind, entries }, index) => (
        <g key={kind}>
          <text x={LABEL - 8} y={top + index * LANE + 15} className="picture-label picture-lane" textAnchor="end">
            {laneName(kind)}
          </text>
          {entries.toSorted(wrongLast).map((entry) => (
            <Sight key={entry.n} entry={entry} x={x} y={top + index * LANE + 5} isChosen={entry.n === chosen} />
          ))}
        </g>
      ))}
    </svg>
  )
}

interface SightProps {
  readonly entry: TraceEntry
  readonly x: (at: number) => number
  readonly y: number
  readonly isChosen: boolean
}

function Sight({ entry, x, y, isChosen }: SightProps) {
  const { outcome, text, bytes, milliseconds } = entry
  const [from, to] = spanOfEntry(entry)
  const left = x(from)
  const more = [bytes !== undefined && bytesOf(bytes), milliseconds !== undefined && durationOf(milliseconds)]
  const words = [text, ...more].filter((word) => typeof word === 'string').join(', ')
  return (
    <Mark
      outcome={outcome}
      x={left - 1}
      y={y}
      width={Math.max(5, x(to) - left)}
      height={12}
      title={words}
      isChosen={isChosen}
    />
  )
}

interface MarkProps {
  readonly outcome: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly title?: string
  readonly isChosen?: boolean
}

/** What went wrong differs by shape, too: it has a corner for a round. */
function Mark({ outcome, x, y, width, height, title, isChosen = false }: MarkProps) {
  const isOk = outcome === 'ok'
  const kind = isOk ? 'ok' : outcome === 'error' ? 'error' : 'refused'
  return (
    <rect
      x={x}
      y={y}
      width={width}
      height={height}
      rx={isOk ? 3 : 0}
      className={`sight sight-${kind}${isChosen ? ' sight-chosen' : ''}`}
    >
      {title !== undefined && <title>{title}</title>}
    </rect>
  )
}

/** What went wrong lies above what went well at the same moment. */
function wrongLast(one: TraceEntry, other: TraceEntry): number {
  return Number(one.outcome !== 'ok') - Number(other.outcome !== 'ok')
}

function ticksOf(room: number): readonly number[] {
  const count = Math.max(2, Math.min(8, Math.floor(room / 110)))
  return Array.from({ length: count + 1 }, (_, index) => index / count)
}

/** The axis may be uneven: the moment at a place is looked for. */
function tickText(part: number, place: (at: number) => number, started: number, end: number): string {
  let [low, high] = [started, end]
  for (let step = 0; step < 40 && high - low > 0.5; step++) {
    const middle = (low + high) / 2
    if (place(middle) < part) low = middle
    else high = middle
  }
  return part === 0 ? '0' : durationOf(high - started)
}

function Tick({ x, height, text }: { x: number; height: number; text: string }) {
  return (
    <g>
      <line x1={x} x2={x} y1={0} y2={height - 2} className="picture-tick" />
      <text x={x} y={height + 13} textAnchor="middle" className="picture-text">
        {text}
      </text>
    </g>
  )
}
