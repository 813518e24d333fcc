/**
 * The rows of all machines in the browser: fetched whole once, and from then on row by row, when an event names a machine.
 * What happens within a moment is asked for together; while no page shows them, names are only collected.
 */
import type { MachineRow } from '../../../model/machine-row.ts'
import { get } from '../../api.ts'
import { listenTo } from '../../live.ts'
import { queries } from '../../queries.ts'
import { patched, type Rows } from './patch.ts'

/** Milliseconds that events wait for others. */
const MOMENT = 60
/** More names than this are asked for as "all". */
const MOST_NAMES = 500

export const MACHINES = {
  queryKey: ['machines'],
  async queryFn({ signal }: { signal: AbortSignal }): Promise<Rows> {
    waiting = new Set()
    isAllWanted = false
    const rows = await get<MachineRow[]>('/api/machines', signal)
    return new Map(rows.map((row) => [row.uid, row]))
  },
  // Ten thousand rows are not compared one by one to find that they are others.
  structuralSharing: false,
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
} as const

let waiting = new Set<string>()
let isAllWanted = false
let isListening = false
let isBusy = false
let shown = 0
let timer: ReturnType<typeof setTimeout> | undefined

/** From here on no change is missed. Answers when the rows are there. */
export function beginMachines(): Promise<Rows | undefined> {
  listen()
  return queries.ensureQueryData(MACHINES).catch(() => undefined)
}

/** While a page shows them they are kept as they are. Answers how to end that. */
export function showMachines(): () => void {
  listen()
  shown++
  soon()
  return () => {
    shown--
  }
}

/** The row of this machine is old. */
export function refreshMachine(name: string): void {
  waiting.add(name)
  soon()
}

function listen(): void {
  if (isListening) return
  isListening = true
  for (const name of ['item.changed', 'item.removed'] as const) {
    listenTo(name, (payload) => {
      if (payload.type === 'system') refreshMachine(payload.name)
      // What a profile says is in the rows of all that have it.
      else if (payload.type !== 'mgmtclass') refreshAll()
    })
  }
  const ofMachines = [
    ...(['machine.acquired', 'machine.released', 'machine.overdue', 'machine.broken', 'machine.repaired'] as const),
    ...(['boot.step', 'power.changed'] as const),
  ]
  for (const name of ofMachines) {
    listenTo(name, ({ system }) => {
      if (system !== undefined) refreshMachine(system)
    })
  }
}

function refreshAll(): void {
  isAllWanted = true
  soon()
}

function soon(): void {
  if (shown > 0 && timer === undefined) timer = setTimeout(ask, MOMENT)
}

async function ask(): Promise<void> {
  timer = undefined
  // What is being fetched whole may be older than what was named since: those are asked for after it.
  if (isBusy || queries.isFetching({ queryKey: MACHINES.queryKey }) > 0) {
    if (waiting.size > 0 || isAllWanted) timer = setTimeout(ask, MOMENT)
    return
  }
  if (isAllWanted || waiting.size > MOST_NAMES) {
    await queries.refetchQueries({ queryKey: MACHINES.queryKey })
    return
  }
  if (waiting.size === 0) return
  const asked = waiting
  waiting = new Set()
  isBusy = true
  try {
    const answer = await get<MachineRow[]>(`/api/machines?names=${[...asked].map(encodeURIComponent).join(',')}`)
    queries.setQueryData<Rows>(MACHINES.queryKey, (rows) => rows && patched(rows, asked, answer))
  } catch {
    // Who cannot be reached is asked again when the next event comes; the lamp in the header says that it is so.
  } finally {
    isBusy = false
    if (waiting.size > 0 || isAllWanted) soon()
  }
}
