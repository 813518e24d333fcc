/** What its installer would be given now, what it was really sent at its last boot, and what has changed between the two. */

import { Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api, get, Refusal, sentenceOf } from '../../api.ts'
import { useAddress } from '../../parts/address.ts'
import { Ago } from '../../parts/ago.tsx'
import { DiffView } from '../../parts/diff-view.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Equivalent } from '../../parts/equivalent.tsx'
import { Problem } from '../../parts/problem.tsx'
import { CodeView } from './code-view.tsx'
import { useExplanation } from './explain-data.ts'
import type { TabProps } from './tabs.ts'

interface Sent {
  readonly text: string
  readonly at: number
  readonly boot: number | null
}

const DOCUMENTS = [
  { value: 'preseed', label: 'Preseed' },
  { value: 'late-command', label: 'Late command' },
  { value: 'metadata', label: 'User data' },
]
const VIEWS = [
  { value: 'now', label: 'As it is now' },
  { value: 'last', label: 'As it was sent' },
  { value: 'diff', label: 'Difference' },
]

export function ConfigTab({ name }: TabProps) {
  const [search, setAddress] = useAddress()
  const document = search.get('doc') ?? 'preseed'
  const view = search.get('view') ?? 'now'
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <SegmentedControl
          transitionDuration={0}
          size="xs"
          aria-label="Document"
          data={DOCUMENTS}
          value={document}
          onChange={(value) => setAddress({ doc: value === 'preseed' ? undefined : value })}
        />
        {document === 'preseed' && (
          <SegmentedControl
            transitionDuration={0}
            size="xs"
            aria-label="Of when"
            data={VIEWS}
            value={view}
            onChange={(value) => setAddress({ view: value === 'now' ? undefined : value })}
          />
        )}
      </Group>
      {document === 'preseed' ? <Preseed name={name} view={view} /> : <FromExplanation name={name} id={document} />}
    </Stack>
  )
}

function Preseed({ name, view }: { name: string; view: string }) {
  const path = api`/api/systems/${name}/autoinstall`
  const now = useQuery({
    queryKey: ['machine', name, 'autoinstall'],
    queryFn: ({ signal }) => get<string>(path, signal),
    enabled: view !== 'last',
  })
  const last = useQuery({
    queryKey: ['machine', name, 'autoinstall-last'],
    queryFn: ({ signal }) => get<Sent>(`${path}/last`, signal),
    enabled: view !== 'now',
  })
  const same = (
    <Equivalent
      cli={`orchestra system get-autoinstall --name ${name}`}
      api={`GET ${path}${view === 'now' ? '' : '/last'}`}
    />
  )
  if (last.error instanceof Refusal && last.error.status === 404 && view !== 'now') {
    return (
      <Empty title="No installer has asked for it yet">
        What is sent to the installer at its next boot is kept here, with its secrets masked, and compared with what it
        would be sent now.
      </Empty>
    )
  }
  const error = (view !== 'last' && now.error) || (view !== 'now' && last.error)
  if (error) return <Problem sentence={sentenceOf(error)} />
  const sent = last.data && (
    <Text size="sm" c="dimmed">
      Sent <Ago at={last.data.at} />
      {last.data.boot !== null && `, in boot ${last.data.boot}`}.
    </Text>
  )
  return (
    <>
      {view !== 'now' && sent}
      {view === 'now' && now.data !== undefined && (
        <CodeView label="the preseed" text={now.data} file={`${name}.seed`} />
      )}
      {view === 'last' && last.data && (
        <CodeView label="the preseed that was sent" text={last.data.text} file={`${name}-sent.seed`} />
      )}
      {view === 'diff' && last.data && now.data !== undefined && (
        <DiffView before={last.data.text} after={now.data} since="since it was sent" />
      )}
      {same}
    </>
  )
}

/** What an explanation has decoded already: the late command as a script, and what cloud-init reads. */
function FromExplanation({ name, id }: { name: string; id: string }) {
  const explanation = useExplanation(name, '')
  if (explanation.error) {
    return <Problem sentence={sentenceOf(explanation.error)} retry={() => void explanation.refetch()} />
  }
  const step = explanation.data?.steps.find((one) => one.id === id)
  if (!step) return null
  const text = step.lines.map((line) => `${line.text}\n`).join('')
  return (
    <>
      <Text size="sm" c="dimmed">
        {step.because}
      </Text>
      {text === '' ? (
        <Empty title="There is none">{step.because}</Empty>
      ) : (
        <CodeView label={step.title} text={text} file={`${name}-${id}.txt`} />
      )}
    </>
  )
}
