/** The login: a user and a password become a session of this browser. */
import { Button, Card, Center, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { post, Refusal, sentenceOf } from '../api.ts'
import { Mark } from '../parts/mark.tsx'
import { Problem } from '../parts/problem.tsx'

export function LoginPage({ onDone }: { onDone: () => void }) {
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const login = useMutation({
    mutationFn: () => post('/api/login', { user, password, session: true }),
    onSuccess: onDone,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    login.mutate()
  }
  return (
    <Center component="main" mih="100dvh" p="md">
      <title>Log in · Orchestra</title>
      <Card withBorder shadow="sm" padding="xl" w={380} maw="100%">
        <form onSubmit={submit}>
          <Stack>
            <Mark size={40} />
            <Title order={1} size="h2">
              Log in to Orchestra
            </Title>
            <TextInput
              label="User"
              name="user"
              autoComplete="username"
              required
              withAsterisk={false}
              data-autofocus
              autoFocus
              value={user}
              onChange={(event) => setUser(event.currentTarget.value)}
            />
            <PasswordInput
              label="Password"
              name="password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            {login.error && <Problem sentence={wordsOf(login.error)} />}
            <Button type="submit" loading={login.isPending}>
              Log in
            </Button>
            <Text size="sm" c="dimmed">
              The first start of the daemon printed a password for the user admin. An admin makes further users, with
              roles.
            </Text>
          </Stack>
        </form>
      </Card>
    </Center>
  )
}

/** Which of the two is wrong is told to nobody. */
function wordsOf(error: unknown): string {
  const isWrong = error instanceof Refusal && error.code === 'auth.login'
  return isWrong ? 'This user and this password do not belong together; try again.' : sentenceOf(error)
}
