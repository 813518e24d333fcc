/** A machine at a glance: where it stands and what can be done, its power, and all that is entered of it. */
import { SimpleGrid, Stack } from '@mantine/core'
import { FactsCard, InterfacesCard } from './facts.tsx'
import { InheritedCard } from './inherited.tsx'
import { useMachine } from './machine-data.ts'
import { PowerCard } from './power-card.tsx'
import { StandingCard } from './standing-card.tsx'
import type { TabProps } from './tabs.ts'

export function OverviewTab({ name }: TabProps) {
  const { system, standing, row, refresh } = useMachine(name)
  if (!system.data) return null
  const { body, etag } = system.data
  return (
    <Stack gap="md">
      {standing && <StandingCard system={body} etag={etag} standing={standing} refresh={refresh} />}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <FactsCard system={body} row={row} />
        <Stack gap="md">
          {row && <PowerCard system={body} row={row} refresh={refresh} />}
          <InterfacesCard system={body} row={row} />
        </Stack>
      </SimpleGrid>
      <InheritedCard system={body} />
    </Stack>
  )
}
