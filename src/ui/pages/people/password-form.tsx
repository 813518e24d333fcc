/** One's own password; changing it ends all logins, this one too. */
import { Button, Group, PasswordInput, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { post, sentenceOf } from '../../api.ts'
import { Problem } from '../../parts/problem.tsx'
import { useSession } from '../../session.tsx'

export function PasswordForm() {
  const { logOut, user } = useSession()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const change = useMutation({
    mutationFn: () => post('/api/account/password', { current, password }),
    // All logins have ended, this one with them.
    onSuccess: () => logOut().catch(() => location.assign('/ui/')),
  })
  const isTypo = again !== '' && again !== password
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!isTypo) change.mutate()
      }}
    >
      <Stack maw={420}>
        <input type="hidden" name="username" autoComplete="username" value={user} readOnly />
        <PasswordInput
          label="Password now"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password"
          description="All your logins end when it changes; log in again with the new one."
          autoComplete="new-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password, again"
          autoComplete="new-password"
          required
          value={again}
          error={isTypo ? 'This is not the same as above.' : undefined}
          onChange={(event) => setAgain(event.currentTarget.value)}
        />
        {change.error && <Problem sentence={sentenceOf(change.error)} />}
        <Group>
          <Button type="submit" loading={change.isPending}>
            Change my password
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
