/** What is going on in the fleet, and what waits for somebody. */
import '../../fleet.css'
import { Anchor, Button, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import { sentenceOf } from '../../api.ts'
import { BootCard } from '../../parts/boot-card.tsx'
import { Empty } from '../../parts/empty.tsx'
import { EnrolDialog } from '../../parts/enrol-dialog.tsx'
import { useKeys } from '../../parts/keys.ts'
import { useLiveBoots } from '../../parts/live-boots.ts'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useMay } from '../../session.tsx'
import { ForeignItem, StandingItem, UnknownItem } from './attention.tsx'
import { Counts } from './counts.tsx'
import { Feed } from './feed.tsx'
import { useOverviewData } from './overview-data.ts'

/** More of a kind are on their own page. */
const SHOWN = 8

export function OverviewPage() {
  const may = useMay('operator')
  const { summary, standings, unknown, foreign } = useOverviewData()
  const boots = useLiveBoots()
  /** The MAC of one that was seen, or empty. */
  const [enrolling, setEnrolling] = useState<string>()
  useKeys([{ keys: 'n', does: 'add a machine', run: () => may && setEnrolling('') }])
  const live = boots.data ?? []
  const failure = summary.error ?? standings.error
  return (
    <PageFrame
      title="Overview"
      actions={
        <Button leftSection={<IconPlus size={16} aria-hidden />} disabled={!may} onClick={() => setEnrolling('')}>
          Add machine
        </Button>
      }
    >
      {failure && <Problem sentence={sentenceOf(failure)} retry={() => void summary.refetch()} />}
      {summary.isPending && <Skeleton height={76} />}
      {summary.data?.systems === 0 && <FirstRun />}
      {summary.data && summary.data.systems > 0 && <Counts summary={summary.data} />}
      <div className="overview">
        <Stack gap="lg" miw={0}>
          <Section
            title="Needs attention"
            count={(standings.data?.length ?? 0) + (unknown.data?.length ?? 0) + (foreign.data?.length ?? 0)}
          >
            <Attention
              {...{ standings: standings.data, unknown: unknown.data, foreign: foreign.data }}
              onAsk={setEnrolling}
            />
          </Section>
          <Section title="Live boots" count={live.length} more={live.length > SHOWN ? '/boots' : undefined}>
            {boots.isSuccess && live.length === 0 && (
              <Text size="sm" c="dimmed">
                Nothing boots now. A machine that is turned on shows here from its first packet on.
              </Text>
            )}
            <SimpleGrid cols={1} spacing="sm">
              {live.slice(0, SHOWN).map((boot) => (
                <BootCard key={boot.id} boot={boot} />
              ))}
            </SimpleGrid>
          </Section>
        </Stack>
        <Section title="Last events">
          <Feed />
        </Section>
      </div>
      {enrolling !== undefined && <EnrolDialog mac={enrolling} onClose={() => setEnrolling(undefined)} />}
    </PageFrame>
  )
}

interface SectionProps {
  readonly title: string
  readonly count?: number
  readonly more?: string | undefined
  readonly children: ReactNode
}

function Section({ title, count, more, children }: SectionProps) {
  return (
    <section aria-label={title}>
      <Group justify="space-between" mb="xs">
        <Group gap={8}>
          <Title order={2} size="h5">
            {title}
          </Title>
          {count !== undefined && count > 0 && <span className="badge">{count}</span>}
        </Group>
        {more !== undefined && (
          <Anchor component={Link} to={more} size="sm">
            All of them
          </Anchor>
        )}
      </Group>
      {children}
    </section>
  )
}

type Data = ReturnType<typeof useOverviewData>

interface AttentionProps {
  readonly standings: Data['standings']['data']
  readonly unknown: Data['unknown']['data']
  readonly foreign: Data['foreign']['data']
  readonly onAsk: (mac: string) => void
}

function Attention({ standings = [], unknown = [], foreign = [], onAsk }: AttentionProps) {
  const hidden = Math.max(0, standings.length - SHOWN) + Math.max(0, unknown.length - SHOWN)
  if (standings.length + unknown.length + foreign.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing waits for you: no machine is broken or overdue, and nobody unknown has asked for anything.
      </Text>
    )
  }
  return (
    <>
      <ul className="attentions">
        {foreign.map((server) => (
          <ForeignItem key={server.server} server={server} />
        ))}
        {standings.slice(0, SHOWN).map((standing) => (
          <StandingItem key={standing.system} standing={standing} />
        ))}
        {unknown.slice(0, SHOWN).map((machine) => (
          <UnknownItem key={machine.mac} machine={machine} onAsk={onAsk} />
        ))}
      </ul>
      {hidden > 0 && (
        <Text size="sm" c="dimmed" mt="xs">
          and {hidden} more;{' '}
          <Anchor component={Link} to="/machines?q=stage:broken">
            see those that are broken
          </Anchor>
        </Text>
      )}
    </>
  )
}

function FirstRun() {
  return (
    <Empty
      title="Welcome: there is no machine yet"
      action={
        <Button component={Link} to="/setup" mt="xs">
          Set Orchestra up
        </Button>
      }
    >
      Choose the interface and how DHCP is served, import a distribution, and let the first machine boot from the
      network. Without a machine at hand, npm run lab makes three of QEMU.
    </Empty>
  )
}
