/** What happened to a machine, the newest first; and, for admins, who changed what of it. */
import { Anchor, Button, Group, Stack, Table, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import type { EventName, RecordedEvent } from '../../../model/event.ts'
import { get, sentenceOf } from '../../api.ts'
import { useEvents } from '../../live.ts'
import { Ago } from '../../parts/ago.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Equivalent } from '../../parts/equivalent.tsx'
import { Pill } from '../../parts/pill.tsx'
import { Problem } from '../../parts/problem.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { visible } from '../../parts/visible.ts'
import { useMay } from '../../session.tsx'
import { Part } from './card.tsx'
import { eventWords } from './event-words.ts'
import { systemOf } from './machine-data.ts'
import type { TabProps } from './tabs.ts'

const LIVE: readonly EventName[] = [
  ...(['item.changed', 'machine.acquired', 'machine.released', 'machine.overdue', 'machine.broken'] as const),
  ...(['machine.repaired', 'boot.step', 'power.changed'] as const),
]
const PAGE = 1000
const MORE = 50

export function EventsTab({ name }: TabProps) {
  const isAdmin = useMay('admin')
  return (
    <Stack gap="md">
      <Events name={name} />
      {isAdmin && <AuditRows name={name} />}
    </Stack>
  )
}

/** The journal is read from its beginning: its pages have no way back. */
async function eventsOf(name: string, signal: AbortSignal): Promise<readonly RecordedEvent[]> {
  const all: RecordedEvent[] = []
  for (let since = 0; ; ) {
    const query = new URLSearchParams({ system: name, limit: `${PAGE}`, since: `${since}` })
    const page = await get<RecordedEvent[]>(`/api/events.json?${query}`, signal)
    all.push(...page)
    since = page.at(-1)?.id ?? since
    if (page.length < PAGE) return all.reverse()
  }
}

function Events({ name }: { name: string }) {
  const queries = useQueryClient()
  const [shown, setShown] = useState(MORE)
  const queryKey = ['machine-events', name]
  const events = useQuery({ queryKey, queryFn: ({ signal }) => eventsOf(name, signal) })
  useEvents(LIVE, (payload, event) => {
    if (systemOf(payload) !== name) return
    queries.setQueryData<readonly RecordedEvent[]>(queryKey, (before = []) =>
      before.some(({ id }) => id === event.id) ? before : [event, ...before],
    )
  })
  if (events.error) return <Problem sentence={sentenceOf(events.error)} retry={() => void events.refetch()} />
  const all = events.data ?? []
  return (
    <Part title="Events">
      {events.isSuccess && all.length === 0 ? (
        <Empty title="Nothing has happened yet">
          Boots, power, custody and changes of this machine are listed here.
        </Empty>
      ) : (
        <ScrollRegion label="Table of events">
          <Table fz="sm" verticalSpacing={4}>
            <TableHead columns={['When', 'Event', 'What']} />
            <Table.Tbody>
              {all.slice(0, shown).map((event) => {
                const { tone, text } = eventWords(event)
                return (
                  <Table.Tr key={event.id}>
                    <Table.Td className="nowrap">
                      <Ago at={event.at} />
                    </Table.Td>
                    <Table.Td>
                      <Pill tone={tone}>{event.name}</Pill>
                    </Table.Td>
                    <Table.Td className="entry-text">{visible(text)}</Table.Td>
                  </Table.Tr>
                )
              })}
            </Table.Tbody>
          </Table>
        </ScrollRegion>
      )}
      <Group justify="space-between" mt="xs" align="flex-start">
        <Equivalent
          cli={`orchestra events --system ${name}`}
          api={`GET /api/events.json?system=${encodeURIComponent(name)}`}
        />
        {all.length > shown && (
          <Button size="xs" variant="default" onClick={() => setShown(shown + 4 * MORE)}>
            Older ones ({all.length - shown})
          </Button>
        )}
      </Group>
    </Part>
  )
}

interface AuditEntry {
  readonly id: number
  readonly at: number
  readonly user: string
  readonly peer: string
  readonly action: string
  readonly fields: readonly string[]
  readonly outcome: 'ok' | 'denied' | 'failed'
}

const OUTCOME = { ok: 'good', denied: 'bad', failed: 'warn' } as const

function AuditRows({ name }: { name: string }) {
  const audit = useQuery({
    queryKey: ['machine', name, 'audit'],
    queryFn: ({ signal }) =>
      get<AuditEntry[]>(`/api/audit?${new URLSearchParams({ action: name, limit: '200' })}`, signal),
  })
  if (audit.error) return <Problem sentence={sentenceOf(audit.error)} retry={() => void audit.refetch()} />
  const rows = (audit.data ?? []).filter(({ action }) => isNamed(action, name))
  return (
    <Part
      title="Audit"
      actions={
        <Anchor component={Link} to={`/audit?action=${encodeURIComponent(name)}`} size="sm">
          All of the audit
        </Anchor>
      }
    >
      {audit.isSuccess && rows.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nobody has changed it by name yet.
        </Text>
      ) : (
        <ScrollRegion label="Audit of this machine">
          <Table fz="sm" verticalSpacing={4}>
            <TableHead columns={['When', 'Who', 'From', 'Action', 'Fields', 'Outcome']} />
            <Table.Tbody>
              {rows.map(({ id, at, user, peer, action, fields, outcome }) => (
                <Table.Tr key={id}>
                  <Table.Td className="nowrap">
                    <Ago at={at} />
                  </Table.Td>
                  <Table.Td>{user}</Table.Td>
                  <Table.Td className="mono">{peer}</Table.Td>
                  <Table.Td className="mono">{action}</Table.Td>
                  <Table.Td>
                    <Text size="xs" c="dimmed">
                      {fields.join(', ')}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <Pill tone={OUTCOME[outcome]}>{outcome}</Pill>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollRegion>
      )}
    </Part>
  )
}

/** The audit finds a part of a word, and node1 is not node10. */
function isNamed(action: string, name: string): boolean {
  const words = action.split(/[\s/,?]+/)
  return words.includes(name) || words.includes(encodeURIComponent(name))
}
