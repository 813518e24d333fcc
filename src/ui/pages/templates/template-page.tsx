/** One template: written, linted while it is written, previewed for a machine, saved with a comment; and what it was before. */
import { Anchor, Breadcrumbs, Button, Grid, Group, Skeleton, Tabs, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link, useParams } from 'react-router'
import { call, post, Refusal, sentenceOf } from '../../api.ts'
import { useAddress } from '../../parts/address.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { DiffView } from '../../parts/diff-view.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Pill } from '../../parts/pill.tsx'
import { Problem } from '../../parts/problem.tsx'
import { TextEditor } from '../../parts/text-editor.tsx'
import { useMay } from '../../session.tsx'
import { History } from './history.tsx'
import { Preview } from './preview.tsx'
import { Problems } from './problems.tsx'
import { SaveDialog } from './save-dialog.tsx'
import { type TemplateProblem, type TemplateText, templatePath } from './templates.ts'

/** Milliseconds without a stroke before a text is looked at. */
const QUIET = 400

export function TemplatePage() {
  const { '*': path = '' } = useParams()
  const file = useQuery({
    queryKey: ['template', path],
    queryFn: async ({ signal }) => {
      try {
        const { body, etag } = await call<TemplateText>('GET', `/api/templates/${templatePath(path)}`, { signal })
        return { ...body, etag }
      } catch (error) {
        // A file that is not there yet begins empty.
        if (error instanceof Refusal && error.status === 404) return undefined
        throw error
      }
    },
    refetchOnMount: 'always',
    structuralSharing: false,
  })
  if (file.error) return <Problem sentence={sentenceOf(file.error)} retry={() => void file.refetch()} />
  if (file.isPending) return <Skeleton height={400} />
  return <Editing key={`${path} ${file.data?.etag}`} path={path} file={file.data} />
}

function Editing({ path, file }: { path: string; file: (TemplateText & { etag: string | undefined }) | undefined }) {
  const queries = useQueryClient()
  const isAdmin = useMay('admin')
  const [search, setSearch] = useAddress()
  const tab = search.get('tab') ?? 'preview'
  const saved = file?.text ?? ''
  const [text, setText] = useState(saved)
  const [begin, setBegin] = useState({ text: saved, count: 0 })
  const [asking, setAsking] = useState<'save' | 'reset'>()
  const quiet = useQuiet(text)
  const lint = useQuery({
    queryKey: ['lint', path, quiet],
    queryFn: () => post<{ problems: TemplateProblem[] }>('/api/template-lint', { path, text: quiet }),
    placeholderData: (before) => before,
  })
  const problems = lint.data?.problems ?? []
  const isChanged = text !== saved
  const again = async () => {
    await queries.invalidateQueries({ queryKey: ['template', path] })
    await queries.invalidateQueries({ queryKey: ['templates'] })
    await queries.invalidateQueries({ queryKey: ['versions', path] })
  }
  const put = (other: string) => {
    setText(other)
    setBegin(({ count }) => ({ text: other, count: count + 1 }))
  }
  const line = Number(search.get('line') ?? Number.NaN)
  return (
    <PageFrame
      title={path}
      mark={
        <Group gap={6}>
          <Pill tone={file?.origin === 'built-in' ? 'calm' : 'good'}>{file?.origin ?? 'new'}</Pill>
          {isChanged && <Pill tone="warn">not saved</Pill>}
        </Group>
      }
      lead={
        <Breadcrumbs component="nav" aria-label="Where this is">
          <Anchor component={Link} to="/templates" size="sm">
            Templates
          </Anchor>
          <Text size="sm">
            {file && file.usedBy.length > 0 ? `used by ${file.usedBy.slice(0, 4).join(', ')}` : 'used by nothing yet'}
          </Text>
        </Breadcrumbs>
      }
      actions={
        <>
          {file && file.origin !== 'built-in' && (
            <Button variant="default" disabled={!isAdmin} onClick={() => setAsking('reset')}>
              {file.builtIn === null ? 'Remove' : 'Back to the built-in one'}
            </Button>
          )}
          <Button disabled={!isAdmin || !isChanged} onClick={() => setAsking('save')}>
            Save
          </Button>
        </>
      }
    >
      {!isAdmin && (
        <Text size="sm" c="dimmed">
          What stands here runs as root on machines: only admins change it. You may try changes in the preview.
        </Text>
      )}
      <Grid>
        <Grid.Col span={{ base: 12, lg: 6 }}>
          <TextEditor
            key={begin.count}
            label={`Text of ${path}`}
            text={begin.text}
            isReadOnly={false}
            found={problems}
            line={Number.isInteger(line) ? line : undefined}
            onChange={setText}
          />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 6 }}>
          <Tabs value={tab} keepMounted={false} onChange={(to) => setSearch({ tab: to ?? undefined })}>
            <Tabs.List>
              <Tabs.Tab value="preview">Preview</Tabs.Tab>
              <Tabs.Tab value="problems">Problems{problems.length > 0 && ` (${problems.length})`}</Tabs.Tab>
              <Tabs.Tab value="changes">Changes</Tabs.Tab>
              <Tabs.Tab value="history">History</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="preview" pt="sm">
              <Preview path={path} text={quiet} />
            </Tabs.Panel>
            <Tabs.Panel value="problems" pt="sm">
              <Problems problems={problems} />
            </Tabs.Panel>
            <Tabs.Panel value="changes" pt="sm">
              <DiffView
                before={file?.builtIn ?? saved}
                after={text}
                since={file?.builtIn === null || file === undefined ? 'since it was saved' : 'beside the built-in one'}
              />
            </Tabs.Panel>
            <Tabs.Panel value="history" pt="sm">
              <History path={path} now={text} onTake={isAdmin ? put : undefined} />
            </Tabs.Panel>
          </Tabs>
        </Grid.Col>
      </Grid>
      {asking === 'save' && (
        <SaveDialog
          path={path}
          text={text}
          etag={file?.etag}
          problems={problems}
          onSaved={again}
          onClose={() => setAsking(undefined)}
        />
      )}
      {asking === 'reset' && (
        <Confirm
          title={file?.builtIn === null ? `Remove ${path}?` : `Back to the built-in ${path}?`}
          action={file?.builtIn === null ? 'Remove it' : 'Take it back'}
          isDestructive
          same={{ cli: `orchestra template reset ${path}`, api: `DELETE /api/templates/${path}` }}
          run={async () => {
            await call('DELETE', `/api/templates/${templatePath(path)}`, { ifMatch: file?.etag })
            await again()
          }}
          onClose={() => setAsking(undefined)}
        >
          <Text>The next machine that asks sees it so. What it was stays in its history.</Text>
        </Confirm>
      )}
    </PageFrame>
  )
}

/** The text as it was when nobody had written for a moment. */
function useQuiet(text: string): string {
  const [quiet, setQuiet] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(text), QUIET)
    return () => clearTimeout(timer)
  }, [text])
  return quiet
}
