/** What is going on in the fleet, and what waits for somebody. */
import { Text } from '@mantine/core'
import { PageFrame } from '../parts/page-frame.tsx'

export function OverviewPage() {
  return (
    <PageFrame title="Overview">
      <Text>…</Text>
    </PageFrame>
  )
}
