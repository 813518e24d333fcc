/** What orchestra.yaml and the environment say: each setting with its meaning and where it comes from, checked before it is written. */
import { Alert, Button, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Json } from '../../../lib/json.ts'
import { get, sentenceOf } from '../../api.ts'
import { useAddress } from '../../parts/address.ts'
import { Equivalent } from '../../parts/equivalent.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Problem } from '../../parts/problem.tsx'
import { SettingRow } from './setting-row.tsx'
import { type Changes, checkChanges, getSettings, restart, saveChanges } from './settings.ts'

export function SettingsPage() {
  const queries = useQueryClient()
  const [search, setSearch] = useAddress()
  const words = search.get('q') ?? ''
  const settings = useQuery({ queryKey: ['settings'], queryFn: ({ signal }) => getSettings(signal) })
  const advice = useQuery({ queryKey: ['check'], queryFn: ({ signal }) => get<string[]>('/api/check', signal) })
  const [changes, setChanges] = useState<Changes>({})
  const again = () => Promise.all([settings.refetch(), advice.refetch()])
  const check = useMutation({ mutationFn: () => checkChanges(changes) })
  const save = useMutation({
    mutationFn: () => saveChanges(changes),
    onSuccess: async () => {
      setChanges({})
      check.reset()
      await again()
    },
  })
  const start = useMutation({
    mutationFn: restart,
    onSuccess: async ({ because }) => {
      notifications.show(
        because === null
          ? { color: 'teal', message: 'The daemon serves with the new settings' }
          : { color: 'red', title: 'The old settings are served on', message: because, autoClose: false },
      )
      await queries.invalidateQueries()
    },
  })
  const { values = [], place = '', file = null, writable = true, pending = false, faults = [] } = settings.data ?? {}
  const changed = Object.keys(changes)
  const wanted = words.toLowerCase()
  const shown = values.filter(({ path, meaning }) => `${path} ${meaning}`.toLowerCase().includes(wanted))
  const change = (path: string, value: Json | undefined) =>
    setChanges(({ [path]: _, ...others }) => (value === undefined ? others : { ...others, [path]: value }))
  const found = [...(check.data ?? []), ...faults]
  return (
    <PageFrame
      title="Settings"
      lead={
        file === null
          ? `There is no settings file yet; what is saved here is written to ${place}.`
          : `Written in ${place}. What the environment says goes before it.`
      }
      actions={
        <Button variant={pending ? 'filled' : 'default'} loading={start.isPending} onClick={() => start.mutate()}>
          Restart the daemon
        </Button>
      }
    >
      {settings.error && <Problem sentence={sentenceOf(settings.error)} retry={() => void settings.refetch()} />}
      {start.error && <Problem sentence={sentenceOf(start.error)} />}
      {pending && (
        <Alert color="yellow" variant="light" title="Saved, and not served yet">
          A restart takes a second or two; machines that ask meanwhile ask again by themselves.
        </Alert>
      )}
      {!writable && (
        <Alert color="yellow" variant="light">
          {place} cannot be written by the daemon: change it on the server.
        </Alert>
      )}
      {(advice.data ?? []).length > 0 && (
        <Alert color="yellow" variant="light" title="What orchestra check has to say">
          <Stack gap={4}>
            {advice.data?.map((sentence) => (
              <Text size="sm" key={sentence}>
                {sentence}
              </Text>
            ))}
          </Stack>
        </Alert>
      )}
      <TextInput
        aria-label="Find a setting"
        placeholder="Find a setting"
        maw={360}
        value={words}
        onChange={(event) => setSearch({ q: event.currentTarget.value })}
      />
      {settings.isPending && <Skeleton height={300} />}
      <div className="cards">
        {shown.map((setting) => (
          <SettingRow
            key={setting.path}
            setting={setting}
            change={changes[setting.path]}
            fault={found.find(
              ({ path }) =>
                path === setting.path || path.startsWith(`${setting.path}.`) || path.startsWith(`${setting.path}[`),
            )}
            isReadOnly={!writable}
            onChange={(value) => change(setting.path, value)}
          />
        ))}
      </div>
      {changed.length > 0 && (
        <section className="saving" aria-label="Changes that are not saved">
          <Stack gap="sm">
            <Text fw={600}>
              {changed.length} {changed.length === 1 ? 'change is' : 'changes are'} not saved: {changed.join(', ')}
            </Text>
            {(save.error ?? check.error) && <Problem sentence={sentenceOf(save.error ?? check.error)} />}
            {check.data?.length === 0 && (
              <Text size="sm" role="status">
                Nothing is wrong with that.
              </Text>
            )}
            {check.data?.map(({ path, message }) => (
              <Problem key={path} sentence={`${path}: ${message}`} />
            ))}
            <Equivalent
              cli={`orchestra config set ${changed.map((path) => `${path}='${JSON.stringify(changes[path])}'`).join(' ')}`}
              api={`PATCH /api/settings ${JSON.stringify({ changes })}`}
            />
            <Group>
              <Button onClick={() => save.mutate()} loading={save.isPending}>
                Save
              </Button>
              <Button variant="default" onClick={() => check.mutate()} loading={check.isPending}>
                Check
              </Button>
              <Button
                variant="subtle"
                onClick={() => {
                  setChanges({})
                  check.reset()
                  save.reset()
                }}
              >
                Leave all as it is
              </Button>
            </Group>
          </Stack>
        </section>
      )}
    </PageFrame>
  )
}
