/** Every long task, the newest first: what it is about, how it ended, what it said. State and choice are in the address. */
import { Button, Group, NativeSelect, Skeleton, Stack, Text, UnstyledButton } from '@mantine/core'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { hasEnded, JOB_STATES, type Job } from '../../../model/job.ts'
import { call, sentenceOf } from '../../api.ts'
import { useEvents } from '../../live.ts'
import { useAddress } from '../../parts/address.ts'
import { Ago, spanOf } from '../../parts/ago.tsx'
import { Empty } from '../../parts/empty.tsx'
import { JobPill, JobProgress } from '../../parts/job-output.tsx'
import { CancelJob, WholeJob } from '../../parts/jobs-strip.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useMay } from '../../session.tsx'

export function JobsPage() {
  const queries = useQueryClient()
  const may = useMay('operator')
  const [search, setSearch] = useAddress()
  const state = search.get('state') ?? ''
  const chosen = search.get('job')
  const jobs = useInfiniteQuery({
    queryKey: ['jobs', 'page', state],
    initialPageParam: `/api/jobs?limit=50${state === '' ? '' : `&state=${state}`}`,
    queryFn: ({ pageParam, signal }) => call<Job[]>('GET', pageParam, { signal }),
    getNextPageParam: ({ next }) => next,
  })
  useEvents(['job.changed'], () => void queries.invalidateQueries({ queryKey: ['jobs', 'page'] }))
  const all = jobs.data?.pages.flatMap(({ body }) => body) ?? []
  return (
    <PageFrame
      title="Jobs"
      lead="Power orders, imports and what is done to many machines at once. They are kept when the daemon restarts."
      actions={
        <NativeSelect
          aria-label="State"
          data={[{ value: '', label: 'in any state' }, ...JOB_STATES]}
          value={state}
          onChange={(event) => setSearch({ state: event.currentTarget.value })}
        />
      }
    >
      {jobs.error && <Problem sentence={sentenceOf(jobs.error)} retry={() => void jobs.refetch()} />}
      {jobs.isPending && <Skeleton height={160} />}
      {jobs.isSuccess && all.length === 0 && (
        <Empty title="No job of that kind">
          Turn a machine on, or import a distribution: it shows here, and at the foot of every page.
        </Empty>
      )}
      <Stack gap={0} className="cards">
        {all.map((job) => (
          <div key={job.id} className="card">
            <Group gap="sm">
              <JobPill state={job.state} />
              <UnstyledButton
                flex="1 1 220px"
                aria-expanded={job.id === chosen}
                onClick={() => setSearch({ job: job.id === chosen ? undefined : job.id })}
              >
                <Text fw={600} size="sm">
                  {job.title}
                </Text>
                <Text size="xs" c="dimmed">
                  {job.because}
                </Text>
              </UnstyledButton>
              <Text size="xs" c="dimmed" ta="right" className="nowrap">
                {job.by ?? 'nobody'}, <Ago at={job.started} />
                {job.ended !== null && `, took ${spanOf(job.ended - job.started)}`}
              </Text>
              {!hasEnded(job) && <CancelJob job={job} isAllowed={may} />}
            </Group>
            <JobProgress job={job} />
            {job.id === chosen && <WholeJob id={job.id} />}
          </div>
        ))}
      </Stack>
      {jobs.hasNextPage && (
        <Group justify="center">
          <Button variant="default" onClick={() => void jobs.fetchNextPage()} loading={jobs.isFetchingNextPage}>
            Older ones
          </Button>
        </Group>
      )}
    </PageFrame>
  )
}
