/**
 * A machine becomes known: its name and MAC, what it gets, whose it may be, and how it is turned on. When it has a power
 * controller, that is tried at once, and can be mended here until it answers.
 */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { api, call, get, post, Refusal, sentenceOf } from '../api.ts'
import { EnrolFields, PowerFields } from './enrol-fields.tsx'
import {
  EMPTY_FORM,
  type EnrolForm,
  enrolmentOf,
  formField,
  powerOf,
  sameAs,
  sameAsEnrolling,
  systemOf,
} from './enrol-form.ts'
import { Equivalent } from './equivalent.tsx'
import { Problem } from './problem.tsx'

interface EnrolDialogProps {
  /** Of a machine that was seen already. */
  readonly mac?: string
  readonly onClose: () => void
}

/** Rendered while it is open. */
export function EnrolDialog({ mac = '', onClose }: EnrolDialogProps) {
  const queries = useQueryClient()
  const [form, setForm] = useState<EnrolForm>({ ...EMPTY_FORM, mac })
  const [added, setAdded] = useState<string>()
  const profiles = useQuery({
    queryKey: ['names', 'profile'],
    queryFn: ({ signal }) => get<{ profile: readonly string[] }>('/api/names?type=profile', signal),
  })
  const names = profiles.data?.profile ?? []
  // The only one there is need not be chosen.
  const whole = { ...form, profile: form.profile || (names.length === 1 ? (names[0] ?? '') : '') }
  const isSeen = mac !== '' && whole.mac === mac
  const add = useMutation({
    mutationFn: () => (isSeen ? enrol(whole) : post<{ name: string }>('/api/systems', systemOf(whole))),
    onSuccess: ({ name }) => {
      void queries.invalidateQueries({ queryKey: ['unknown-machines'] })
      setAdded(name)
    },
  })
  const change = (part: Partial<EnrolForm>) => setForm((before) => ({ ...before, ...part }))
  const wrong = add.error instanceof Refusal ? formField(add.error.field) : undefined
  const errors = wrong && add.error ? { [wrong]: sentenceOf(add.error) } : {}
  if (added !== undefined) {
    return (
      <Modal
        opened
        onClose={onClose}
        title={`${added} is added`}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Added name={added} form={whole} onChange={change} onClose={onClose} />
      </Modal>
    )
  }
  return (
    <Modal opened onClose={onClose} title="Add a machine" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          add.mutate()
        }}
      >
        <Stack gap="sm">
          <EnrolFields form={whole} profiles={names} errors={errors} onChange={change} />
          <PowerFields form={whole} errors={errors} onChange={change} />
          {profiles.isSuccess && names.length === 0 && (
            <Text size="sm">
              There is no profile yet: what would it install? <Link to="/profiles">Import a distribution first</Link>.
            </Text>
          )}
          {add.error && wrong === undefined && <Problem sentence={sentenceOf(add.error)} />}
          <Equivalent {...(isSeen ? sameAsEnrolling(whole) : sameAs(whole))} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Leave it
            </Button>
            <Button type="submit" loading={add.isPending} disabled={form.name.trim() === ''}>
              {form.powerType === '' ? 'Add' : 'Add and test its power'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** A machine that was seen keeps the boots that were seen of it. */
async function enrol(form: EnrolForm): Promise<{ readonly name: string }> {
  const system = await post<{ name: string }>(api`/api/unknown-machines/${form.mac}/enroll`, enrolmentOf(form))
  if (form.powerType.trim() !== '')
    await call('PATCH', api`/api/systems/${system.name}`, { body: { power: powerOf(form) } })
  return system
}

interface PowerTest {
  readonly ok: boolean
  readonly because: string
}

interface AddedProps {
  readonly name: string
  readonly form: EnrolForm
  readonly onChange: (part: Partial<EnrolForm>) => void
  readonly onClose: () => void
}

function Added({ name, form, onChange, onClose }: AddedProps) {
  const hasPower = form.powerType.trim() !== ''
  const [saved, setSaved] = useState(JSON.stringify(powerOf(form)))
  const test = useQuery({
    queryKey: ['power-test', name],
    queryFn: () => post<PowerTest>(api`/api/systems/${name}/power/test`),
    enabled: hasPower,
    staleTime: 0,
    gcTime: 0,
  })
  const again = useMutation({
    mutationFn: async () => {
      const power = powerOf(form)
      if (JSON.stringify(power) !== saved) await call('PATCH', api`/api/systems/${name}`, { body: { power } })
      setSaved(JSON.stringify(power))
      await test.refetch()
    },
  })
  const isBusy = test.isFetching || again.isPending
  const error = again.error ?? test.error
  return (
    <Stack gap="sm">
      <Text size="sm">
        {form.netboot ? 'Its next boot installs it.' : 'Its next boot goes to the disk: netboot is off.'}
      </Text>
      {hasPower && test.data?.ok && (
        <Group gap="xs" wrap="nowrap" role="status">
          <IconCircleCheck aria-hidden color="var(--mantine-color-teal-6)" />
          <Text size="sm">{test.data.because}</Text>
        </Group>
      )}
      {hasPower && isBusy && (
        <Text size="sm" role="status">
          Asking its power controller …
        </Text>
      )}
      {hasPower && !isBusy && (error || test.data?.ok === false) && (
        <Problem
          title="Its power controller does not answer"
          sentence={error ? sentenceOf(error) : (test.data?.because ?? '')}
        />
      )}
      {hasPower && !test.data?.ok && <PowerFields form={form} errors={{}} onChange={onChange} />}
      <Equivalent
        cli={hasPower ? `orchestra power test ${name}` : `orchestra system report --name ${name}`}
        api={hasPower ? `POST ${api`/api/systems/${name}/power/test`}` : `GET ${api`/api/systems/${name}`}`}
      />
      <Group justify="flex-end">
        {hasPower && (
          <Button variant="default" onClick={() => again.mutate()} loading={isBusy}>
            Test power
          </Button>
        )}
        <Button variant="default" component={Link} to={`/machines/${encodeURIComponent(name)}`}>
          Open {name}
        </Button>
        <Button onClick={onClose} data-autofocus>
          Done
        </Button>
      </Group>
    </Stack>
  )
}
