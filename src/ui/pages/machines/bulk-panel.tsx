/**
 * Beside the table: one action for many machines. First who is to be had for it and why others are not, then the question,
 * then how each machine comes out, while the list stays in sight.
 */
import { ActionIcon, Button, Group, NativeSelect, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { BulkAction } from '../../../model/bulk.ts'
import type { Job } from '../../../model/job.ts'
import { get, post, sentenceOf } from '../../api.ts'
import { Equivalent } from '../../parts/equivalent.tsx'
import { Problem } from '../../parts/problem.tsx'
import { BulkResult } from './bulk-result.tsx'
import { BULK_WORDS, type BulkOrder, bulkSame, groupedReasons, someNames } from './bulk-words.ts'

interface Outlook {
  readonly eligible: readonly string[]
  readonly not: readonly { readonly system: string; readonly because: string }[]
}

interface BulkPanelProps {
  readonly action: BulkAction | undefined
  /** System names. */
  readonly systems: readonly string[]
  /** The job whose results are shown in place of the question. */
  readonly job: string | undefined
  /** What that job's machines get. */
  readonly profile: string | undefined
  readonly onJob: (id: string, profile: string | undefined) => void
  readonly onClose: () => void
}

export function BulkPanel({ action, systems, job, profile, onJob, onClose }: BulkPanelProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the panel is about is the trigger
  useEffect(() => heading.current?.focus(), [action, job])
  const title = job !== undefined || action === undefined ? 'What came of it' : BULK_WORDS[action].verb
  return (
    <aside
      className="bulk"
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      <Group justify="space-between" wrap="nowrap" mb="sm">
        <Title order={2} size="h4" ref={heading} tabIndex={-1} className="bulk-title">
          {title}
        </Title>
        <ActionIcon variant="subtle" color="gray" aria-label="Close the panel" onClick={onClose}>
          <IconX size={18} />
        </ActionIcon>
      </Group>
      {job !== undefined ? (
        <BulkResult id={job} action={action} profile={profile} onJob={(id) => onJob(id, profile)} />
      ) : (
        action !== undefined && <Question key={action} action={action} systems={systems} onJob={onJob} />
      )}
    </aside>
  )
}

interface QuestionProps extends Pick<BulkPanelProps, 'systems' | 'onJob'> {
  readonly action: BulkAction
}

function Question({ action, systems, onJob }: QuestionProps) {
  const [profile, setProfile] = useState('')
  const names = useQuery({
    queryKey: ['names', 'profile'],
    queryFn: ({ signal }) => get<{ profile: readonly string[] }>('/api/names?type=profile', signal),
    enabled: action === 'profile',
  })
  const order: BulkOrder = { action, systems, ...(action === 'profile' && { profile }) }
  const isReady = action !== 'profile' || profile !== ''
  const outlook = useQuery({
    queryKey: ['bulk', action, profile, systems],
    queryFn: () => post<Outlook>('/api/bulk', { ...order, dryRun: true }),
    enabled: isReady && systems.length > 0,
    staleTime: 0,
    gcTime: 0,
  })
  return (
    <Stack gap="sm">
      {action === 'profile' && (
        <NativeSelect
          label="Profile"
          data={[{ value: '', label: 'choose one' }, ...(names.data?.profile ?? [])]}
          value={profile}
          onChange={(event) => setProfile(event.currentTarget.value)}
        />
      )}
      {systems.length === 0 && <Text size="sm">Select machines in the list first.</Text>}
      {outlook.error && <Problem sentence={sentenceOf(outlook.error)} retry={() => void outlook.refetch()} />}
      {isReady && systems.length > 0 && outlook.isPending && <Skeleton height={120} />}
      {outlook.data && <Outlooked order={order} outlook={outlook.data} onJob={(id) => onJob(id, order.profile)} />}
    </Stack>
  )
}

function Outlooked({ order, outlook, onJob }: { order: BulkOrder; outlook: Outlook; onJob: (id: string) => void }) {
  const { verb, can, consequence, isDestructive = false } = BULK_WORDS[order.action]
  const { eligible, not } = outlook
  const total = eligible.length + not.length
  const isCounted = isDestructive && eligible.length > 1
  const [typed, setTyped] = useState('')
  const isSure = !isCounted || typed.trim() === `${eligible.length}`
  const real: BulkOrder = { ...order, systems: eligible }
  const start = useMutation({
    mutationFn: () => post<{ job: Job }>('/api/bulk', real),
    onSuccess: ({ job }) => onJob(job.id),
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (isSure && eligible.length > 0) start.mutate()
      }}
    >
      <Stack gap="sm">
        <Text fw={600} role="status">
          {eligible.length} of {total} {can}
        </Text>
        {eligible.length > 0 && (
          <Text size="sm" c="dimmed" className="anywhere">
            {someNames(eligible)}
          </Text>
        )}
        {not.length > 0 && <WhyNot not={not} />}
        {eligible.length > 0 && (
          <>
            {consequence !== undefined && <Text size="sm">{consequence}</Text>}
            {isCounted && (
              <TextInput
                label={`Type ${eligible.length} to go on`}
                value={typed}
                onChange={(event) => setTyped(event.currentTarget.value)}
                autoComplete="off"
                inputMode="numeric"
              />
            )}
            {start.error && <Problem sentence={sentenceOf(start.error)} />}
            <Button type="submit" color={isDestructive ? 'red' : 'indigo'} disabled={!isSure} loading={start.isPending}>
              {verb}: {eligible.length} {eligible.length === 1 ? 'machine' : 'machines'}
            </Button>
            <Equivalent {...bulkSame(real)} />
          </>
        )}
      </Stack>
    </form>
  )
}

function WhyNot({ not }: { not: Outlook['not'] }) {
  return (
    <div className="why-not">
      <Text size="sm" fw={600}>
        Why not {not.length}
      </Text>
      {groupedReasons(not).map(({ because, systems }) => (
        <div key={because}>
          <Text size="sm">
            {systems.length} × {because}
          </Text>
          <Text size="xs" c="dimmed" className="anywhere">
            {someNames(systems)}
          </Text>
        </div>
      ))}
    </div>
  )
}
