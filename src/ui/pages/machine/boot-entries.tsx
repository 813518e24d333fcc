/** All that was seen of a boot, line by line: when, how long after the last, in which lane, what, and why. */

import { Chip, Group, Table, Text } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { TraceEntry } from '../../../model/trace.ts'
import { useAddress } from '../../parts/address.ts'
import { Pill } from '../../parts/pill.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { bytesOf } from '../../parts/sizes.ts'
import { TableHead } from '../../parts/table-head.tsx'
import { visible } from '../../parts/visible.ts'
import type { Boot } from './boots-data.ts'
import { Part } from './card.tsx'
import { durationOf, laneName, lanesOf } from './phases.ts'

export function BootEntries({ boot: { entries, started, dropped } }: { boot: Boot }) {
  const [search, setAddress] = useAddress()
  const hidden = (search.get('hide') ?? '').split(',').filter((kind) => kind !== '')
  const chosen = Number(search.get('entry'))
  const row = useRef<HTMLTableRowElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the choice is the trigger
  useEffect(() => row.current?.scrollIntoView({ block: 'center' }), [chosen])
  const kinds = lanesOf(entries).map(({ kind }) => kind)
  const shown = entries.filter(({ kind, n }) => !hidden.includes(kind) || n === chosen)
  const hide = (kinds: readonly string[]) => setAddress({ hide: kinds.join() })
  return (
    <Part
      title="What was seen"
      actions={
        <Group gap={6} role="group" aria-label="Lanes">
          {kinds.map((kind) => (
            <Chip
              key={kind}
              size="xs"
              variant="outline"
              checked={!hidden.includes(kind)}
              onChange={(isShown) => hide(isShown ? hidden.filter((one) => one !== kind) : [...hidden, kind])}
            >
              {laneName(kind)}
            </Chip>
          ))}
        </Group>
      }
    >
      <ScrollRegion label="Table of what was seen">
        <Table fz="sm" verticalSpacing={4} className="entries">
          <TableHead columns={['At', 'After', 'Lane', 'What', 'Took', 'Size']} />
          <Table.Tbody>
            {shown.map((entry, index) => (
              <Table.Tr
                key={entry.n}
                ref={entry.n === chosen ? row : undefined}
                data-chosen={entry.n === chosen || undefined}
                className={entry.outcome === 'ok' ? undefined : 'entry-wrong'}
              >
                <Row entry={entry} started={started} before={shown[index - 1]?.at ?? started} />
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
      {dropped > 0 && (
        <Text size="xs" c="dimmed" mt={4}>
          {dropped} more were dropped for want of room; what tells of its way is kept.
        </Text>
      )}
    </Part>
  )
}

function Row({ entry, started, before }: { entry: TraceEntry; started: number; before: number }) {
  const { at, kind, text, because, bytes, milliseconds, outcome, times } = entry
  return (
    <>
      <Table.Td className="number">
        <time dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString()}>
          {durationOf(at - started)}
        </time>
      </Table.Td>
      <Table.Td className="number">+{durationOf(Math.max(0, at - before))}</Table.Td>
      <Table.Td>{laneName(kind)}</Table.Td>
      <Table.Td className="entry-text">
        {outcome !== 'ok' && (
          <>
            <Pill tone={outcome === 'error' ? 'bad' : 'warn'}>{outcome}</Pill>{' '}
          </>
        )}
        {visible(text)}
        {times !== undefined && (
          <Text span size="xs" c="dimmed">
            {' '}
            {times} times
          </Text>
        )}
        {because !== undefined && (
          <Text size="xs" c="dimmed">
            {visible(because)}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="number">{milliseconds !== undefined && durationOf(milliseconds)}</Table.Td>
      <Table.Td className="number">{bytes !== undefined && bytesOf(bytes)}</Table.Td>
    </>
  )
}
