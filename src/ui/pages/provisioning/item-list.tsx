/** All objects of one kind: found by a word, opened by a click, and a new one made by its name. */
import { Anchor, Button, Group, Skeleton, Table, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { INHERIT } from '../../../model/item.ts'
import { get, sentenceOf } from '../../api.ts'
import { useEvents } from '../../live.ts'
import { useAddress } from '../../parts/address.ts'
import { Empty } from '../../parts/empty.tsx'
import { useKeys } from '../../parts/keys.ts'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Problem } from '../../parts/problem.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { useMay } from '../../session.tsx'
import type { Kind } from './fields.ts'

/** An object as the API answers it. */
export type Answered = Readonly<Record<string, unknown>> & { readonly name: string; readonly revision: number }

export interface ItemListProps {
  readonly kind: Kind
  /** Beside the button that makes one. */
  readonly actions?: ReactNode
  /** Where there is none yet: how they come to be. */
  readonly teaching: string
  /** A column of its own at the end: how many use it. */
  readonly uses?: { readonly title: string; readonly of: (name: string) => ReactNode }
}

export function ItemList({ kind, actions, teaching, uses }: ItemListProps) {
  const { plural, title, lead, one, columns, fields, type } = kind
  const may = useMay('operator')
  const [search, setSearch] = useAddress()
  const words = search.get('q') ?? ''
  const items = useQuery({ queryKey: [plural], queryFn: ({ signal }) => get<Answered[]>(`/api/${plural}`, signal) })
  useEvents(['item.changed', 'item.removed'], (payload) => {
    if (payload.type === type) void items.refetch()
  })
  useKeys([{ keys: '/', does: 'search', run: () => document.getElementById('find')?.focus() }])
  const labels = new Map(fields.map(({ name, label }) => [name, label]))
  const shown = (items.data ?? []).filter((item) => JSON.stringify(item).toLowerCase().includes(words.toLowerCase()))
  return (
    <PageFrame
      title={title}
      lead={lead}
      actions={
        <>
          {actions}
          <Button component={Link} to={`/${plural}/+new`} variant="default" disabled={!may}>
            Make one by hand
          </Button>
        </>
      }
    >
      <TextInput
        id="find"
        aria-label={`Search ${plural}`}
        placeholder="Search (/)"
        maw={360}
        value={words}
        onChange={(event) => setSearch({ q: event.currentTarget.value })}
      />
      {items.error && <Problem sentence={sentenceOf(items.error)} retry={() => void items.refetch()} />}
      {items.isPending && <Skeleton height={120} />}
      {items.data?.length === 0 && <Empty title={`No ${one} yet`}>{teaching}</Empty>}
      {shown.length > 0 && (
        <ScrollRegion label={title}>
          <Table verticalSpacing="xs" highlightOnHover>
            <TableHead
              columns={[
                'Name',
                ...columns.map((column) => labels.get(column) ?? column),
                ...(uses ? [uses.title] : []),
              ]}
            />
            <Table.Tbody>
              {shown.map((item) => (
                <Table.Tr key={item.name}>
                  <Table.Td>
                    <Anchor component={Link} to={`/${plural}/${encodeURIComponent(item.name)}`} fw={600}>
                      {item.name}
                    </Anchor>
                  </Table.Td>
                  {columns.map((column) => (
                    <Table.Td key={column}>
                      <Value value={item[column]} />
                    </Table.Td>
                  ))}
                  {uses && <Table.Td>{uses.of(item.name)}</Table.Td>}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollRegion>
      )}
      {items.isSuccess && items.data.length > 0 && (
        <Group>
          <Text size="sm" c="dimmed">
            {shown.length === items.data.length ? items.data.length : `${shown.length} of ${items.data.length}`}{' '}
            {items.data.length === 1 ? one : plural}
          </Text>
        </Group>
      )}
    </PageFrame>
  )
}

function Value({ value }: { value: unknown }) {
  if (value === INHERIT)
    return (
      <Text size="sm" c="dimmed">
        inherited
      </Text>
    )
  const text = Array.isArray(value) ? value.join(', ') : String(value ?? '')
  return <Text size="sm">{text}</Text>
}
