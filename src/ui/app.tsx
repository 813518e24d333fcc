/** The application: the login, or the shell with the page that the address names. */
import { Center, Loader } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useMemo } from 'react'
import { Route, Routes } from 'react-router'
import { get, onLoggedOut, post, Refusal, sentenceOf } from './api.ts'
import { startLive } from './live.ts'
import { PAGES } from './pages/list.ts'
import { LoginPage } from './pages/login.tsx'
import { NothingHere } from './pages/nothing-here.tsx'
import { Problem } from './parts/problem.tsx'
import { Shell } from './parts/shell.tsx'
import { type Role, type Session, SessionProvider } from './session.tsx'

interface Account {
  readonly user: string
  readonly role: Role
}

const ROUTES = PAGES.map(({ path, load }) => ({ path, Page: lazy(async () => ({ default: await load() })) }))

export function App() {
  const queries = useQueryClient()
  const account = useQuery({ queryKey: ['account'], queryFn: ({ signal }) => get<Account>('/api/account', signal) })
  const version = useQuery({
    queryKey: ['version'],
    queryFn: ({ signal }) => get<{ version: string }>('/api/version', signal),
    enabled: account.isSuccess,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const isIn = account.isSuccess

  useEffect(() => onLoggedOut(() => void queries.resetQueries({ queryKey: ['account'] })), [queries])
  useEffect(() => (isIn ? startLive() : undefined), [isIn])

  const session = useMemo<Session | undefined>(
    () =>
      account.data && {
        ...account.data,
        version: version.data?.version ?? '',
        async logOut() {
          await post('/api/logout')
          // What the last person saw is not the next one's to see.
          queries.clear()
          location.assign('/ui/')
        },
      },
    [account.data, version.data, queries],
  )

  if (account.isPending) return <Waiting />
  if (!session) {
    if (account.error instanceof Refusal && account.error.status === 401) {
      return <LoginPage onDone={() => void queries.resetQueries({ queryKey: ['account'] })} />
    }
    return (
      <Center h="100dvh" p="md">
        <Problem sentence={sentenceOf(account.error)} retry={() => void account.refetch()} />
      </Center>
    )
  }
  return (
    <SessionProvider session={session}>
      <Shell>
        <Suspense fallback={<Waiting />}>
          <Routes>
            {ROUTES.map(({ path, Page }) => (
              <Route key={path} path={path} element={<Page />} />
            ))}
            <Route path="*" element={<NothingHere />} />
          </Routes>
        </Suspense>
      </Shell>
    </SessionProvider>
  )
}

function Waiting() {
  return (
    <Center mih={240}>
      <Loader aria-label="Loading" />
    </Center>
  )
}
