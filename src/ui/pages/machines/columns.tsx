/** The columns of the table: what each is called, how wide it is, what it sorts by, and what a row shows in it. */
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { MachineRow } from '../../../model/machine-row.ts'
import { Ago } from '../../parts/ago.tsx'
import { Pill, StagePill } from '../../parts/pill.tsx'
import { PowerToggle } from '../../parts/power-toggle.tsx'
import type { SortKey } from './order.ts'

export interface RowActs {
  /** Before power is cut. */
  askOff(row: MachineRow): void
  refresh(name: string): void
}

export interface Column {
  readonly key: string
  readonly title: string
  /** Of the grid. */
  readonly width: string
  /** Pixels that it needs. */
  readonly least: number
  readonly sort?: SortKey
  /** Whether it may not fit in the column, and is cut then: each clip costs time in each frame that is scrolled. */
  readonly isLong?: (row: MachineRow) => boolean
  readonly cell: (row: MachineRow, acts: RowActs) => ReactNode
}

/** Boots of which nothing is to be said. */
const CALM = new Set(['ready', 'booted', 'no-boot', 'interrupted'])

export const COLUMNS: readonly Column[] = [
  {
    ...{ key: 'name', title: 'Name', width: 'minmax(136px, 1.2fr)', least: 136, sort: 'name' },
    isLong: ({ name }) => name.length > 15,
    cell: ({ name }) => (
      <Link to={`/machines/${encodeURIComponent(name)}`} className="machine-name">
        {name}
      </Link>
    ),
  },
  {
    ...{ key: 'power', title: 'Power', width: '160px', least: 160, sort: 'power' },
    cell: (row, acts) => (
      <PowerToggle sight={row} askOff={() => acts.askOff(row)} onChange={() => acts.refresh(row.name)} />
    ),
  },
  {
    ...{ key: 'stage', title: 'Stage', width: '104px', least: 104, sort: 'stage' },
    cell: ({ stage, broken }) =>
      broken === null ? (
        <StagePill stage={stage} />
      ) : (
        <span title={broken}>
          <StagePill stage={stage} />
        </span>
      ),
  },
  {
    ...{ key: 'since', title: 'For', width: '74px', least: 74, sort: 'since' },
    cell: ({ since }) => <Ago at={since} suffix="" />,
  },
  {
    ...{ key: 'custody', title: 'Class', width: 'minmax(120px, 1fr)', least: 120, sort: 'custody' },
    isLong: ({ custody, classes }) => custody === 'both' || classes.join().length > 14,
    cell: ({ custody, classes }) =>
      classes.length === 0 ? (
        <span className="dim">none</span>
      ) : (
        <>
          {custody === 'both' && <Pill tone="bad">contradictory</Pill>}
          {classes.join(' ')}
        </>
      ),
  },
  {
    ...{ key: 'profile', title: 'Profile', width: 'minmax(96px, 0.8fr)', least: 96, sort: 'profile' },
    isLong: ({ profile }) => profile.length > 11,
    cell: ({ profile }) => profile,
  },
  {
    ...{ key: 'mac', title: 'MAC', width: '140px', least: 140, sort: 'mac' },
    cell: ({ macs }) => <Macs macs={macs} />,
  },
  {
    ...{ key: 'ip', title: 'IP', width: '106px', least: 106, sort: 'ip' },
    cell: ({ ip }) => <span className="mono">{ip}</span>,
  },
  {
    ...{ key: 'boot', title: 'Last boot', width: 'minmax(112px, 0.8fr)', least: 112, sort: 'boot' },
    isLong: ({ boot }) => (boot?.verdict?.length ?? 0) > 12,
    cell: ({ boot }) => {
      if (boot?.verdict == null) return <span className="dim">never seen</span>
      if (boot.verdict === 'under-way') return <Pill tone="busy">{`at ${boot.reached}`}</Pill>
      return <Pill tone={CALM.has(boot.verdict) ? 'calm' : 'bad'}>{boot.verdict}</Pill>
    },
  },
  {
    ...{ key: 'netboot', title: 'Netboot', width: '78px', least: 78 },
    cell: ({ netboot }) => (netboot ? 'on' : 'off'),
  },
  { ...{ key: 'arch', title: 'Arch', width: '80px', least: 80 }, cell: ({ arch }) => arch ?? '' },
  {
    ...{ key: 'hostname', title: 'Host name', width: 'minmax(120px, 1fr)', least: 120 },
    isLong: ({ hostname }) => hostname.length > 15,
    cell: ({ hostname }) => hostname,
  },
  {
    ...{ key: 'comment', title: 'Comment', width: 'minmax(120px, 1fr)', least: 120, sort: 'comment' },
    isLong: ({ comment }) => comment.length > 15,
    cell: ({ comment }) => <span title={comment}>{comment}</span>,
  },
]

/** What is shown when nobody has chosen: on a desk, and on a phone. */
const USUAL = ['name', 'power', 'stage', 'custody', 'profile', 'mac', 'ip', 'boot', 'comment']
const SMALL = ['name', 'power', 'stage']

export function parseColumns(text: string | null, isSmall: boolean): readonly Column[] {
  const wanted = text === null || text === '' ? (isSmall ? SMALL : USUAL) : ['name', ...text.split(',')]
  return COLUMNS.filter(({ key }) => wanted.includes(key))
}

/** Undefined: the usual ones. */
export function columnsText(keys: readonly string[]): string | undefined {
  const chosen = COLUMNS.filter(({ key }) => keys.includes(key)).map(({ key }) => key)
  return chosen.join() === USUAL.join() ? undefined : chosen.filter((key) => key !== 'name').join()
}

function Macs({ macs }: { macs: readonly string[] }) {
  return (
    <span className="mono" title={macs.join(' ')}>
      {macs[0]}
      {macs.length > 1 && <span className="dim"> +{macs.length - 1}</span>}
    </span>
  )
}
