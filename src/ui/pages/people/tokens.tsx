/** Tokens that people give to programs: what each opens, when it was used last; making one, ending one. */
import { Button, Group, Stack, Table, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, call, get, sentenceOf } from '../../api.ts'
import { Ago, spanOf, useNow } from '../../parts/ago.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Pill } from '../../parts/pill.tsx'
import { Problem } from '../../parts/problem.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { AddToken } from './add-token.tsx'

interface Token {
  readonly id: string
  readonly user: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly made: number
  readonly expires: number | null
  readonly used: number | null
}

export function Tokens() {
  const queries = useQueryClient()
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: ({ signal }) => get<Token[]>('/api/tokens', signal) })
  const [isAdding, setAdding] = useState(false)
  const [ending, setEnding] = useState<Token>()
  const again = () => queries.invalidateQueries({ queryKey: ['tokens'] })
  if (tokens.error) return <Problem sentence={sentenceOf(tokens.error)} retry={() => void tokens.refetch()} />
  return (
    <Stack>
      <Group>
        <Button onClick={() => setAdding(true)}>Make a token</Button>
      </Group>
      {tokens.data?.length === 0 ? (
        <Empty title="No program has a token">
          A token lets a program call the API for you, with less than what you may: reading only, or power only. It is
          told once, listed here, and ended with a click.
        </Empty>
      ) : (
        <ScrollRegion label="Tokens of programs">
          <Table verticalSpacing="xs">
            <TableHead columns={['Name', 'Of', 'Scopes', 'Made', 'Used last', 'Ends']} withActions />
            <Table.Tbody>
              {(tokens.data ?? []).map((token) => (
                <Table.Tr key={token.id}>
                  <Table.Td>
                    <Text fw={600}>{token.name}</Text>
                  </Table.Td>
                  <Table.Td>{token.user}</Table.Td>
                  <Table.Td>
                    <Group gap={4}>
                      {token.scopes.map((scope) => (
                        <Pill key={scope} tone={scope === 'admin' ? 'warn' : 'calm'}>
                          {scope}
                        </Pill>
                      ))}
                    </Group>
                  </Table.Td>
                  <Table.Td>
                    <Ago at={token.made} />
                  </Table.Td>
                  <Table.Td>{token.used === null ? 'never' : <Ago at={token.used} />}</Table.Td>
                  <Table.Td>{token.expires === null ? 'never' : <Ends at={token.expires} />}</Table.Td>
                  <Table.Td>
                    <Group justify="flex-end">
                      <Button size="xs" variant="subtle" color="red" onClick={() => setEnding(token)}>
                        End<span className="for-ears"> {token.name}</span>
                      </Button>
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollRegion>
      )}
      {isAdding && <AddToken onClose={() => setAdding(false)} onDone={() => void again()} />}
      {ending && (
        <Confirm
          title={`End ${ending.name}?`}
          action={`End ${ending.name}`}
          isDestructive
          same={{ cli: `orchestra token revoke ${ending.id}`, api: `DELETE /api/tokens/${ending.id}` }}
          run={async () => {
            await call('DELETE', api`/api/tokens/${ending.id}`)
            await again()
          }}
          onClose={() => setEnding(undefined)}
        >
          <Text>The program that has it is refused from then on.</Text>
        </Confirm>
      )}
    </Stack>
  )
}

function Ends({ at }: { at: number }) {
  const left = at - useNow()
  const words = left > 0 ? `in ${spanOf(left)}` : 'over'
  return (
    <time dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()}>
      {words}
    </time>
  )
}
