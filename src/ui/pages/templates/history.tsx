/** What a template was before: who changed it, when and why, and how it differs from what is written now. */
import { Button, Group, Stack, Text, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { get, sentenceOf } from '../../api.ts'
import { Ago } from '../../parts/ago.tsx'
import { DiffView } from '../../parts/diff-view.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Problem } from '../../parts/problem.tsx'
import { type TemplateVersion, templatePath } from './templates.ts'

interface Props {
  readonly path: string
  /** As it is in the editor. */
  readonly now: string
  /** Puts an old text into the editor; undefined: the person may not change it. */
  readonly onTake: ((text: string) => void) | undefined
}

export function History({ path, now, onTake }: Props) {
  const [open, setOpen] = useState<number>()
  const versions = useQuery({
    queryKey: ['versions', path],
    queryFn: ({ signal }) => get<TemplateVersion[]>(`/api/template-versions/${templatePath(path)}`, signal),
  })
  if (versions.error) return <Problem sentence={sentenceOf(versions.error)} />
  if (versions.data?.length === 0) {
    return <Empty title="It was never changed">The first change keeps what was there before.</Empty>
  }
  return (
    <div className="cards">
      {(versions.data ?? []).map(({ version, at, by, comment, text }) => (
        <div key={version} className="card">
          <Group justify="space-between" wrap="nowrap">
            <UnstyledButton
              flex={1}
              aria-expanded={open === version}
              onClick={() => setOpen(open === version ? undefined : version)}
            >
              <Text size="sm" fw={600}>
                {version}: {comment || 'without a comment'}
              </Text>
              <Text size="xs" c="dimmed">
                {by}, <Ago at={at} />
              </Text>
            </UnstyledButton>
            {onTake && text !== null && (
              <Button size="compact-xs" variant="default" onClick={() => onTake(text)}>
                Put in the editor<span className="for-ears"> version {version}</span>
              </Button>
            )}
          </Group>
          {open === version && (
            <Stack pt="xs">
              {text === null ? (
                <Text size="sm">The built-in one was taken back.</Text>
              ) : (
                <DiffView before={text} after={now} since="since then" />
              )}
            </Stack>
          )}
        </div>
      ))}
    </div>
  )
}
