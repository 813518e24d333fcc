/** Who changed what, and which logins were refused: the newest first, filtered by the address of the page. */
import { Button, Group, NativeSelect, Table, Text, TextInput } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { get, sentenceOf } from '../api.ts'
import { useAddress } from '../parts/address.ts'
import { Ago } from '../parts/ago.tsx'
import { Empty } from '../parts/empty.tsx'
import { PageFrame } from '../parts/page-frame.tsx'
import { Pill } from '../parts/pill.tsx'
import { Problem } from '../parts/problem.tsx'
import { ScrollRegion } from '../parts/scroll-region.tsx'
import { TableHead } from '../parts/table-head.tsx'

interface Entry {
  readonly id: number
  readonly at: number
  readonly user: string
  readonly peer: string
  readonly door: string
  readonly action: string
  readonly fields: readonly string[]
  readonly outcome: 'ok' | 'denied' | 'failed'
}

const PAGE = 100
const FILTERS = ['user', 'action', 'peer', 'door', 'outcome'] as const
const TONES = { ok: 'good', denied: 'bad', failed: 'warn' } as const

export function AuditPage() {
  const [search, setSearch] = useAddress()
  const wanted = FILTERS.flatMap((name) => {
    const value = search.get(name)
    return value ? [[name, value] as const] : []
  })
  const entries = useInfiniteQuery({
    queryKey: ['audit', wanted],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams([...wanted.map(([name, value]) => [name, value]), ['limit', `${PAGE}`]])
      if (pageParam !== undefined) query.set('before', `${pageParam}`)
      return get<Entry[]>(`/api/audit?${query}`, signal)
    },
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)?.id),
  })
  const filter = (name: (typeof FILTERS)[number], value: string) => setSearch({ [name]: value })
  const rows = entries.data?.pages.flat() ?? []
  return (
    <PageFrame
      title="Audit"
      lead="What was written is kept by the names of its fields, never with what was in them."
      actions={
        <Button variant="default" onClick={() => void entries.refetch()}>
          Look again
        </Button>
      }
    >
      <Group gap="sm" align="flex-end">
        <TextInput
          label="User"
          size="xs"
          value={search.get('user') ?? ''}
          onChange={(event) => filter('user', event.currentTarget.value)}
        />
        <TextInput
          label="In the action"
          placeholder="node01, DELETE, save_system"
          size="xs"
          value={search.get('action') ?? ''}
          onChange={(event) => filter('action', event.currentTarget.value)}
        />
        <TextInput
          label="From"
          placeholder="10.77.0.5"
          size="xs"
          value={search.get('peer') ?? ''}
          onChange={(event) => filter('peer', event.currentTarget.value)}
        />
        <NativeSelect
          label="Door"
          size="xs"
          data={[{ value: '', label: 'any' }, 'api', 'xmlrpc', 'webdav', 'login']}
          value={search.get('door') ?? ''}
          onChange={(event) => filter('door', event.currentTarget.value)}
        />
        <NativeSelect
          label="Outcome"
          size="xs"
          data={[{ value: '', label: 'any' }, 'ok', 'denied', 'failed']}
          value={search.get('outcome') ?? ''}
          onChange={(event) => filter('outcome', event.currentTarget.value)}
        />
      </Group>
      {entries.error && <Problem sentence={sentenceOf(entries.error)} retry={() => void entries.refetch()} />}
      {entries.isSuccess && rows.length === 0 ? (
        <Empty title="Nothing of that kind was done">
          Every change by the API, XML-RPC and the store is written here with who did it and from where.
        </Empty>
      ) : (
        <ScrollRegion label="Audit">
          <Table verticalSpacing={5} fz="sm" stickyHeader>
            <TableHead columns={['When', 'User', 'From', 'Door', 'Action', 'Fields', 'Outcome']} />
            <Table.Tbody>
              {rows.map((entry) => (
                <Table.Tr key={entry.id}>
                  <Table.Td className="nowrap">
                    <Ago at={entry.at} />
                  </Table.Td>
                  <Table.Td>{entry.user}</Table.Td>
                  <Table.Td className="mono">{entry.peer}</Table.Td>
                  <Table.Td>{entry.door}</Table.Td>
                  <Table.Td className="mono">{entry.action}</Table.Td>
                  <Table.Td>
                    <Text size="xs" c="dimmed">
                      {entry.fields.join(', ')}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <Pill tone={TONES[entry.outcome]}>{entry.outcome}</Pill>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollRegion>
      )}
      {entries.hasNextPage && (
        <Group justify="center">
          <Button variant="default" onClick={() => void entries.fetchNextPage()} loading={entries.isFetchingNextPage}>
            Older ones
          </Button>
        </Group>
      )}
    </PageFrame>
  )
}
