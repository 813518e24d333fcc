/**
 * The rows of all machines in the browser: fetched whole once, and from then on row by row, when an event names a machine.
 * What happens within a moment is asked for together; while no page shows them, names are only collected.
 */
import type { MachineRow } from '../../../model/machine-row.ts'
import { get } from '../../api.ts'
import { listenTo } from '../../live.ts'
import { queries } from '../../queries.ts'

/** By uid, in the order of the server's answer. */
export type Rows = ReadonlyMap<string, MachineRow>

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
  if (shown > 0) timer ??= setTimeout(ask, MOMENT)
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
    const answered = new Set(answer.map(({ name }) => name))
    for (const [uid, { name }] of rows) if (asked.has(name) && !answered.has(name)) next.delete(uid)
  }
  for (const row of news) next.set(row.uid, row)
  return next.size === rows.size && news.length === 0 ? rows : next
}

/** A row that says the same stays the same value, so that nobody draws it again. */
function isSame(one: MachineRow, other: MachineRow): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
