/** All machines: found by a search, ordered by a column, acted on one by one or many at once, live. */
import '../../fleet.css'
import { Button, Skeleton } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useCallback, useMemo, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { BULK_ACTIONS, type BulkAction } from '../../../model/bulk.ts'
import type { MachineRow } from '../../../model/machine-row.ts'
import { sentenceOf } from '../../api.ts'
import { Empty } from '../../parts/empty.tsx'
import { EnrolDialog } from '../../parts/enrol-dialog.tsx'
import { useKeys } from '../../parts/keys.ts'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useMay } from '../../session.tsx'
import { BulkPanel } from './bulk-panel.tsx'
import { refreshMachine } from './fleet-rows.ts'
import type { LineActs } from './machine-line.tsx'
import { MachineTable } from './machine-table.tsx'
import { machinePath, RowMenu } from './row-menu.tsx'
import { NOBODY, toggled, withRange } from './selection.ts'
import { SelectionBar } from './selection-bar.tsx'
import { Toolbar } from './toolbar.tsx'
import { useMachines } from './use-machines.ts'
import { useView } from './use-view.ts'

export function MachinesPage() {
  const mayAct = useMay('operator')
  const { rows, error, refetch, seen } = useMachines()
  const view = useView(rows)
  const { order, found, selection, select, params, set } = view
  const [isDense, setDense] = useLocalStorage({
    key: 'orchestra-dense',
    defaultValue: false,
    getInitialValueInEffect: false,
  })
  const [cursor, setCursor] = useState<string>()
  const [menu, setMenu] = useState<{ readonly row: MachineRow; readonly at: HTMLElement }>()
  const [isEnrolling, setEnrolling] = useState(false)
  /** The one that an action was asked for in its row; undefined: those that are selected. */
  const [single, setSingle] = useState<string>()
  const box = useRef<HTMLInputElement>(null)

  const action = BULK_ACTIONS.find((one) => one === params.get('do'))
  const job = params.get('job') ?? undefined
  const act = useCallback(
    (wanted: BulkAction, only?: string) => {
      setSingle(only)
      set({ do: wanted, job: undefined, profile: undefined })
    },
    [set],
  )
  const systems = useMemo(
    () => (single !== undefined ? [single] : [...selection].flatMap((uid) => rows?.get(uid)?.name ?? [])).sort(),
    [single, selection, rows],
  )

  const latest = useRef({ order, act })
  latest.current = { order, act }
  const anchor = useRef<string>(undefined)
  const acts = useMemo<LineActs>(
    () => ({
      select(uid, isRange) {
        const from = anchor.current
        anchor.current = uid
        select((before = NOBODY) =>
          isRange ? withRange(before, latest.current.order, from, uid) : toggled(before, uid),
        )
      },
      menu: (row, at) => setMenu({ row, at }),
      point: setCursor,
      askOff: (row) => latest.current.act('off', row.name),
      refresh: refreshMachine,
    }),
    [select],
  )
  const pointed = cursor === undefined ? undefined : rows?.get(cursor)
  useMachineKeys(
    { order, cursor, pointed, mayAct, hasSelection: selection.size > 0 },
    {
      ...{ point: setCursor, act, find: () => box.current?.focus(), enrol: () => setEnrolling(true) },
      toggle: (uid) => acts.select(uid, false),
      none: () => select(NOBODY),
      all: () => selectAll(),
    },
  )
  function selectAll(): void {
    view.letGo()
    select(new Set([...selection, ...found]))
  }

  return (
    <PageFrame
      title="Machines"
      actions={
        <Button leftSection={<IconPlus size={16} aria-hidden />} disabled={!mayAct} onClick={() => setEnrolling(true)}>
          Add machine
        </Button>
      }
    >
      {error && <Problem sentence={sentenceOf(error)} retry={() => void refetch()} />}
      <Toolbar
        {...{ rows, box, isDense }}
        {...{ text: view.text, onText: view.setText, search: view.search, columns: view.columns }}
        onColumns={view.chooseColumns}
        onDense={setDense}
      />
      <div className="machines-and-panel">
        <div className="machines-side">
          <SelectionBar
            {...{ selection, found, mayAct, waiting: view.waiting, total: rows?.size ?? 0 }}
            onLetGo={view.letGo}
            onSelectAll={selectAll}
            onSelectNone={() => select(NOBODY)}
            onAct={(wanted) => act(wanted)}
          />
          {!rows && !error && <Skeleton height={420} />}
          {rows?.size === 0 && <NoMachines mayAct={mayAct} onAdd={() => setEnrolling(true)} />}
          {rows && rows.size > 0 && order.length === 0 && (
            <Empty
              title="No machine matches"
              action={
                <Button variant="default" onClick={() => view.setText('')}>
                  Show all {rows.size}
                </Button>
              }
            >
              Words are looked for everywhere; stage:broken, power:off, class:…, -profile:… ask for one thing.
            </Empty>
          )}
          {rows && order.length > 0 && (
            <MachineTable
              {...{ rows, order, selection, cursor, isDense, acts, seen, columns: view.columns, sort: view.sort }}
              onSort={view.sortBy}
              onSelectAll={() => (found.every((uid) => selection.has(uid)) ? select(NOBODY) : selectAll())}
            />
          )}
        </div>
        {(action !== undefined || job !== undefined) && (
          <BulkPanel
            {...{ action, systems, job, profile: params.get('profile') ?? undefined }}
            onJob={(id, profile) => set({ job: id, profile })}
            onClose={() => {
              set({ do: undefined, job: undefined, profile: undefined })
              setSingle(undefined)
            }}
          />
        )}
      </div>
      {menu && (
        <RowMenu
          {...{ ...menu, mayAct }}
          onAct={(wanted) => act(wanted, menu.row.name)}
          onClose={() => setMenu(undefined)}
        />
      )}
      {isEnrolling && <EnrolDialog onClose={() => setEnrolling(false)} />}
    </PageFrame>
  )
}

interface KeyState {
  readonly order: readonly string[]
  readonly cursor: string | undefined
  readonly pointed: MachineRow | undefined
  readonly mayAct: boolean
  readonly hasSelection: boolean
}

interface KeyActs {
  point(uid: string): void
  toggle(uid: string): void
  none(): void
  all(): void
  act(action: BulkAction, only?: string): void
  find(): void
  enrol(): void
}

function useMachineKeys({ order, cursor, pointed, mayAct, hasSelection }: KeyState, acts: KeyActs): void {
  const navigate = useNavigate()
  const step = (by: number) => {
    const at = cursor === undefined ? -1 : order.indexOf(cursor)
    const next = order[Math.min(order.length - 1, Math.max(0, at < 0 ? 0 : at + by))]
    if (next !== undefined) acts.point(next)
  }
  const power = () => {
    if (!mayAct) return
    const wanted = pointed?.power === 'on' ? 'off' : 'on'
    if (hasSelection) acts.act(wanted)
    else if (pointed) acts.act(wanted, pointed.name)
  }
  const open = (side?: 'explain' | 'console') => pointed && navigate(machinePath(pointed.name, side))
  useKeys([
    { keys: '/', does: 'search machines', run: acts.find },
    { keys: 'j', does: 'next machine', run: () => step(1) },
    { keys: 'k', does: 'machine before', run: () => step(-1) },
    { keys: 'x', does: 'select the machine, or not', run: () => cursor !== undefined && acts.toggle(cursor) },
    { keys: 'a', does: 'select all that match', run: acts.all },
    { keys: 'Escape', does: 'select none', run: acts.none },
    { keys: 'p', does: 'power of the machine, or of those that are selected', run: power },
    { keys: 'c', does: 'console of the machine', run: () => open('console') },
    { keys: 'e', does: 'explain the machine', run: () => open('explain') },
    { keys: 'o', does: 'open the machine (Enter does, too)', run: () => open() },
    { keys: 'n', does: 'add a machine', run: () => mayAct && acts.enrol() },
  ])
}

function NoMachines({ mayAct, onAdd }: { mayAct: boolean; onAdd: () => void }) {
  return (
    <Empty
      title="No machine yet"
      action={
        <Button disabled={!mayAct} onClick={onAdd}>
          Add the first machine
        </Button>
      }
    >
      Let one boot from the network: it shows in the overview and becomes a machine with one click. Or add it here with
      its MAC address. From a shell: orchestra system add --name node01 --mac-address 52:54:00:12:34:56 --profile NAME.
    </Empty>
  )
}
