/** One step of the chain: what the machine fetches, and each line of the answer with its sources beside it. */
import { Group, Table, Text, Title } from '@mantine/core'
import { Link } from 'react-router'
import type { ExplainedOption, Source, Step } from '../../../model/explanation.ts'
import { Copy } from '../../parts/equivalent.tsx'
import { Pill, type Tone } from '../../parts/pill.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { visible } from '../../parts/visible.ts'
import { sourceLink, sourceWords } from './sources.ts'

const TONES: Readonly<Record<Step['outcome'], Tone>> = { ok: 'good', none: 'calm', error: 'bad' }

export function ExplainStep({ step, number }: { step: Step; number: number }) {
  const { id, title, outcome, because, url, lines, options = [] } = step
  return (
    <section className="part step" aria-labelledby={`step-${id}`}>
      <Group gap="xs" mb={2}>
        <Title order={2} size="h5" id={`step-${id}`} tabIndex={-1}>
          {number}. {title}
        </Title>
        <Pill tone={TONES[outcome]}>{outcome}</Pill>
      </Group>
      <Text size="sm" className={outcome === 'error' ? 'wrong' : undefined}>
        {because}
      </Text>
      {url !== null && (
        <Group gap={4} wrap="nowrap" mt={4}>
          <Text size="xs" c="dimmed">
            fetches
          </Text>
          <span className="mono">{url}</span>
          <Copy text={url} label={`Copy ${url}`} />
        </Group>
      )}
      {options.length > 0 && <Options options={options} />}
      {lines.length > 0 && (
        <div className="step-lines">
          <ScrollRegion label={`${title}, line by line`}>
            <table className="lines">
              <tbody>
                {lines.map((line, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
                  <tr key={index}>
                    <td className="line-number">{index + 1}</td>
                    <td className="line-text">{visible(line.text)}</td>
                    <td className="line-from">
                      <Sources from={line.from} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        </div>
      )}
    </section>
  )
}

function Options({ options }: { options: readonly ExplainedOption[] }) {
  return (
    <div className="step-lines">
      <ScrollRegion label="DHCP options">
        <Table fz="sm" verticalSpacing={4}>
          <TableHead columns={['Code', 'Name', 'Value', 'Bytes', 'From']} />
          <Table.Tbody>
            {options.map(({ code, name, value, hex, from }) => (
              <Table.Tr key={code}>
                <Table.Td className="number">{code}</Table.Td>
                <Table.Td className="nowrap">{name}</Table.Td>
                <Table.Td className="mono">{visible(value)}</Table.Td>
                <Table.Td className="mono hex">{hex}</Table.Td>
                <Table.Td className="option-from">
                  <Sources from={from} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
    </div>
  )
}

function Sources({ from }: { from: readonly Source[] }) {
  return (
    <>
      {from.map((source) => (
        <SourceChip key={`${source.kind} ${source.name} ${source.field} ${source.line}`} source={source} />
      ))}
    </>
  )
}

function SourceChip({ source }: { source: Source }) {
  const to = sourceLink(source)
  const words = sourceWords(source)
  const className = `chip chip-${source.kind}`
  if (to === undefined) return <span className={className}>{words}</span>
  return (
    <Link className={className} to={to}>
      {words}
    </Link>
  )
}
