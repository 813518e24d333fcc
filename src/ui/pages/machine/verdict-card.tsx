/** What a boot comes to: how it went, the step that is missing, what shows it, and what to try next. */
import { Anchor, Group, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconHourglass } from '@tabler/icons-react'
import { Link, useSearchParams } from 'react-router'
import { Ago } from '../../parts/ago.tsx'
import type { BootSummary } from './boots-data.ts'

export function VerdictCard({ boot: { verdict } }: { boot: BootSummary }) {
  const [search] = useSearchParams()
  const { fault, says, missing, evidence, next } = verdict
  const isBusy = verdict.verdict === 'under-way'
  const to = new URLSearchParams(search)
  if (evidence) to.set('entry', `${evidence.n}`)
  const Icon = fault ? IconAlertTriangle : isBusy ? IconHourglass : IconCircleCheck
  return (
    <section aria-label="Verdict" className={`verdict verdict-${fault ? 'bad' : isBusy ? 'busy' : 'good'}`}>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Icon size={20} className="verdict-icon" aria-hidden />
        <Text fw={650} component="h2" size="md">
          {says}
        </Text>
      </Group>
      <dl className="facts">
        {missing !== null && (
          <>
            <dt>Missing</dt>
            <dd>{missing}</dd>
          </>
        )}
        {evidence && (
          <>
            <dt>Evidence</dt>
            <dd>
              <span>
                <Anchor component={Link} to={`?${to}`} replace size="sm" underline="always" inherit>
                  {evidence.text}
                </Anchor>{' '}
                <Text span size="xs">
                  <Ago at={evidence.at} />
                </Text>
              </span>
            </dd>
          </>
        )}
        {next !== null && (
          <>
            <dt>Try next</dt>
            <dd>
              <b>{next}</b>
            </dd>
          </>
        )}
      </dl>
    </section>
  )
}
