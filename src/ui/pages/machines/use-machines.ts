/**
 * All machines as the table has them: fetched whole once, and from then on row by row, when an event names a machine. What
 * happens within a moment is asked for together.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import type { MachineRow } from '../../../model/machine-row.ts'
import { get } from '../../api.ts'
import { useEvents } from '../../live.ts'

export type Rows = ReadonlyMap<string, MachineRow>

/** Milliseconds that events wait for others. */
const MOMENT = 60
/** More names than this are asked for as "all". */
const MOST_NAMES = 500
/** What changes with time alone (a verdict, the age of a reading) is looked at again for the rows in sight. */
const LOOK_AGAIN = 20_000
const KEY = ['machines']

export function useMachines() {
  const queries = useQueryClient()
  const [patcher] = useState(() => createPatcher((change) => queries.setQueryData<Rows>(KEY, change)))
  const all = useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => {
      patcher.beginAll()
      const rows = await get<MachineRow[]>('/api/machines', signal)
      return byUid(rows)
    },
    // Ten thousand rows are not compared one by one to find that they are others.
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: 'always',
  })
  const { isFetching, refetch } = all
  useEffect(() => {
    if (!isFetching) patcher.endAll()
  }, [isFetching, patcher])
  patcher.fetchAll = () => void refetch()
  useEffect(() => patcher.start(), [patcher])

  useEvents(['item.changed', 'item.removed'], ({ type, name }) => {
    if (type === 'system') patcher.add(name)
    // What a profile says is in the rows of all that have it.
    else if (type !== 'mgmtclass') patcher.addAll()
  })
  useEvents(
    [
      ...(['machine.acquired', 'machine.released', 'machine.overdue', 'machine.broken', 'machine.repaired'] as const),
      ...(['boot.step', 'power.changed'] as const),
    ],
    ({ system }) => {
      if (system !== undefined) patcher.add(system)
    },
  )
  return useMemo(
    () => ({ rows: all.data, error: all.error, refetch, refresh: patcher.add, inSight: patcher.inSight }),
    [all.data, all.error, refetch, patcher],
  )
}

/** In the order of the answer. */
function byUid(rows: readonly MachineRow[]): Rows {
  return new Map(rows.map((row) => [row.uid, row]))
}

/** The rows with those of these names as they are now; who was asked for and is not there is gone. */
export function patched(rows: Rows, asked: ReadonlySet<string>, answer: readonly MachineRow[]): Rows {
  const next = new Map(rows)
  const answered = new Set(answer.map(({ name }) => name))
  for (const [uid, { name }] of rows) if (asked.has(name) && !answered.has(name)) next.delete(uid)
  for (const row of answer) {
    const before = next.get(row.uid)
    if (!before || !isSame(before, row)) next.set(row.uid, row)
  }
  return next
}

/** A row that says the same stays the same value, so that nobody draws it again. */
function isSame(one: MachineRow, other: MachineRow): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function createPatcher(change: (update: (rows: Rows | undefined) => Rows | undefined) => void) {
  let waiting = new Set<string>()
  let isAllWanted = false
  /** Named while all are being fetched: the answer may be older than what they have become. */
  let meanwhile: Set<string> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let isBusy = false
  let seen: readonly string[] = []

  function soon(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void ask()
    }, MOMENT)
  }

  async function ask(): Promise<void> {
    if (isBusy) return
    if (isAllWanted || waiting.size > MOST_NAMES) {
      isAllWanted = false
      waiting = new Set()
      patcher.fetchAll()
      return
    }
    if (waiting.size === 0) return
    const asked = waiting
    waiting = new Set()
    isBusy = true
    try {
      const names = [...asked].map(encodeURIComponent).join(',')
      const answer = await get<MachineRow[]>(`/api/machines?names=${names}`)
      change((rows) => rows && patched(rows, asked, answer))
    } catch {
      // Whoever cannot be reached now is asked when the next event comes; the lamp in the header says that it is so.
    } finally {
      isBusy = false
      if (waiting.size > 0 || isAllWanted) soon()
    }
  }

  const patcher = {
    fetchAll: () => {},
    add(name: string) {
      waiting.add(name)
      meanwhile?.add(name)
      soon()
    },
    addAll() {
      isAllWanted = true
      soon()
    },
    inSight(names: readonly string[]) {
      seen = names
    },
    beginAll() {
      meanwhile = new Set()
    },
    endAll() {
      const again = meanwhile
      meanwhile = undefined
      for (const name of again ?? []) patcher.add(name)
    },
    start() {
      const look = setInterval(() => {
        if (document.visibilityState === 'visible') for (const name of seen) patcher.add(name)
      }, LOOK_AGAIN)
      return () => {
        clearInterval(look)
        clearTimeout(timer)
        timer = undefined
      }
    },
  }
  return patcher
}
