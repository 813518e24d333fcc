/** What a machine would be told if it booted now, and what may be asked otherwise; the what-ifs are in the address. */
import { useQuery } from '@tanstack/react-query'
import { ARCHITECTURES, type Explanation, FIRMWARES } from '../../../model/explanation.ts'
import { api, get } from '../../api.ts'

export const WHAT_IFS = [
  { name: 'firmware', label: 'Firmware', words: FIRMWARES },
  { name: 'arch', label: 'Architecture', words: ARCHITECTURES },
  { name: 'netboot', label: 'Netboot', words: ['on', 'off'] },
] as const

/** Of the address only what is a what-if, in a fixed order. */
export function whatIfQuery(search: URLSearchParams): string {
  const query = new URLSearchParams()
  for (const name of ['firmware', 'arch', 'netboot', 'profile']) {
    const value = search.get(name)
    if (value) query.set(name, value)
  }
  return query.toString()
}

/** @param machine a system's name, or a MAC */
export function useExplanation(machine: string, whatIfs: string) {
  return useQuery({
    queryKey: ['machine', machine, 'explain', whatIfs],
    queryFn: ({ signal }) =>
      get<Explanation>(`${api`/api/explain/${machine}`}${whatIfs === '' ? '' : `?${whatIfs}`}`, signal),
    // While one what-if is changed, what was there stays readable.
    placeholderData: (before) => before,
  })
}
