/** The boots of a machine as the API tells them, and new sights of it as they come. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Reached, TraceEntry } from '../../../model/trace.ts'
import { api, get } from '../../api.ts'

/** Times are milliseconds since 1970. */
export interface BootSummary {
  readonly id: number
  readonly started: number
  readonly ended: number | null
  readonly reached: Reached
  readonly repeats: number
  readonly dropped: number
  readonly verdict: {
    readonly verdict: string
    readonly fault: boolean
    readonly says: string
    readonly missing: string | null
    readonly evidence: { readonly n: number; readonly at: number; readonly text: string } | null
    readonly next: string | null
  }
}

export interface Boot extends BootSummary {
  readonly entries: readonly TraceEntry[]
}

/** Where a machine's boots are: `of` is a system's name, or a MAC that is no system's. */
export function bootsPath(of: string, isMac: boolean): string {
  return isMac ? api`/api/machines/${of}/boots` : api`/api/systems/${of}/boots`
}

const MOST = 50

export function useBoots(path: string) {
  return useQuery({
    queryKey: ['boots', path],
    queryFn: ({ signal }) => get<BootSummary[]>(`${path}?limit=${MOST}`, signal),
  })
}

export function useBoot(path: string, id: number | undefined) {
  return useQuery({
    queryKey: ['boots', path, id],
    queryFn: ({ signal }) => get<Boot>(api`/api/boots/${id ?? 0}`, signal),
    enabled: id !== undefined,
  })
}

/** What comes within this is looked at together. */
const MOMENT = 150

/** Looks again whenever something is seen of the machine. */
export function useFollowBoots(path: string, isOn: boolean): void {
  const queries = useQueryClient()
  useEffect(() => {
    if (!isOn) return
    const stream = new EventSource(`${path}?follow=1`)
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = () => {
      timer ??= setTimeout(() => {
        timer = undefined
        void queries.invalidateQueries({ queryKey: ['boots', path] })
      }, MOMENT)
    }
    stream.addEventListener('entry', look)
    stream.addEventListener('verdict', look)
    return () => {
      clearTimeout(timer)
      stream.close()
    }
  }, [path, isOn, queries])
}
