/** The API, call by call, from its own description: what each needs, and a form to try it as who one is. */
import { Box, Code, Grid, NavLink, ScrollArea, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { get, sentenceOf } from '../../api.ts'
import { useAddress } from '../../parts/address.ts'
import { Empty } from '../../parts/empty.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Problem } from '../../parts/problem.tsx'
import { type OpenApi, operationsOf } from './operation.ts'
import { TryIt } from './try-it.tsx'

export function ExplorerPage() {
  const description = useQuery({
    queryKey: ['openapi'],
    queryFn: ({ signal }) => get<OpenApi>('/api/openapi.json', signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const [search, setSearch] = useAddress()
  const [words, setWords] = useState('')
  const operations = useMemo(() => (description.data ? operationsOf(description.data) : []), [description.data])
  const wanted = words.trim().toLowerCase()
  const shown = operations.filter(({ id, summary }) => `${id} ${summary}`.toLowerCase().includes(wanted))
  const tags = [...new Set(shown.map(({ tag }) => tag))]
  const chosen = operations.find(({ id }) => id === search.get('call'))
  return (
    <PageFrame
      title="API"
      lead={
        <>
          {operations.length} calls, described at <Code>/api/openapi.json</Code>. Programs send a token of theirs as{' '}
          <Code>Authorization: Bearer …</Code>; here you call as yourself.
        </>
      }
    >
      {description.error && (
        <Problem sentence={sentenceOf(description.error)} retry={() => void description.refetch()} />
      )}
      <Grid>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="xs">
            <TextInput
              aria-label="Find a call"
              placeholder="Find a call"
              value={words}
              onChange={(event) => setWords(event.currentTarget.value)}
            />
            <ScrollArea.Autosize
              mah="calc(100dvh - 220px)"
              viewportProps={{ tabIndex: 0, 'aria-label': 'Calls', role: 'group' }}
            >
              {tags.map((tag) => (
                <Box key={tag}>
                  <Text component="h2" size="xs" fw={600} c="dimmed" pt="xs" px="xs">
                    {tag}
                  </Text>
                  {shown
                    .filter((operation) => operation.tag === tag)
                    .map(({ id, method, path, summary }) => (
                      <NavLink
                        key={id}
                        component="button"
                        type="button"
                        active={id === chosen?.id}
                        aria-pressed={id === chosen?.id}
                        variant="light"
                        onClick={() => setSearch({ call: id })}
                        label={
                          <Text size="sm" className="mono">
                            <b>{method}</b> {path}
                          </Text>
                        }
                        description={summary}
                      />
                    ))}
                </Box>
              ))}
            </ScrollArea.Autosize>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 8 }}>
          {chosen ? (
            <TryIt key={chosen.id} operation={chosen} />
          ) : (
            <Empty title="Choose a call">
              Each says the role and the scope that it needs. What you send is really done: there is no playground
              behind it.
            </Empty>
          )}
        </Grid.Col>
      </Grid>
    </PageFrame>
  )
}
