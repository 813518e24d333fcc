/** Every machine that is on its way now, as a wall: its lanes, how far it is, and what is wrong where one stalls. */
import '../fleet.css'
import { Group, SegmentedControl, Skeleton, Text, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useRef } from 'react'
import { useSearchParams } from 'react-router'
import { sentenceOf } from '../api.ts'
import { BootCard } from '../parts/boot-card.tsx'
import { Empty } from '../parts/empty.tsx'
import { useKeys } from '../parts/keys.ts'
import { LANES, laneStates } from '../parts/lanes.ts'
import { type BootSummary, hasEnded, useLiveBoots } from '../parts/live-boots.ts'
import { PageFrame } from '../parts/page-frame.tsx'
import { Problem } from '../parts/problem.tsx'

const SHOWS = [
  { value: 'all', label: 'All' },
  { value: 'moving', label: 'Under way' },
  { value: 'stalled', label: 'Stalled' },
]

export function BootsPage() {
  const boots = useLiveBoots()
  const [params, setParams] = useSearchParams()
  const box = useRef<HTMLInputElement>(null)
  const show = params.get('show') ?? 'all'
  const text = params.get('q') ?? ''
  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        if (value === '' || value === 'all') before.delete(name)
        else before.set(name, value)
        return before
      },
      { replace: true },
    )
  useKeys([{ keys: '/', does: 'search boots', run: () => box.current?.focus() }])
  const all = boots.data ?? []
  const shown = all.filter((boot) => isShown(boot, show) && hasWord(boot, text.trim().toLowerCase()))
  return (
    <PageFrame
      title="Live boots"
      lead="Machines between power-on and ready. Those that stall stay until they get on, or are turned off."
    >
      {boots.error && <Problem sentence={sentenceOf(boots.error)} retry={() => void boots.refetch()} />}
      <Group gap="sm">
        <TextInput
          ref={box}
          aria-label="Search boots"
          placeholder="Machine, MAC, profile, verdict"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => set('q', event.currentTarget.value)}
        />
        <SegmentedControl data={SHOWS} value={show} onChange={(value) => set('show', value)} aria-label="Which boots" />
        <Text size="sm" c="dimmed" role="status">
          {shown.length === all.length ? `${all.length} live` : `${shown.length} of ${all.length} live`}
        </Text>
      </Group>
      <LaneCounts boots={shown} />
      {boots.isPending && <Skeleton height={160} />}
      {boots.isSuccess && shown.length === 0 && (
        <Empty title={all.length === 0 ? 'Nothing boots now' : 'No boot of that kind'}>
          {all.length === 0
            ? 'Turn a machine on, and it shows here from its first packet on: DHCP, loader, kernel, installer, first boot.'
            : 'Others are under way; show all of them, or search for something else.'}
        </Empty>
      )}
      <div className="wall">
        {shown.map((boot) => (
          <BootCard key={boot.id} boot={boot} />
        ))}
      </div>
    </PageFrame>
  )
}

/** How many machines are in each lane. */
function LaneCounts({ boots }: { boots: readonly BootSummary[] }) {
  if (boots.length < 2) return null
  const counts = LANES.map(() => ({ count: 0, stuck: 0 }))
  for (const { reached, verdict } of boots) {
    const states = laneStates({ reached, fault: verdict.fault })
    const at = states.findIndex((state) => state === 'here' || state === 'stuck')
    const lane = counts[at < 0 ? LANES.length - 1 : at]
    if (!lane) continue
    lane.count++
    if (states[at] === 'stuck') lane.stuck++
  }
  return (
    <dl className="lane-counts">
      {LANES.map((lane, index) => (
        <div key={lane} className={counts[index]?.stuck ? 'is-stuck' : undefined}>
          <dt>{lane}</dt>
          <dd>{counts[index]?.count}</dd>
        </div>
      ))}
    </dl>
  )
}

function isShown(boot: BootSummary, show: string): boolean {
  if (show === 'stalled') return boot.verdict.fault
  return show !== 'moving' || (!boot.verdict.fault && !hasEnded(boot))
}

function hasWord({ system, mac, profile, firmware, verdict, reached }: BootSummary, word: string): boolean {
  return [system, mac, profile, firmware, verdict.verdict, reached].some((one) => one?.toLowerCase().includes(word))
}
