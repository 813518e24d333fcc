/** Kernel options and meta as they come out for a machine, each with the level that says it: its own, or inherited. */
import { Group, SimpleGrid, Table, Text } from '@mantine/core'
import { Link } from 'react-router'
import type { Json } from '../../../lib/json.ts'
import { type Level, originsOf } from '../../../model/blend-origins.ts'
import type { Options } from '../../../model/item.ts'
import type { System } from '../../../model/system.ts'
import { sentenceOf } from '../../api.ts'
import { Problem } from '../../parts/problem.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { Part } from './card.tsx'
import { useBlend } from './machine-data.ts'

export function InheritedCard({ system }: { system: System }) {
  const blend = useBlend(system)
  if (blend.error) return <Problem sentence={sentenceOf(blend.error)} retry={() => void blend.refetch()} />
  if (!blend.data) return null
  if (!blend.data.ok) return <Problem sentence={blend.data.because} />
  const origins = originsOf(blend.data)
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
      <OptionsPart title="Kernel options" options={blend.data.kernelOptions} from={origins.kernelOptions} />
      <OptionsPart title="Meta" options={blend.data.meta} from={origins.meta} />
      {Object.keys(blend.data.kernelOptionsPost).length > 0 && (
        <OptionsPart
          title="Kernel options of the installed system"
          options={blend.data.kernelOptionsPost}
          from={origins.kernelOptionsPost}
        />
      )}
    </SimpleGrid>
  )
}

interface OptionsPartProps {
  readonly title: string
  readonly options: Options
  readonly from: ReadonlyMap<string, Level>
}

/** What must not stand on a screen that others see. */
const SECRET = /pass(w|phrase|$|[_-])|secret|token|^USER_DATA_BASE64$/i

function OptionsPart({ title, options, from }: OptionsPartProps) {
  const all = Object.entries(options)
  return (
    <Part title={title}>
      {all.length === 0 ? (
        <Text size="sm" c="dimmed">
          Neither the machine nor what it inherits from says any.
        </Text>
      ) : (
        <ScrollRegion label={`Table of ${title.toLowerCase()}`}>
          <Table fz="sm" verticalSpacing={4}>
            <TableHead columns={['Name', 'Value', 'From']} />
            <Table.Tbody>
              {all.map(([key, value]) => (
                <Table.Tr key={key}>
                  <Table.Td className="mono">{key}</Table.Td>
                  <Table.Td className="mono">{SECRET.test(key) ? '********' : wordOf(value)}</Table.Td>
                  <Table.Td className="nowrap">
                    <From level={from.get(key)} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollRegion>
      )}
    </Part>
  )
}

function wordOf(value: Json): string {
  if (value === null) return '(a bare word)'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function From({ level }: { level: Level | undefined }) {
  if (!level) return <Text size="xs">—</Text>
  if (level.kind === 'system') return <span className="chip chip-own">its own</span>
  return (
    <Group gap={4} wrap="nowrap">
      <Link className="chip" to={`/${level.kind}s/${encodeURIComponent(level.name)}`}>
        {level.kind} {level.name}
      </Link>
    </Group>
  )
}
