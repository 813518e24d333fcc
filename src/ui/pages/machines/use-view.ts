/**
 * What of the machines is shown, in which order, and who is chosen: all of it in the address, so that a link shows the same.
 * While somebody is chosen no row comes, goes or moves by itself; how many would is counted.
 */
import { useMediaQuery } from '@mantine/hooks'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { MachineRow } from '../../../model/machine-row.ts'
import { useAddress } from '../../parts/address.ts'
import { columnsText, parseColumns } from './columns.tsx'
import { type Derived, derive } from './derive.ts'
import { changesBetween, parseSort, type SortKey, sortText } from './order.ts'
import type { Rows } from './patch.ts'
import { parseSearch } from './search.ts'
import { NOBODY, parseSelection, type Selection, selectionText } from './selection.ts'

/** Milliseconds that somebody stops typing before the address says it. */
const PAUSE = 200
const NONE: readonly string[] = []
const NO_ROWS: Rows = new Map()

export function useView(rows: Rows | undefined) {
  const [params, set] = useAddress()
  const [text, setText] = useSearchText(params.get('q') ?? '', (q) => set({ q }))
  const sort = useMemo(() => parseSort(params.get('sort')), [params])
  const isSmall = useMediaQuery('(max-width: 48em)', matchMedia('(max-width: 48em)').matches)
  const columns = useMemo(() => parseColumns(params.get('cols'), isSmall), [params, isSmall])

  const searched = useDeferredValue(text)
  const search = useMemo(() => parseSearch(searched), [searched])
  const derived = useRef<Derived>(undefined)
  derived.current = derive(derived.current, { rows: rows ?? NO_ROWS, sort, search })
  const { found } = derived.current

  const [selection, select] = useSelection(rows, found, params.get('sel'), (sel) => set({ sel }))
  const { order, waiting, letGo } = useHeld(
    found,
    rows ?? NO_ROWS,
    selection.size > 0,
    `${searched}\0${sortText(sort)}`,
  )

  return {
    ...{ text, setText, search, sort, columns, found, order, waiting, letGo, selection, select, params, set },
    sortBy: (key: SortKey) => set({ sort: sortText({ key, isDown: sort.key === key && !sort.isDown }) }),
    chooseColumns: (keys: readonly string[]) => set({ cols: columnsText(keys) }),
  }
}

/** Typed here at once, in the address a little later; who goes back in history gets what was there. */
function useSearchText(inAddress: string, put: (text: string) => void) {
  const [text, setText] = useState(inAddress)
  const said = useRef(inAddress)
  const latest = useRef(put)
  latest.current = put
  useEffect(() => {
    if (inAddress !== said.current) {
      said.current = inAddress
      setText(inAddress)
    }
  }, [inAddress])
  useEffect(() => {
    if (text === said.current) return
    const timer = setTimeout(() => {
      said.current = text
      latest.current(text)
    }, PAUSE)
    return () => clearTimeout(timer)
  }, [text])
  return [text, setText] as const
}

function useSelection(
  rows: Rows | undefined,
  found: readonly string[],
  inAddress: string | null,
  put: (text: string | undefined) => void,
) {
  const [chosen, setChosen] = useState<Selection>()
  // Once there are rows, those that the link names.
  if (chosen === undefined && rows) setChosen(parseSelection(inAddress, rows.values(), found))
  const selection = useMemo(() => {
    if (!chosen || !rows) return NOBODY
    const there = [...chosen].filter((uid) => rows.has(uid))
    return there.length === chosen.size ? chosen : new Set(there)
  }, [chosen, rows])
  const latest = useRef({ put, said: inAddress ?? undefined })
  latest.current.put = put
  const text = useMemo(() => (rows ? selectionText(selection, rows, found) : undefined), [selection, rows, found])
  const isReady = chosen !== undefined
  useEffect(() => {
    if (!isReady || text === latest.current.said) return
    latest.current.said = text
    latest.current.put(text)
  }, [text, isReady])
  return [selection, setChosen as (next: Selection | ((before: Selection | undefined) => Selection)) => void] as const
}

/** @param view what changes the order because somebody wants it */
function useHeld(live: readonly string[], rows: ReadonlyMap<string, MachineRow>, isHeld: boolean, view: string) {
  const [held, setHeld] = useState<{ readonly view: string; readonly order: readonly string[] }>()
  if (isHeld && held?.view !== view) setHeld({ view, order: live })
  if (!isHeld && held) setHeld(undefined)
  const isOld = isHeld && held?.view === view
  const order = useMemo(
    () => (isOld && held ? held.order.filter((uid) => rows.has(uid)) : live),
    [isOld, held, rows, live],
  )
  const waiting = useMemo(() => (order === live ? 0 : changesBetween(order, live)), [order, live])
  return { order: order.length === 0 ? NONE : order, waiting, letGo: () => setHeld({ view, order: live }) }
}
