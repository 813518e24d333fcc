/** The boots that are under way or stalled now, as they go on: a list that is fetched, and a stream of what changes. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Reached } from '../../model/trace.ts'
import { get } from '../api.ts'

export interface BootSummary {
  readonly id: number
  readonly mac: string | null
  /** System name; null: nobody's. */
  readonly system: string | null
  readonly started: number
  readonly ended: number | null
  readonly reached: Reached
  /** When the machine was seen last. */
  readonly seen: number
  readonly firmware: string | null
  readonly profile: string | null
  /** Of all that was sent. */
  readonly bytes: number
  /** 0 to 1; null: it is no boot. */
  readonly progress: number | null
  readonly verdict: {
    readonly verdict: string
    readonly fault: boolean
    readonly says: string
    readonly missing: string | null
    readonly next: string | null
  }
}

const KEY = ['boots', 'live']
/** What is turned off is not told of by the stream. */
const AGAIN = 20_000
/** So long a boot that has come to its end is shown with those that are under way. */
const GRACE = 30_000

export function useLiveBoots() {
  const queries = useQueryClient()
  const boots = useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => {
      const live = await get<BootSummary[]>('/api/boots?live=true&limit=200', signal)
      const there = new Set(live.map(({ id }) => id))
      const before = queries.getQueryData<readonly BootSummary[]>(KEY) ?? []
      return [...live, ...before.filter((boot) => !there.has(boot.id) && hasEnded(boot) && isFresh(boot))]
    },
    refetchInterval: AGAIN,
    staleTime: 0,
  })
  useEffect(() => {
    const stream = new EventSource('/api/boots/stream')
    stream.addEventListener('boot', ({ data }: MessageEvent<string>) => {
      const boot = JSON.parse(data) as BootSummary
      queries.setQueryData<readonly BootSummary[]>(KEY, (before) => before && withBoot(before, boot))
    })
    return () => stream.close()
  }, [queries])
  return boots
}

/** The newest first; in place of what was known of it. */
export function withBoot(boots: readonly BootSummary[], boot: BootSummary): readonly BootSummary[] {
  const isKnown = boots.some(({ id }) => id === boot.id)
  if (isKnown) return boots.map((one) => (one.id === boot.id ? boot : one))
  // Who only wants an address does not boot.
  if (boot.progress === null || hasEnded(boot)) return boots
  return [boot, ...boots]
}

export function hasEnded({ ended, reached }: BootSummary): boolean {
  return ended !== null || reached === 'ready' || reached === 'disk'
}

function isFresh({ seen }: BootSummary): boolean {
  return Date.now() - seen < GRACE
}
