/** Ctrl-K: a page or a machine by a few letters of its name. */
import { Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import { IconSearch, IconServer } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { get } from '../api.ts'
import type { Page } from '../pages/list.ts'

const MOST = 12

export function Palette({ pages }: { pages: readonly Page[] }) {
  const navigate = useNavigate()
  const [query, setQuery] = useState('')
  const names = useQuery({
    queryKey: ['names', 'system'],
    queryFn: ({ signal }) => get<{ system: readonly string[] }>('/api/names?type=system', signal),
    enabled: query !== '',
  })
  const wanted = query.trim().toLowerCase()
  const machines = wanted === '' ? [] : (names.data?.system ?? []).filter((name) => name.toLowerCase().includes(wanted))
  const actions: SpotlightActionData[] = [
    ...pages
      .filter(({ title, group }) => group !== undefined && title.toLowerCase().includes(wanted))
      .map(({ path, title, icon: Icon }) => ({
        id: path,
        label: title,
        leftSection: Icon && <Icon size={18} aria-hidden />,
        onClick: () => navigate(path),
      })),
    ...machines.slice(0, MOST).map((name) => ({
      id: `machine ${name}`,
      label: name,
      description: 'machine',
      leftSection: <IconServer size={18} aria-hidden />,
      onClick: () => navigate(`/machines/${encodeURIComponent(name)}`),
    })),
  ]
  return (
    <Spotlight
      actions={actions}
      query={query}
      onQueryChange={setQuery}
      filter={(_query, all) => all}
      shortcut={['mod + K']}
      nothingFound="No page and no machine is called so"
      scrollable
      maxHeight={420}
      highlightQuery
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: 'A page or a machine',
        'aria-label': 'A page or a machine',
      }}
    />
  )
}
