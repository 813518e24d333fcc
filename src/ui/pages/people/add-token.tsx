/** A new token for a program: a name, what it opens, and for how long; the token itself is told this once. */
import { Alert, Button, Checkbox, Code, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { post, Refusal, sentenceOf } from '../../api.ts'
import { Copy, Equivalent } from '../../parts/equivalent.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useMay } from '../../session.tsx'

const DAY = 24 * 3_600_000
const LIVES: Readonly<Record<string, number | undefined>> = {
  '30 days': 30 * DAY,
  '1 year': 365 * DAY,
  'without end': undefined,
}

export function AddToken({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const may = { operator: useMay('operator'), admin: useMay('admin') }
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<string[]>(['read'])
  const [life, setLife] = useState('1 year')
  const add = useMutation({
    mutationFn: () => {
      const milliseconds = LIVES[life]
      const expires = milliseconds === undefined ? {} : { expires: Date.now() + milliseconds }
      return post<{ name: string; token: string }>('/api/tokens', { name, scopes, ...expires })
    },
    onSuccess: onDone,
  })
  const fault = add.error instanceof Refusal && add.error.field === 'name' ? add.error.message : undefined
  const choices = [
    ['read', 'read: all that a viewer sees', true],
    ['power', 'power: turn machines on and off', may.operator],
    ['acquire', 'acquire: take machines and give them back', may.operator],
    ['write', 'write: all that an operator may', may.operator],
    ['admin', 'admin: everything', may.admin],
  ] as const
  return (
    <Modal opened onClose={onClose} title="Make a token for a program" closeButtonProps={{ 'aria-label': 'Close' }}>
      {add.data ? (
        <Stack>
          <Alert color="teal" variant="light" title={`${add.data.name} is made`}>
            The token is told this once. The program sends it as “Authorization: Bearer …”.
          </Alert>
          <Group gap="xs" wrap="nowrap">
            <Code block flex={1} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
              {add.data.token}
            </Code>
            <Copy text={add.data.token} label="Copy the token" />
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
              description="What it is for: terraform, grafana, nightly-reinstall"
              required
              data-autofocus
              autoComplete="off"
              value={name}
              error={fault}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Checkbox.Group label="What it opens" value={scopes} onChange={setScopes}>
              <Stack gap={6} mt={6}>
                {choices.map(([value, label, isAllowed]) => (
                  <Checkbox key={value} value={value} label={label} disabled={!isAllowed} />
                ))}
              </Stack>
            </Checkbox.Group>
            <NativeSelect
              label="It lives"
              data={Object.keys(LIVES)}
              value={life}
              onChange={(event) => setLife(event.currentTarget.value)}
            />
            {add.error && fault === undefined && <Problem sentence={sentenceOf(add.error)} />}
            <Equivalent
              cli={`orchestra token add --name ${name || 'NAME'} --scope ${scopes.join(',')}`}
              api={`POST /api/tokens ${JSON.stringify({ name, scopes })}`}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={add.isPending} disabled={scopes.length === 0}>
                Make it
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}
