/** The fields of one object: only what was changed is sent, and a refusal stands at the field that it is about. */
import { Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { INHERIT } from '../../../model/item.ts'
import { api, call, get, Refusal, sentenceOf } from '../../api.ts'
import { Equivalent } from '../../parts/equivalent.tsx'
import { FieldInput } from '../../parts/field-input.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useMay } from '../../session.tsx'
import type { Field, Kind } from './fields.ts'
import type { Answered } from './item-list.tsx'

interface Props {
  readonly kind: Kind
  /** Undefined: a new one. */
  readonly item: Answered | undefined
  readonly onSaved: (item: Answered) => Promise<void>
}

export function ItemForm({ kind: { plural, type, fields }, item, onSaved }: Props) {
  const may = useMay('operator')
  const [name, setName] = useState('')
  const [changes, setChanges] = useState<Readonly<Record<string, unknown>>>({})
  const choices = useChoices()
  const isEmpty = Object.keys(changes).length === 0
  const save = useMutation({
    mutationFn: async () => {
      const sent = item
        ? await call<Answered>('PATCH', api`/api/${plural}/${item.name}`, {
            body: changes,
            ifMatch: `"${item.revision}"`,
          })
        : await call<Answered>('POST', `/api/${plural}`, { body: { name, ...changes } })
      return sent.body
    },
    onSuccess: async (saved) => {
      notifications.show({ color: 'teal', message: `${saved.name} is saved; the next request of a machine sees it` })
      await onSaved(saved)
    },
  })
  const faultOf = (field: string) =>
    save.error instanceof Refusal && save.error.field === field ? save.error.message : undefined
  const isElsewhere = save.error && ![...fields.map(({ name: field }) => field), 'name'].some((field) => faultOf(field))
  const verb = item ? `edit --name ${item.name}` : `add --name ${name || 'NAME'}`
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack>
        {!item && (
          <TextInput
            label="Name"
            required
            maw={480}
            autoComplete="off"
            value={name}
            error={faultOf('name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <SimpleGrid cols={{ base: 1, md: 2 }} verticalSpacing="md">
          {fields.map((field) => (
            <FieldInput
              key={field.name}
              {...shapeOf(field)}
              choices={choices(field.kind)}
              isReadOnly={!may}
              error={faultOf(field.name)}
              value={changes[field.name] ?? item?.[field.name] ?? beginningOf(field)}
              onChange={(value) => setChanges((before) => ({ ...before, [field.name]: value }))}
            />
          ))}
        </SimpleGrid>
        {isElsewhere && <Problem sentence={sentenceOf(save.error)} />}
        {!isEmpty && (
          <Equivalent
            cli={`orchestra ${type} ${verb} ${Object.entries(changes)
              .map(([field, value]) => flagOf(field, value))
              .join(' ')}`}
            api={`${item ? `PATCH /api/${plural}/${item.name}` : `POST /api/${plural}`} ${JSON.stringify(item ? changes : { name, ...changes })}`}
          />
        )}
        <Group>
          <Button type="submit" loading={save.isPending} disabled={!may || (item !== undefined && isEmpty)}>
            Save
          </Button>
          {!may && (
            <Text size="sm" c="dimmed">
              Only operators and admins change this.
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  )
}

function shapeOf({ label, kind, help, inherits, required }: Field) {
  const plain = kind === 'distro' || kind === 'profile' || kind === 'autoinstall' ? 'choice' : kind
  return { label, help, kind: plain, inherits: inherits ?? false, required: required ?? false } as const
}

/** Of a new object, as the server makes it. */
function beginningOf({ kind, inherits }: Field): unknown {
  if (inherits) return INHERIT
  return kind === 'options' ? {} : kind === 'list' ? [] : ''
}

/** Cobbler's words, as its command line takes them. */
function flagOf(field: string, value: unknown): string {
  const flag = field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const text = typeof value === 'string' ? value : Array.isArray(value) ? value.join(' ') : JSON.stringify(value)
  return `--${FLAGS[field] ?? flag}='${text}'`
}

const FLAGS: Readonly<Record<string, string>> = { kernelOptions: 'kernel-options', meta: 'autoinstall-meta' }

/** Names that can be chosen, asked for once for the whole form. */
function useChoices(): (kind: Field['kind']) => readonly string[] {
  const names = useQuery({
    queryKey: ['names'],
    queryFn: ({ signal }) => get<Readonly<Record<string, readonly string[]>>>('/api/names', signal),
  })
  const templates = useQuery({
    queryKey: ['templates'],
    queryFn: ({ signal }) => get<{ readonly path: string; readonly kind: string }[]>('/api/templates', signal),
  })
  return (kind) => {
    if (kind === 'distro' || kind === 'profile') return names.data?.[kind] ?? []
    if (kind !== 'autoinstall') return []
    const answers = (templates.data ?? []).filter((one) => one.kind === 'preseed' || one.kind === 'autoinstall')
    return answers.map(({ path }) => path.replace(/^(preseeds|autoinstall_templates)\//, ''))
  }
}
