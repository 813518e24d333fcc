/** What a long task says while it goes on, and how each of its machines came out. */
import { Code, Progress, Stack, Table, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Job, JobLine, JobState } from '../../model/job.ts'
import { api } from '../api.ts'
import { Pill, type Tone } from './pill.tsx'
import { ScrollRegion } from './scroll-region.tsx'

const TONES: Readonly<Record<JobState, Tone>> = {
  waiting: 'calm',
  running: 'busy',
  done: 'good',
  failed: 'bad',
  cancelled: 'warn',
}

export function JobPill({ state }: { state: JobState }) {
  return <Pill tone={TONES[state]}>{state}</Pill>
}

export function JobProgress({ job: { progress, state, title } }: { job: Job }) {
  const isOver = state !== 'running' && state !== 'waiting'
  const percent = progress && progress.total > 0 ? (100 * progress.done) / progress.total : undefined
  if (isOver || state === 'waiting') return null
  return (
    <Progress.Root size="sm">
      <Progress.Section
        value={percent ?? 100}
        animated={percent === undefined}
        aria-label={`How far it is: ${title}`}
      />
    </Progress.Root>
  )
}

export function JobOutput({ job }: { job: Job }) {
  const lines = useLines(job.id)
  return (
    <Stack gap="sm">
      <Text size="sm">{job.because}</Text>
      <JobProgress job={job} />
      {job.results && job.results.length > 1 && (
        <ScrollRegion label={`Machines of ${job.title}`}>
          <Table fz="sm" verticalSpacing={4}>
            <Table.Tbody>
              {job.results.map(({ system, outcome, because }) => (
                <Table.Tr key={system}>
                  <Table.Td>{system}</Table.Td>
                  <Table.Td>
                    <JobPill state={outcome} />
                  </Table.Td>
                  <Table.Td>{because}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollRegion>
      )}
      {lines.length > 0 && (
        <Code block tabIndex={0} aria-label={`Output of ${job.title}`} className="answer">
          {lines.map(({ at, text }) => `${new Date(at).toLocaleTimeString()}  ${text}`).join('\n')}
        </Code>
      )}
    </Stack>
  )
}

/** All that it has said, and what it says from now on; asks for the job again when that ends. */
function useLines(id: string): readonly JobLine[] {
  const queries = useQueryClient()
  const [lines, setLines] = useState<readonly JobLine[]>([])
  useEffect(() => {
    setLines([])
    const stream = new EventSource(api`/api/jobs/${id}/output?follow=1`)
    stream.onmessage = ({ data }: MessageEvent<string>) =>
      setLines((before) => [...before, JSON.parse(data) as JobLine])
    stream.addEventListener('end', () => {
      stream.close()
      void queries.invalidateQueries({ queryKey: ['jobs'] })
      void queries.invalidateQueries({ queryKey: ['job', id] })
    })
    return () => stream.close()
  }, [id, queries])
  return lines
}
