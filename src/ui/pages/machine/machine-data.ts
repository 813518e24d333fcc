/** What the pages of one machine know of it: its object, where it stands, its row in the table of all; renewed by events. */
import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query'
import { type Blend, blendSystem, type Unresolved } from '../../../model/blend.ts'
import type { Distro } from '../../../model/distro.ts'
import type { EventMap, EventName } from '../../../model/event.ts'
import { INHERIT } from '../../../model/item.ts'
import type { PowerAction, PowerState, PowerTask } from '../../../model/power.ts'
import type { Profile } from '../../../model/profile.ts'
import type { Stage } from '../../../model/standing.ts'
import type { System } from '../../../model/system.ts'
import { type Answer, api, call, get } from '../../api.ts'
import { useEvents } from '../../live.ts'

/** As far as this page looks at it. Times are milliseconds since 1970. */
export interface MachineRow {
  readonly name: string
  readonly ip: string
  readonly arch: string | null
  readonly power: PowerState
  readonly powerAt: number | null
  readonly powerType: string
  readonly canSee: boolean
  readonly task: { readonly id: string; readonly action: PowerAction; readonly state: PowerTask['state'] } | null
}

export interface StandingAnswer {
  readonly stage: Stage
  readonly since: number
  readonly evidence: { readonly at: number; readonly text: string }
  readonly deadline: number | null
  readonly next: string
  readonly overdue: boolean
  readonly installs: number
  readonly stopped: string | null
  readonly broken: { readonly at: number; readonly because: string } | null
  readonly custody: 'available' | 'acquired' | 'contradictory' | 'none'
  readonly holder: string
  readonly netboot: boolean
  readonly contradiction: string | null
  readonly needsAttention: boolean
}

/** One of ours as the API answers it, with the tag that a change is made from. */
export type SystemQuery = UseQueryResult<Answer<System>>

const ABOUT: readonly EventName[] = [
  ...(['item.changed', 'item.removed', 'machine.acquired', 'machine.released', 'machine.overdue'] as const),
  ...(['machine.broken', 'machine.repaired', 'boot.step', 'power.changed'] as const),
]

/** Whose machine an event tells of. */
export function systemOf(payload: EventMap[EventName]): string | undefined {
  if ('system' in payload) return payload.system
  return 'name' in payload && 'type' in payload && payload.type === 'system' ? payload.name : undefined
}

export function useMachine(name: string) {
  const queries = useQueryClient()
  const system: SystemQuery = useQuery({
    queryKey: ['machine', name, 'system'],
    queryFn: ({ signal }) => call<System>('GET', api`/api/systems/${name}`, { signal }),
  })
  const isThere = system.isSuccess
  const standing = useQuery({
    queryKey: ['machine', name, 'standing'],
    queryFn: ({ signal }) => get<StandingAnswer>(api`/api/systems/${name}/standing`, signal),
    enabled: isThere,
  })
  const row = useQuery({
    queryKey: ['machine', name, 'row'],
    queryFn: async ({ signal }) => (await get<MachineRow[]>(api`/api/machines?names=${name}`, signal))[0] ?? null,
    enabled: isThere,
  })
  const refresh = () => void queries.invalidateQueries({ queryKey: ['machine', name] })
  useEvents(ABOUT, (payload) => {
    if (systemOf(payload) === name) refresh()
  })
  return { system, standing: standing.data, row: row.data ?? undefined, refresh }
}

/** The names of all systems, or of all profiles, in order. */
export function useNames(type: 'system' | 'profile'): readonly string[] {
  const names = useQuery({
    queryKey: ['names', type],
    queryFn: ({ signal }) => get<Readonly<Record<string, readonly string[]>>>(`/api/names?type=${type}`, signal),
  })
  return names.data?.[type] ?? []
}

const NOTHING = { server: '', autoinstall: '', nameServers: [], nameServersSearch: [], owners: [] }

/** What it gets of its profiles and its distro; what the settings say below them is not asked. */
export function useBlend(system: System): UseQueryResult<Blend | Unresolved> {
  return useQuery({
    queryKey: ['machine', system.name, 'blend', system.revision],
    queryFn: async ({ signal }) => {
      const profiles = await chainOf(system.profile, signal)
      const wanted = profiles.find(({ distro }) => distro !== '' && distro !== INHERIT)?.distro
      const distro = wanted && (await get<Distro>(api`/api/distros/${wanted}`, signal))
      return blendSystem(
        system,
        {
          profile: (name) => profiles.find((profile) => profile.name === name),
          distro: () => distro || undefined,
        },
        NOTHING,
      )
    },
    enabled: system.profile !== '',
  })
}

/** The profile and its parents. */
async function chainOf(name: string, signal: AbortSignal): Promise<readonly Profile[]> {
  const chain: Profile[] = []
  for (let next = name; next !== '' && chain.every((profile) => profile.name !== next); ) {
    const profile = await get<Profile>(api`/api/profiles/${next}`, signal)
    chain.push(profile)
    next = profile.parent
  }
  return chain
}
