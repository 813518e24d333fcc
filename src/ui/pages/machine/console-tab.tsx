/** The consoles of a machine, side by side: those that its power driver reaches, and why there is none. */
import { Loader, SegmentedControl, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { api, get, sentenceOf } from '../../api.ts'
import { Empty } from '../../parts/empty.tsx'
import { Problem } from '../../parts/problem.tsx'

interface Kind {
  readonly kind: 'serial' | 'vnc'
  readonly available: boolean
  readonly because: string
}

// Each brings a library that most pages never need.
const SerialConsole = lazy(async () => ({ default: (await import('../../parts/serial-console.tsx')).SerialConsole }))
const ScreenConsole = lazy(async () => ({ default: (await import('../../parts/screen-console.tsx')).ScreenConsole }))

const WORDS: Readonly<Record<Kind['kind'], string>> = { serial: 'Serial', vnc: 'Screen' }

export function ConsoleTab({ name }: { name: string }) {
  const [chosen, setChosen] = useState<Kind['kind']>()
  const kinds = useQuery({
    queryKey: ['consoles', name],
    queryFn: ({ signal }) => get<Kind[]>(api`/api/systems/${name}/consoles`, signal),
  })
  if (kinds.isPending) return <Loader aria-label="Loading" />
  if (kinds.isError) return <Problem sentence={sentenceOf(kinds.error)} retry={() => void kinds.refetch()} />
  const there = kinds.data.filter(({ available }) => available)
  const shown = there.find(({ kind }) => kind === chosen)?.kind ?? there[0]?.kind
  if (shown === undefined) {
    return <Empty title="No console">{kinds.data.map(({ because }) => because).join('; ')}</Empty>
  }
  return (
    <Stack gap="sm">
      {there.length > 1 && (
        <SegmentedControl
          aria-label="Which console"
          value={shown}
          onChange={(kind) => setChosen(kind as Kind['kind'])}
          data={there.map(({ kind }) => ({ value: kind, label: WORDS[kind] }))}
        />
      )}
      <Suspense fallback={<Loader aria-label="Loading" />}>
        {shown === 'serial' ? <SerialConsole key={name} name={name} /> : <ScreenConsole key={name} name={name} />}
      </Suspense>
    </Stack>
  )
}
