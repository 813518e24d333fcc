/** What has changed between two texts, line by line; what is the same is left out but for a few lines around. */
import { Group, Text } from '@mantine/core'
import { useMemo } from 'react'
import { Pill } from './pill.tsx'
import { ScrollRegion } from './scroll-region.tsx'
import { type DiffRow, textDiff } from './text-diff.ts'
import { visible } from './visible.ts'

const SIGNS = { same: ' ', gone: '−', new: '+', skipped: '⋯' } as const
const WORDS = { same: '', gone: 'gone', new: 'new', skipped: '' } as const

/** @param since of what is counted: `since it was sent` */
export function DiffView({ before, after, since }: { before: string; after: string; since: string }) {
  const { rows, gone, added } = useMemo(() => textDiff(before, after), [before, after])
  if (gone === 0 && added === 0) {
    return (
      <Text size="sm" role="status">
        Nothing has changed {since}.
      </Text>
    )
  }
  return (
    <div>
      <Group gap="xs" mb={6} role="status">
        <Pill tone="bad">{`${gone} gone`}</Pill>
        <Pill tone="good">{`${added} new`}</Pill>
        <Text size="sm">{since}</Text>
      </Group>
      <div className="code-view">
        <ScrollRegion label="Difference">
          <table className="lines">
            <tbody>
              {rows.map((row) => (
                <tr key={keyOf(row)} className={`diff-${row.kind}`}>
                  <td className="line-number">{'before' in row ? row.before : ''}</td>
                  <td className="line-number">{'after' in row && row.kind !== 'skipped' ? row.after : ''}</td>
                  <td className="diff-sign">
                    <span aria-hidden="true">{SIGNS[row.kind]}</span>
                    <span className="for-ears">{WORDS[row.kind]}</span>
                  </td>
                  <td className="line-text">
                    {row.kind === 'skipped' ? `${row.count} lines are the same` : visible(row.text)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      </div>
    </div>
  )
}

function keyOf(row: DiffRow): string {
  return `${row.kind} ${'before' in row ? row.before : ''} ${'after' in row ? row.after : ''}`
}
