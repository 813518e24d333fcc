/** One boot that is under way: whose it is, its stations as lanes, how far and how long, and what is wrong when it stalls. */

import { Group, Text } from '@mantine/core'
import { memo } from 'react'
import { Link } from 'react-router'
import { Ago } from './ago.tsx'
import { LANES, laneStates } from './lanes.ts'
import { type BootSummary, hasEnded } from './live-boots.ts'
import { Pill } from './pill.tsx'
import { bytesOf } from './sizes.ts'

export const BootCard = memo(({ boot }: { boot: BootSummary }) => {
  const { id, system, mac, reached, started, profile, firmware, bytes, progress, verdict } = boot
  const name = system ?? mac ?? 'unknown machine'
  const states = laneStates({ reached, fault: verdict.fault })
  const percent = Math.round(100 * (progress ?? 0))
  return (
    <article className={verdict.fault ? 'boot is-stuck' : 'boot'} aria-label={`Boot of ${name}`}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Group gap="xs" wrap="nowrap" miw={0}>
          {system === null ? (
            <Text fw={600} className="mono">
              {name}
            </Text>
          ) : (
            <Link className="machine-name" to={`/machines/${encodeURIComponent(system)}?tab=boots&boot=${id}`}>
              {name}
            </Link>
          )}
          <Text size="xs" c="dimmed" truncate>
            {[profile, firmware, bytes > 0 && bytesOf(bytes)].filter(Boolean).join(' · ')}
          </Text>
        </Group>
        <Group gap={8} wrap="nowrap">
          {hasEnded(boot) ? <Pill tone="good">{reached === 'disk' ? 'on its disk' : reached}</Pill> : null}
          <Text size="xs" c="dimmed" className="nowrap">
            <Ago at={started} suffix="" />
          </Text>
        </Group>
      </Group>
      <ol className="lanes" aria-label={`${percent} %, at ${reached}`}>
        {LANES.map((lane, index) => (
          <li
            key={lane}
            className={`lane is-${states[index]}`}
            aria-current={states[index] === 'here' || states[index] === 'stuck' ? 'step' : undefined}
          >
            <span>{lane}</span>
          </li>
        ))}
      </ol>
      <div
        className="boot-progress"
        role="progressbar"
        aria-label={`How far ${name} is`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <span style={{ width: `${percent}%` }} />
      </div>
      {verdict.fault && (
        <div className="boot-verdict">
          <Pill tone="bad">{verdict.verdict}</Pill>
          <Text size="sm">{verdict.says}</Text>
          {verdict.next !== null && (
            <Text size="sm" c="dimmed">
              Next: {verdict.next}
            </Text>
          )}
        </div>
      )}
    </article>
  )
})
