/** The boots of a machine: each attempt with its verdict, and one of them from power-on to ready. */

import { Button, Group, Stack, Switch, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { Link } from 'react-router'
import { sentenceOf } from '../../api.ts'
import { useAddress } from '../../parts/address.ts'
import { Ago } from '../../parts/ago.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Pill } from '../../parts/pill.tsx'
import { Problem } from '../../parts/problem.tsx'
import { BootChart } from './boot-chart.tsx'
import { BootEntries } from './boot-entries.tsx'
import { type BootSummary, bootsPath, useBoot, useBoots, useFollowBoots } from './boots-data.ts'
import type { TabProps } from './tabs.ts'
import { VerdictCard } from './verdict-card.tsx'

export function BootsTab({ name, isMac = false }: TabProps & { isMac?: boolean }) {
  const [search, setAddress] = useAddress()
  const isFollowing = search.get('follow') !== 'off'
  const path = bootsPath(name, isMac)
  useFollowBoots(path, isFollowing)
  const boots = useBoots(path)
  const wanted = Number(search.get('boot') ?? Number.NaN)
  const all = boots.data ?? []
  const id = Number.isNaN(wanted) ? all[0]?.id : wanted
  const boot = useBoot(path, id)

  if (boots.error) return <Problem sentence={sentenceOf(boots.error)} retry={() => void boots.refetch()} />
  if (boots.isSuccess && all.length === 0) {
    return (
      <Empty title="It was not seen booting yet">
        Each boot is one timeline here, from power-on to ready, live. Turn it on, and see that its firmware boots over
        the network first.
      </Empty>
    )
  }
  const shown = boot.data
  return (
    <div className="boots">
      <nav aria-label="Its boots" className="boots-list">
        {all.map((one) => (
          <BootLink key={one.id} boot={one} search={search} isShown={one.id === id} />
        ))}
      </nav>
      <Stack gap="md" miw={0}>
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Text fw={600}>{shown ? `Boot ${shown.id}` : '…'}</Text>
            {shown && (
              <Text size="sm" c="dimmed">
                {new Date(shown.started).toLocaleString()}
              </Text>
            )}
          </Group>
          <Group gap="xs">
            <Switch
              size="sm"
              label="Live"
              checked={isFollowing}
              onChange={(event) => setAddress({ follow: event.currentTarget.checked ? undefined : 'off' })}
            />
            {shown && <Download path={`/api/boots/${shown.id}`} file={`${name}-boot-${shown.id}.json`} words="JSON" />}
            {shown && (
              <Download path={`/api/boots/${shown.id}/pcap`} file={`${name}-boot-${shown.id}.pcapng`} words="Packets" />
            )}
          </Group>
        </Group>
        {boot.error && <Problem sentence={sentenceOf(boot.error)} retry={() => void boot.refetch()} />}
        {shown && (
          <>
            <VerdictCard boot={shown} />
            <BootChart boot={shown} isLive={isFollowing && shown.ended === null && shown.id === all[0]?.id} />
            <BootEntries boot={shown} />
          </>
        )}
      </Stack>
    </div>
  )
}

function Download({ path, file, words }: { path: string; file: string; words: string }) {
  return (
    <Button
      component="a"
      href={path}
      download={file}
      size="xs"
      variant="default"
      leftSection={<IconDownload size={14} aria-hidden />}
    >
      {words}
    </Button>
  )
}

interface BootLinkProps {
  readonly boot: BootSummary
  readonly search: URLSearchParams
  readonly isShown: boolean
}

function BootLink({ boot: { id, started, reached, verdict, repeats }, search, isShown }: BootLinkProps) {
  const to = new URLSearchParams(search)
  to.set('boot', `${id}`)
  to.delete('entry')
  return (
    <Link to={`?${to}`} replace className="boots-item" aria-current={isShown ? 'true' : undefined}>
      <Group justify="space-between" gap={4} wrap="nowrap">
        <Text size="sm" fw={600} component="span" className="nowrap">
          <Ago at={started} />
        </Text>
        <Pill tone={toneOf(verdict)}>{verdict.verdict}</Pill>
      </Group>
      <Text size="xs" c="dimmed" component="span">
        reached {reached}
        {repeats > 0 && `, again for the ${repeats + 1}th time`}
      </Text>
    </Link>
  )
}

export function toneOf({ verdict, fault }: BootSummary['verdict']): 'bad' | 'good' | 'busy' | 'calm' {
  if (fault) return 'bad'
  if (verdict === 'ready') return 'good'
  return verdict === 'under-way' ? 'busy' : 'calm'
}
