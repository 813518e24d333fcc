/** The users: who may do what; adding one, changing a role, setting a password, removing. */
import { Button, Group, NativeSelect, Stack, Table, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, call, get, sentenceOf } from '../../api.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Problem } from '../../parts/problem.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { type Role, useSession } from '../../session.tsx'
import { AddUser } from './add-user.tsx'
import { ROLES } from './roles.ts'

interface User {
  readonly name: string
  readonly role: Role
  readonly revision: number
}

export function Users() {
  const queries = useQueryClient()
  const me = useSession().user
  const users = useQuery({ queryKey: ['users'], queryFn: ({ signal }) => get<User[]>('/api/users', signal) })
  const [isAdding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<User>()
  const again = () => queries.invalidateQueries({ queryKey: ['users'] })
  const change = useMutation({
    mutationFn: ({ user, role }: { user: User; role: Role }) =>
      call('PATCH', api`/api/users/${user.name}`, { body: { role }, ifMatch: `"${user.revision}"` }),
    onError: (error) =>
      notifications.show({ color: 'red', title: 'The role was not changed', message: sentenceOf(error) }),
    onSettled: again,
  })
  if (users.error) return <Problem sentence={sentenceOf(users.error)} retry={() => void users.refetch()} />
  return (
    <Stack>
      <Group>
        <Button onClick={() => setAdding(true)}>Add a user</Button>
      </Group>
      <ScrollRegion label="Users">
        <Table verticalSpacing="xs">
          <TableHead columns={['Name', 'Role']} withActions />
          <Table.Tbody>
            {(users.data ?? []).map((user) => (
              <Table.Tr key={user.name}>
                <Table.Td>
                  <Text fw={600} component="span">
                    {user.name}
                  </Text>
                  {user.name === me && (
                    <Text c="dimmed" size="sm" component="span">
                      {' '}
                      (you)
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  <NativeSelect
                    aria-label={`Role of ${user.name}`}
                    size="xs"
                    w={130}
                    data={ROLES}
                    value={user.role}
                    onChange={(event) => change.mutate({ user, role: event.currentTarget.value as Role })}
                  />
                </Table.Td>
                <Table.Td>
                  <Group justify="flex-end">
                    <Button size="xs" variant="subtle" color="red" onClick={() => setRemoving(user)}>
                      Remove<span className="for-ears"> {user.name}</span>
                    </Button>
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
      {isAdding && <AddUser onClose={() => setAdding(false)} onDone={() => void again()} />}
      {removing && (
        <Confirm
          title={`Remove ${removing.name}?`}
          action={`Remove ${removing.name}`}
          isDestructive
          same={{ cli: `orchestra user remove ${removing.name}`, api: `DELETE /api/users/${removing.name}` }}
          run={async () => {
            await call('DELETE', api`/api/users/${removing.name}`, { ifMatch: `"${removing.revision}"` })
            await again()
          }}
          onClose={() => setRemoving(undefined)}
        >
          <Text>
            All logins of {removing.name} end at once, and all tokens that {removing.name} has given to programs.
          </Text>
        </Confirm>
      )}
    </Stack>
  )
}
