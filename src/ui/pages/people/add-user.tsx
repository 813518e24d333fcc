/** A new user: a name and a role; the password is made up by the server and told this once. */
import { Alert, Button, Code, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { post, Refusal, sentenceOf } from '../../api.ts'
import { Copy, Equivalent } from '../../parts/equivalent.tsx'
import { Problem } from '../../parts/problem.tsx'
import type { Role } from '../../session.tsx'
import { ROLES } from './roles.ts'

export function AddUser({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('operator')
  const add = useMutation({
    mutationFn: () => post<{ name: string; password: string }>('/api/users', { name, role }),
    onSuccess: onDone,
  })
  const fault = add.error instanceof Refusal && add.error.field === 'name' ? add.error.message : undefined
  return (
    <Modal opened onClose={onClose} title="Add a user" closeButtonProps={{ 'aria-label': 'Close' }}>
      {add.data ? (
        <Stack>
          <Alert color="teal" variant="light" title={`${add.data.name} may come in`}>
            This password is told this once. {add.data.name} can change it under “My password”.
          </Alert>
          <Group gap="xs">
            <Code fz="md">{add.data.password}</Code>
            <Copy text={add.data.password} label="Copy the password" />
          </Group>
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            add.mutate()
          }}
        >
          <Stack>
            <TextInput
              label="Name"
              required
              data-autofocus
              autoComplete="off"
              value={name}
              error={fault}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <NativeSelect
              label="Role"
              data={ROLES}
              value={role}
              onChange={(event) => setRole(event.currentTarget.value as Role)}
            />
            {add.error && fault === undefined && <Problem sentence={sentenceOf(add.error)} />}
            <Equivalent
              cli={`orchestra user add ${name || 'NAME'} --role ${role} --generate`}
              api={`POST /api/users ${JSON.stringify({ name, role })}`}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={add.isPending}>
                Add
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}
