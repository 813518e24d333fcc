/** What the overview shows, fetched anew when something happens that it tells of. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { Summary } from '../../../model/machine-row.ts'
import { get, Refusal } from '../../api.ts'
import { useEvents } from '../../live.ts'

export interface StandingAnswer {
  readonly system: string
  readonly stage: string
  readonly since: number
  readonly evidence: { readonly at: number; readonly text: string }
  readonly next: string
  readonly overdue: boolean
  readonly broken: { readonly at: number; readonly because: string } | null
  readonly contradiction: string | null
}

export interface UnknownMachine {
  readonly mac: string
  readonly ip: string | null
  readonly vendor: string | null
  readonly last: number
  readonly times: number
  readonly asked: string
  readonly verdict: string | null
}

export interface ForeignServer {
  readonly server: string
  readonly interface: string | null
  readonly offered: string
  readonly last: number
  readonly times: number
}

/** Events come in rushes: once in so many milliseconds is enough. */
const REST = 1_000

export function useOverviewData() {
  const queries = useQueryClient()
  const summary = useQuery({
    queryKey: ['summary'],
    queryFn: ({ signal }) => get<Summary>('/api/summary', signal),
    staleTime: 0,
  })
  const standings = useQuery({
    queryKey: ['standings', 'attention'],
    queryFn: ({ signal }) => get<StandingAnswer[]>('/api/standings?attention=true', signal),
    staleTime: 0,
  })
  const unknown = useQuery({
    queryKey: ['unknown-machines'],
    queryFn: ({ signal }) => get<UnknownMachine[]>('/api/unknown-machines', signal),
    staleTime: 0,
  })
  const foreign = useQuery({
    queryKey: ['networks', 'foreign'],
    queryFn: async ({ signal }) => (await get<{ foreign: ForeignServer[] }>('/api/networks', signal)).foreign,
    enabled: (summary.data?.foreignDhcp ?? 0) > 0,
    retry: (count, error) => !(error instanceof Refusal) && count < 2,
  })

  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  useEvents(
    [
      ...(['item.changed', 'item.removed', 'power.changed', 'boot.step', 'machine.unknown'] as const),
      ...(['machine.acquired', 'machine.released', 'machine.overdue', 'machine.broken', 'machine.repaired'] as const),
    ],
    () => {
      timer.current ??= setTimeout(() => {
        timer.current = undefined
        for (const key of ['summary', 'standings', 'unknown-machines', 'networks'])
          void queries.invalidateQueries({ queryKey: [key] })
      }, REST)
    },
  )
  return { summary, standings, unknown, foreign }
}
