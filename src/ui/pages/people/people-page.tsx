/** Users with their roles, and the tokens that people give to programs. The tab is in the address. */
import { Tabs } from '@mantine/core'
import { useAddress } from '../../parts/address.ts'
import { PageFrame } from '../../parts/page-frame.tsx'
import { useMay } from '../../session.tsx'
import { PasswordForm } from './password-form.tsx'
import { Tokens } from './tokens.tsx'
import { Users } from './users.tsx'

export function PeoplePage() {
  const isAdmin = useMay('admin')
  const [search, setSearch] = useAddress()
  const tab = search.get('tab') ?? (isAdmin ? 'users' : 'tokens')
  return (
    <PageFrame
      title="Users and tokens"
      lead="A viewer reads; an operator also changes machines and their power; an admin also imports, edits templates and manages users."
    >
      <Tabs value={tab} onChange={(to) => setSearch({ tab: to ?? undefined })} keepMounted={false}>
        <Tabs.List>
          {isAdmin && <Tabs.Tab value="users">Users</Tabs.Tab>}
          <Tabs.Tab value="tokens">Tokens of programs</Tabs.Tab>
          <Tabs.Tab value="password">My password</Tabs.Tab>
        </Tabs.List>
        {isAdmin && (
          <Tabs.Panel value="users" pt="md">
            <Users />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="tokens" pt="md">
          <Tokens />
        </Tabs.Panel>
        <Tabs.Panel value="password" pt="md">
          <PasswordForm />
        </Tabs.Panel>
      </Tabs>
    </PageFrame>
  )
}
