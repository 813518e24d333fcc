/** The text as a machine would get it, rendered by the server's own renderer with this one text in place. */
import { Autocomplete, Code, Group, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { get, post, sentenceOf } from '../../api.ts'
import { useAddress } from '../../parts/address.ts'
import { Copy } from '../../parts/equivalent.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Problems } from './problems.tsx'
import type { TemplateProblem } from './templates.ts'

export function Preview({ path, text }: { path: string; text: string }) {
  const [search, setSearch] = useAddress()
  const names = useQuery({
    queryKey: ['names'],
    queryFn: ({ signal }) => get<Readonly<Record<'system' | 'profile', readonly string[]>>>('/api/names', signal),
  })
  const kind = search.get('profile') === null ? 'system' : 'profile'
  const name = search.get(kind) ?? names.data?.[kind][0] ?? ''
  const isKnown = names.data?.[kind].includes(name) ?? false
  const rendered = useQuery({
    queryKey: ['preview', path, text, kind, name],
    queryFn: () =>
      post<{ text: string; problems: TemplateProblem[] }>('/api/template-preview', {
        ...{ path, text },
        ...(isKnown && { [kind]: name }),
      }),
    enabled: names.isSuccess,
    placeholderData: (before) => before,
  })
  const choose = (to: 'system' | 'profile', value: string) =>
    setSearch({ system: undefined, profile: undefined, [to]: value })
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <SegmentedControl
          size="xs"
          aria-label="For a machine or a profile"
          data={[
            { value: 'system', label: 'machine' },
            { value: 'profile', label: 'profile' },
          ]}
          value={kind}
          onChange={(to) => choose(to as 'system' | 'profile', names.data?.[to as 'system' | 'profile'][0] ?? '')}
        />
        <Autocomplete
          size="xs"
          aria-label="Rendered for"
          limit={50}
          data={[...(names.data?.[kind] ?? [])]}
          value={name}
          onChange={(value) => choose(kind, value)}
        />
        {rendered.data && <Copy text={rendered.data.text} label="Copy the rendered text" />}
      </Group>
      {name === '' && (
        <Text size="sm" c="dimmed">
          There is no {kind === 'system' ? 'machine' : 'profile'} yet; it is rendered for one that is made up.
        </Text>
      )}
      {rendered.error && <Problem sentence={sentenceOf(rendered.error)} />}
      {rendered.isPending && <Skeleton height={200} />}
      {rendered.data && rendered.data.problems.length > 0 && <Problems problems={rendered.data.problems} />}
      {rendered.data && (
        <Code block tabIndex={0} aria-label="Rendered text" className="answer rendered">
          {rendered.data.text}
        </Code>
      )}
    </Stack>
  )
}
