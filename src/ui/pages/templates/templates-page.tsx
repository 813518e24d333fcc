/** All that machines read: boot configs, installer answers, snippets, scripts; whose each is, and what uses it. */
import { Anchor, Group, NativeSelect, Skeleton, Table, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { get, sentenceOf } from '../../api.ts'
import { useEvents } from '../../live.ts'
import { useAddress } from '../../parts/address.ts'
import { Ago } from '../../parts/ago.tsx'
import { Empty } from '../../parts/empty.tsx'
import { useKeys } from '../../parts/keys.ts'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Pill } from '../../parts/pill.tsx'
import { Problem } from '../../parts/problem.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { NewTemplate } from './new-template.tsx'
import { type TemplateFile, templatePath } from './templates.ts'

const KINDS = ['preseed', 'autoinstall', 'script', 'template', 'snippet'] as const
const ORIGINS = { 'built-in': 'calm', site: 'good', uploaded: 'busy' } as const

export function TemplatesPage() {
  const [search, setSearch] = useAddress()
  const [words, kind] = [search.get('q') ?? '', search.get('kind') ?? '']
  const files = useQuery({
    queryKey: ['templates'],
    queryFn: ({ signal }) => get<TemplateFile[]>('/api/templates', signal),
  })
  useEvents(['template.changed'], () => void files.refetch())
  useKeys([{ keys: '/', does: 'search', run: () => document.getElementById('find')?.focus() }])
  const shown = (files.data ?? []).filter(
    (file) =>
      (kind === '' || file.kind === kind) &&
      `${file.path} ${file.origin} ${file.usedBy.join(' ')}`.toLowerCase().includes(words.toLowerCase()),
  )
  return (
    <PageFrame
      title="Templates"
      lead="What loaders and installers read, rendered when a machine asks. A file of the site goes before the built-in one of the same name."
      actions={<NewTemplate />}
    >
      <Group>
        <TextInput
          id="find"
          aria-label="Search templates"
          placeholder="Search (/)"
          value={words}
          onChange={(event) => setSearch({ q: event.currentTarget.value })}
        />
        <NativeSelect
          aria-label="Kind"
          data={[{ value: '', label: 'of any kind' }, ...KINDS]}
          value={kind}
          onChange={(event) => setSearch({ kind: event.currentTarget.value })}
        />
      </Group>
      {files.error && <Problem sentence={sentenceOf(files.error)} retry={() => void files.refetch()} />}
      {files.isPending && <Skeleton height={240} />}
      {files.isSuccess && shown.length === 0 && <Empty title="No template is called so" />}
      {shown.length > 0 && (
        <ScrollRegion label="Templates">
          <Table verticalSpacing={6} highlightOnHover>
            <TableHead columns={['File', 'Kind', 'Whose', 'Used by', 'Changed']} />
            <Table.Tbody>
              {shown.map(({ path, kind: word, origin, usedBy, mtime }) => (
                <Table.Tr key={path}>
                  <Table.Td>
                    <Anchor component={Link} to={`/templates/${templatePath(path)}`} className="mono" fw={600}>
                      {path}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>{word}</Table.Td>
                  <Table.Td>
                    <Pill tone={ORIGINS[origin]}>{origin}</Pill>
                  </Table.Td>
                  <Table.Td>
                    <Text size="xs" c="dimmed" lineClamp={2} maw={420}>
                      {usedBy.join(', ') || 'nothing'}
                    </Text>
                  </Table.Td>
                  <Table.Td className="nowrap">
                    {mtime !== null && origin !== 'built-in' && <Ago at={mtime} />}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollRegion>
      )}
    </PageFrame>
  )
}
