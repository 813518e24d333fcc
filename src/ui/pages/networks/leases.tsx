/** Which address is whose, and until when: asked for again every two seconds while somebody looks. */
import { Anchor, Group, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import type { Lease } from '../../../model/lease.ts'
import { get, sentenceOf } from '../../api.ts'
import { spanOf, useNow } from '../../parts/ago.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Copy } from '../../parts/equivalent.tsx'
import { Pill } from '../../parts/pill.tsx'
import { Problem } from '../../parts/problem.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { FindInput } from './networks-page.tsx'

/** More are found by their address, MAC or name. */
const MOST = 500
const TONES = { leased: 'good', offered: 'busy', declined: 'bad' } as const

interface Row {
  readonly name: string
  readonly macs: readonly string[]
}

export function Leases() {
  const [words, setWords] = useState('')
  const leases = useQuery({
    queryKey: ['leases'],
    queryFn: ({ signal }) => get<Lease[]>('/api/leases', signal),
    refetchInterval: 2_000,
  })
  const machines = useQuery({ queryKey: ['machines'], queryFn: ({ signal }) => get<Row[]>('/api/machines', signal) })
  const names = new Map((machines.data ?? []).flatMap(({ name, macs }) => macs.map((mac) => [mac, name] as const)))
  const now = useNow()
  if (leases.error) return <Problem sentence={sentenceOf(leases.error)} retry={() => void leases.refetch()} />
  if (leases.data?.length === 0) {
    return <Empty title="Nobody has an address from here">A machine that asks gets one, and shows here at once.</Empty>
  }
  const wanted = words.trim().toLowerCase()
  const found = (leases.data ?? []).filter(({ ip, mac, hostname }) =>
    `${ip} ${mac} ${hostname} ${names.get(mac) ?? ''}`.toLowerCase().includes(wanted),
  )
  return (
    <Stack>
      <FindInput label="Find an address, a MAC or a name" value={words} onChange={setWords} />
      <ScrollRegion label="Leases">
        <Table verticalSpacing={5}>
          <TableHead columns={['Address', 'MAC', 'Machine', 'State', 'Until']} />
          <Table.Tbody>
            {found.slice(0, MOST).map(({ ip, mac, hostname, state, expires }) => {
              const name = names.get(mac)
              return (
                <Table.Tr key={ip}>
                  <Table.Td className="mono">
                    {ip} <Copy text={ip} label={`Copy ${ip}`} />
                  </Table.Td>
                  <Table.Td className="mono">
                    {mac} <Copy text={mac} label={`Copy ${mac}`} />
                  </Table.Td>
                  <Table.Td>
                    {name === undefined ? (
                      <Text size="sm" c="dimmed">
                        {hostname || 'unknown'}
                      </Text>
                    ) : (
                      <Anchor component={Link} to={`/machines/${encodeURIComponent(name)}`} size="sm">
                        {name}
                      </Anchor>
                    )}
                  </Table.Td>
                  <Table.Td>
                    <Pill tone={TONES[state]}>{state}</Pill>
                  </Table.Td>
                  <Table.Td className="nowrap">{expires > now ? `in ${spanOf(expires - now)}` : 'over'}</Table.Td>
                </Table.Tr>
              )
            })}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
      <Group>
        <Text size="sm" c="dimmed">
          {found.length} {found.length === 1 ? 'lease' : 'leases'}
          {found.length > MOST && `, the first ${MOST} are shown`}
        </Text>
      </Group>
    </Stack>
  )
}
