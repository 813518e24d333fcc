/** All of a machine that can be changed, in one form. What another saved meanwhile is shown, and neither loses anything. */
import { Button, Group, Modal, Stack, Table, Tabs, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { System } from '../../../model/system.ts'
import { type Answer, api, call, Refusal, sentenceOf } from '../../api.ts'
import { Equivalent } from '../../parts/equivalent.tsx'
import { Problem } from '../../parts/problem.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { EditInstall, EditMain, EditNetwork, EditPower } from './edit-forms.tsx'
import {
  type Conflict,
  changedKeys,
  commandOf,
  conflictsOf,
  type Fields,
  fieldsOf,
  laidOver,
  patchOf,
} from './fields.ts'

interface Base {
  readonly fields: Fields
  readonly etag: string | undefined
}

export function EditDialog({ answer, onClose }: { answer: Answer<System>; onClose: () => void }) {
  const queries = useQueryClient()
  const { name } = answer.body
  const path = api`/api/systems/${name}`
  // As it was when the person began: what comes in meanwhile must not change under the hands.
  const [base, setBase] = useState<Base>(() => ({ fields: fieldsOf(answer.body), etag: answer.etag }))
  const [fields, setFields] = useState(base.fields)
  const [conflict, setConflict] = useState<{ base: Base; all: readonly Conflict[] }>()
  const save = useMutation({
    mutationFn: () => call<System>('PATCH', path, { body: patchOf(base.fields, fields), ifMatch: base.etag }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['machine', name] })
      onClose()
    },
    onError: async (error) => {
      if (!(error instanceof Refusal) || error.status !== 412) return
      const theirs = await call<System>('GET', path)
      const now = { fields: fieldsOf(theirs.body), etag: theirs.etag }
      setConflict({ base: now, all: conflictsOf(base.fields, now.fields, fields) })
    },
  })
  const changed = changedKeys(base.fields, fields)
  const isStale = save.error instanceof Refusal && save.error.status === 412
  const fault = save.error instanceof Refusal && !isStale ? save.error : undefined
  const form = {
    fields,
    change: (key: string, value: string) => setFields((before) => ({ ...before, [key]: value })),
    replace: setFields,
    faultOf: (key: string) => (fault?.field === key ? fault.message : undefined),
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (changed.length > 0 && !conflict) save.mutate()
  }
  return (
    <Modal opened onClose={onClose} size="xl" title={`Edit ${name}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack>
          <Tabs defaultValue="main" keepMounted={false}>
            <Tabs.List>
              <Tabs.Tab value="main">Machine</Tabs.Tab>
              <Tabs.Tab value="network">Network</Tabs.Tab>
              <Tabs.Tab value="install">Install</Tabs.Tab>
              <Tabs.Tab value="power">Power</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="main" pt="md">
              <EditMain form={form} />
            </Tabs.Panel>
            <Tabs.Panel value="network" pt="md">
              <EditNetwork form={form} />
            </Tabs.Panel>
            <Tabs.Panel value="install" pt="md">
              <EditInstall form={form} />
            </Tabs.Panel>
            <Tabs.Panel value="power" pt="md">
              <EditPower form={form} />
            </Tabs.Panel>
          </Tabs>
          {save.error && !isStale && <Problem sentence={sentenceOf(save.error)} />}
          {conflict && (
            <ConflictAlert
              name={name}
              all={conflict.all}
              onTake={() => {
                setFields(laidOver(base.fields, conflict.base.fields, fields))
                setBase(conflict.base)
                setConflict(undefined)
                save.reset()
              }}
              onDrop={() => {
                setFields(conflict.base.fields)
                setBase(conflict.base)
                setConflict(undefined)
                save.reset()
              }}
            />
          )}
          <Equivalent
            cli={commandOf(name, base.fields, fields)}
            api={`PATCH ${path} ${JSON.stringify(hidden(patchOf(base.fields, fields)))}`}
          />
          <Group justify="space-between">
            <Text size="sm" c="dimmed" role="status">
              {changed.length === 0 ? 'Nothing is changed' : `${changed.length} changed`}
            </Text>
            <Group gap="xs">
              <Button variant="default" onClick={onClose}>
                Leave it
              </Button>
              <Button type="submit" loading={save.isPending} disabled={changed.length === 0 || conflict !== undefined}>
                Save
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** A password that was typed is not shown again. */
function hidden(patch: Record<string, unknown>): Record<string, unknown> {
  const power = patch['power'] as Record<string, string> | undefined
  return power?.['pass'] === undefined ? patch : { ...patch, power: { ...power, pass: '…' } }
}

interface ConflictAlertProps {
  readonly name: string
  readonly all: readonly Conflict[]
  readonly onTake: () => void
  readonly onDrop: () => void
}

function ConflictAlert({ name, all, onTake, onDrop }: ConflictAlertProps) {
  return (
    <div role="alert" className="verdict verdict-warn">
      <Stack gap="sm">
        <Text fw={650}>{name} was changed by somebody else meanwhile</Text>
        {all.length === 0 ? (
          <Text size="sm">What was changed is none of the fields of this form. Nothing that you entered is lost.</Text>
        ) : (
          <Table fz="sm" verticalSpacing={4} aria-label="What was changed">
            <TableHead columns={['Field', 'It was', 'It is now', 'You entered']} />
            <Table.Tbody>
              {all.map(({ key, before, theirs, mine }) => (
                <Table.Tr key={key}>
                  <Table.Td>{key}</Table.Td>
                  <Table.Td className="mono">{before || '—'}</Table.Td>
                  <Table.Td className="mono">{theirs || '—'}</Table.Td>
                  <Table.Td className="mono">{mine ?? 'nothing else'}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        <Group gap="xs">
          <Button size="xs" onClick={onTake}>
            Lay my changes over it
          </Button>
          <Button size="xs" variant="default" onClick={onDrop}>
            Drop mine, show what is there
          </Button>
        </Group>
      </Stack>
    </div>
  )
}
