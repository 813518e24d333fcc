/** How each machine of a bulk job comes out, as it does; how to cancel it, and to try again where it failed. */
import { Button, Group, Progress, Skeleton, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { BulkAction } from '../../../model/bulk.ts'
import { hasEnded, type Job, type JobResult, type JobState } from '../../../model/job.ts'
import { api, call, get, post, sentenceOf } from '../../api.ts'
import { useEvents } from '../../live.ts'
import { Equivalent } from '../../parts/equivalent.tsx'
import { Pill, type Tone } from '../../parts/pill.tsx'
import { Problem } from '../../parts/problem.tsx'
import { type BulkOrder, bulkSame } from './bulk-words.ts'

const TONES: Readonly<Record<JobState, Tone>> = {
  waiting: 'calm',
  running: 'busy',
  done: 'good',
  failed: 'bad',
  cancelled: 'warn',
}
const ORDER: readonly JobState[] = ['failed', 'running', 'waiting', 'cancelled', 'done']
/** More lines than anybody reads. */
const MOST = 300

interface BulkResultProps {
  readonly id: string
  /** What was ordered; undefined: the link does not say. */
  readonly action: BulkAction | undefined
  readonly profile: string | undefined
  readonly onJob: (id: string) => void
}

export function BulkResult({ id, action, profile, onJob }: BulkResultProps) {
  const queries = useQueryClient()
  const key = ['job', id]
  const job = useQuery({ queryKey: key, queryFn: ({ signal }) => get<Job>(api`/api/jobs/${id}`, signal), staleTime: 0 })
  useEvents(['job.changed'], (payload) => {
    if (payload.id === id) void queries.invalidateQueries({ queryKey: key })
  })
  if (job.error) return <Problem sentence={sentenceOf(job.error)} retry={() => void job.refetch()} />
  if (!job.data) return <Skeleton height={160} />
  const again = (systems: readonly string[]): BulkOrder | undefined => action && { action, systems, profile }
  return <Results job={job.data} orderFor={again} onJob={onJob} onChange={() => void job.refetch()} />
}

interface ResultsProps {
  readonly job: Job
  readonly orderFor: (systems: readonly string[]) => BulkOrder | undefined
  readonly onJob: (id: string) => void
  readonly onChange: () => void
}

function Results({ job, orderFor, onJob, onChange }: ResultsProps) {
  const results = job.results ?? []
  const isOver = hasEnded(job)
  const failed = results.filter(({ outcome }) => outcome === 'failed').map(({ system }) => system)
  const order = orderFor(failed)
  const cancel = useMutation({ mutationFn: () => call('DELETE', api`/api/jobs/${job.id}`), onSettled: onChange })
  const again = useMutation({
    mutationFn: () => post<{ job: Job }>('/api/bulk', order),
    onSuccess: ({ job: next }) => onJob(next.id),
  })
  const done = results.filter(({ outcome }) => hasEnded({ state: outcome })).length
  return (
    <Stack gap="sm">
      <Group gap="xs" wrap="nowrap">
        <Pill tone={TONES[job.state]}>{job.state}</Pill>
        <Text fw={600} size="sm">
          {job.title}
        </Text>
      </Group>
      <Progress.Root size="sm">
        <Progress.Section
          value={results.length === 0 ? 0 : (100 * done) / results.length}
          color={failed.length > 0 ? 'red' : 'teal'}
          aria-label={`${done} of ${results.length} are through`}
        />
      </Progress.Root>
      <Text size="sm" role="status">
        {countWords(results)}
      </Text>
      {(cancel.error ?? again.error) && <Problem sentence={sentenceOf(cancel.error ?? again.error)} />}
      <Group gap="xs">
        {!isOver && (
          <Button size="xs" variant="default" onClick={() => cancel.mutate()} loading={cancel.isPending}>
            Cancel what is left
          </Button>
        )}
        {isOver && failed.length > 0 && order && (
          <Button size="xs" onClick={() => again.mutate()} loading={again.isPending}>
            Try the {failed.length} that failed again
          </Button>
        )}
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1) */}
      <section className="results" aria-label="Each machine" tabIndex={0}>
        <ul>
          {sorted(results).map(({ system, outcome, because }) => (
            <li key={system}>
              <Pill tone={TONES[outcome]}>{outcome}</Pill>
              <span>
                <b>{system}</b> <span className="dim">{because}</span>
              </span>
            </li>
          ))}
        </ul>
        {results.length > MOST && (
          <Text size="xs" c="dimmed" p="xs">
            and {results.length - MOST} more
          </Text>
        )}
      </section>
      {order && failed.length > 0 && isOver ? (
        <Equivalent {...bulkSame(order)} />
      ) : (
        <Equivalent cli={`orchestra jobs --follow ${job.id}`} api={`GET /api/jobs/${job.id}`} />
      )}
    </Stack>
  )
}

function sorted(results: readonly JobResult[]): readonly JobResult[] {
  return [...results].sort((one, other) => ORDER.indexOf(one.outcome) - ORDER.indexOf(other.outcome)).slice(0, MOST)
}

function countWords(results: readonly JobResult[]): string {
  return ORDER.toReversed()
    .map((state) => [results.filter(({ outcome }) => outcome === state).length, state] as const)
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${state}`)
    .join(', ')
}
