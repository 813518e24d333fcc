/** An installer's tree on the server, or in its store, becomes a distro and a profile; what is done is shown as it happens. */
import { Button, Code, Group, Modal, Progress, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { hasEnded, type Job, type JobLine } from '../../../model/job.ts'
import { api, call, get, post, Refusal, sentenceOf } from '../../api.ts'
import { Equivalent } from '../../parts/equivalent.tsx'
import { Problem } from '../../parts/problem.tsx'

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [path, setPath] = useState('')
  const start = useMutation({
    mutationFn: () => post<{ job: Job }>('/api/import', { name, path, background: true }),
  })
  const faultOf = (field: string) =>
    start.error instanceof Refusal && start.error.field === field ? start.error.message : undefined
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title="Import a distribution"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {start.data ? (
        <Progressing id={start.data.job.id} name={name} onClose={onClose} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            start.mutate()
          }}
        >
          <Stack>
            <Text size="sm">
              The netboot tree of an installer: a folder or a tar archive on the server, like{' '}
              <Code>/usr/lib/debian-installer/images</Code> of the package debian-installer-netboot-images, or one that
              was put into the store.
            </Text>
            <TextInput
              label="Name"
              description="Of the distro and of its profile: debian-13"
              required
              data-autofocus
              autoComplete="off"
              value={name}
              error={faultOf('name')}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <TextInput
              label="Where it is"
              description="A whole path on the server, or store:FOLDER"
              required
              autoComplete="off"
              value={path}
              error={faultOf('path')}
              onChange={(event) => setPath(event.currentTarget.value)}
            />
            {start.error && !faultOf('name') && !faultOf('path') && <Problem sentence={sentenceOf(start.error)} />}
            <Equivalent
              cli={`orchestra import --name ${name || 'NAME'} --path ${path || 'PATH'}`}
              api={`POST /api/import ${JSON.stringify({ name, path, background: true })}`}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={start.isPending}>
                Import
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}

/** It goes on without this window; the jobs below the page show it as well. */
function Progressing({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const job = useQuery({
    queryKey: ['job', id],
    queryFn: ({ signal }) => get<Job>(api`/api/jobs/${id}`, signal),
    refetchInterval: ({ state }) => (state.data && hasEnded(state.data) ? false : 500),
  })
  const output = useQuery({
    queryKey: ['job', id, 'output', job.data?.progress?.done, job.data?.state],
    queryFn: ({ signal }) => get<JobLine[]>(api`/api/jobs/${id}/output`, signal),
    placeholderData: (before) => before,
  })
  const { state = 'running', progress = null, because = '' } = job.data ?? {}
  const percent = progress && progress.total > 0 ? (100 * progress.done) / progress.total : undefined
  const isOver = job.data !== undefined && hasEnded(job.data)
  return (
    <Stack>
      <Progress.Root size="lg">
        <Progress.Section
          value={isOver ? 100 : (percent ?? 100)}
          color={state === 'failed' ? 'red' : state === 'done' ? 'teal' : 'indigo'}
          animated={!isOver}
          aria-label={`Import of ${name}`}
        />
      </Progress.Root>
      <Text role="status">{because || state}</Text>
      <Code block tabIndex={0} aria-label="What was done" className="answer">
        {(output.data ?? []).map(({ text }) => text).join('\n') || '…'}
      </Code>
      <Group justify="flex-end">
        {!isOver && (
          <Button variant="default" onClick={() => void call('DELETE', api`/api/jobs/${id}`)}>
            Give it up
          </Button>
        )}
        {state === 'done' && (
          <Button component={Link} to={`/profiles/${encodeURIComponent(name)}`}>
            Open the profile
          </Button>
        )}
        <Button variant={state === 'done' ? 'default' : 'filled'} onClick={onClose}>
          {isOver ? 'Close' : 'Let it go on'}
        </Button>
      </Group>
    </Stack>
  )
}
