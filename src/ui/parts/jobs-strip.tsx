/** At the foot of every page: the long tasks that are under way, and what each of them says, live. */
import { ActionIcon, Anchor, Button, Group, Text, Tooltip, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronUp, IconX } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { hasEnded, type Job } from '../../model/job.ts'
import { api, call, get } from '../api.ts'
import { useEvents } from '../live.ts'
import { useMay } from '../session.tsx'
import { Ago } from './ago.tsx'
import { JobOutput, JobPill, JobProgress } from './job-output.tsx'

/** The last ones; older ones are on their page. */
const SHOWN = 8

export function JobsStrip() {
  const queries = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const [chosen, setChosen] = useState<string>()
  const jobs = useQuery({
    queryKey: ['jobs', 'strip'],
    queryFn: ({ signal }) => get<Job[]>(`/api/jobs?limit=${SHOWN}`, signal),
  })
  useEvents(['job.changed'], () => void queries.invalidateQueries({ queryKey: ['jobs'] }))
  const all = jobs.data ?? []
  const running = all.filter((job) => !hasEnded(job))
  const last = all[0]
  if (!last) return null
  const words =
    running.length === 0
      ? `No job under way; the last one: ${last.title}, ${last.state}`
      : `${running.length} ${running.length === 1 ? 'job' : 'jobs'} under way: ${running.map(({ title }) => title).join(', ')}`
  return (
    <section className="jobs" aria-label="Jobs">
      <span className="for-ears" role="status">
        {words}
      </span>
      <UnstyledButton className="jobs-bar" onClick={() => setOpen(!isOpen)} aria-expanded={isOpen}>
        {isOpen ? <IconChevronDown size={16} aria-hidden /> : <IconChevronUp size={16} aria-hidden />}
        <Text size="xs" truncate component="span">
          {words}
        </Text>
      </UnstyledButton>
      {isOpen && (
        <div className="jobs-list">
          {all.map((job) => (
            <StripJob
              key={job.id}
              job={job}
              isChosen={job.id === chosen}
              onChoose={() => setChosen(job.id === chosen ? undefined : job.id)}
            />
          ))}
          <Anchor component={Link} to="/jobs" size="sm">
            All jobs
          </Anchor>
        </div>
      )}
    </section>
  )
}

function StripJob({ job, isChosen, onChoose }: { job: Job; isChosen: boolean; onChoose: () => void }) {
  const may = useMay('operator')
  return (
    <div className="jobs-one">
      <Group gap="sm" wrap="nowrap">
        <JobPill state={job.state} />
        <Button size="compact-xs" variant="subtle" onClick={onChoose} aria-expanded={isChosen}>
          {job.title}
        </Button>
        <Text size="xs" c="dimmed" truncate flex={1} miw={0}>
          {job.because}
        </Text>
        <Text size="xs" c="dimmed" className="nowrap" visibleFrom="sm">
          {job.by ?? ''} <Ago at={job.ended ?? job.started} />
        </Text>
        {!hasEnded(job) && <CancelJob job={job} isAllowed={may} />}
      </Group>
      <JobProgress job={job} />
      {isChosen && <WholeJob id={job.id} />}
    </div>
  )
}

export function CancelJob({ job: { id, title }, isAllowed }: { job: Job; isAllowed: boolean }) {
  const queries = useQueryClient()
  return (
    <Tooltip label={isAllowed ? 'Cancel' : 'Operators cancel jobs'}>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="red"
        disabled={!isAllowed}
        aria-label={`Cancel ${title}`}
        onClick={() =>
          void call('DELETE', api`/api/jobs/${id}`).finally(() => queries.invalidateQueries({ queryKey: ['jobs'] }))
        }
      >
        <IconX size={14} />
      </ActionIcon>
    </Tooltip>
  )
}

/** With what the list leaves out. */
export function WholeJob({ id }: { id: string }) {
  const queries = useQueryClient()
  const job = useQuery({ queryKey: ['job', id], queryFn: ({ signal }) => get<Job>(api`/api/jobs/${id}`, signal) })
  useEvents(['job.changed'], (payload) => {
    if (payload.id === id) void queries.invalidateQueries({ queryKey: ['job', id] })
  })
  return job.data ? <JobOutput job={job.data} /> : null
}
