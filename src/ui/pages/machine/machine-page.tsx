/** One machine: what stands above its tabs, and the tab that the address names. */
import './machine.css'
import { ActionIcon, Anchor, Center, Group, Loader, Tabs, Text, Tooltip } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { Suspense, useEffect, useRef, useState } from 'react'
import { Link, useNavigate, useParams, useSearchParams } from 'react-router'
import { Refusal, sentenceOf } from '../../api.ts'
import { Empty } from '../../parts/empty.tsx'
import { useKeys } from '../../parts/keys.ts'
import { PageFrame } from '../../parts/page-frame.tsx'
import { StagePill } from '../../parts/pill.tsx'
import { PowerToggle } from '../../parts/power-toggle.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useMay } from '../../session.tsx'
import { useMachine, useNames } from './machine-data.ts'
import { MachineMenu } from './machine-menu.tsx'
import { PowerConfirm } from './power-confirm.tsx'
import { TABS } from './tabs.ts'

export function MachinePage() {
  const { name = '' } = useParams()
  // Another machine is another page: nothing that was typed for the last one stays.
  return <Machine key={name} name={name} />
}

function Machine({ name }: { name: string }) {
  const [search, setSearch] = useSearchParams()
  const navigate = useNavigate()
  const names = useNames('system')
  const may = useMay('operator')
  const { system, standing, row, refresh } = useMachine(name)
  const [isAsked, setAsked] = useState(false)
  const tab = TABS.find(({ value }) => value === search.get('tab')) ?? TABS[0]
  const list = useRef<HTMLDivElement>(null)
  const isThere = system.isSuccess
  // On a phone there is not room for all.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tab is the trigger
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ inline: 'nearest', block: 'nearest' })
  }, [tab, isThere])
  const open = (value: string | null) => setSearch(value === null || value === 'overview' ? {} : { tab: value })
  const place = names.indexOf(name)
  const at = (step: number) => (place < 0 ? undefined : names[place + step])
  const go = (to: string | undefined) => {
    if (to !== undefined) void navigate({ pathname: `/machines/${encodeURIComponent(to)}`, search: tabOnly(search) })
  }
  useKeys([
    ...TABS.flatMap(({ key, title, value }) =>
      key === undefined ? [] : [{ keys: key, does: `open ${title}`, run: () => open(value) }],
    ),
    { keys: 'p', does: 'turn it on or off (asks first)', run: () => row && may && setAsked(true) },
    { keys: '[', does: 'previous machine', run: () => go(at(-1)) },
    { keys: ']', does: 'next machine', run: () => go(at(1)) },
  ])

  if (system.error) return <Unknown name={name} error={system.error} retry={() => void system.refetch()} />
  const item = system.data?.body
  return (
    <PageFrame
      title={name}
      mark={standing && <StagePill stage={standing.stage} title={standing.evidence.text} />}
      lead={item?.comment || undefined}
      actions={
        <>
          {row && <PowerToggle sight={row} onChange={refresh} />}
          <Group gap={2} wrap="nowrap">
            <Step label="Previous machine" to={at(-1)} go={go} icon={<IconChevronLeft size={16} />} />
            <Step label="Next machine" to={at(1)} go={go} icon={<IconChevronRight size={16} />} />
          </Group>
          {system.data && <MachineMenu answer={system.data} />}
        </>
      }
    >
      <Tabs value={tab?.value ?? null} onChange={open} keepMounted={false} className="machine-tabs">
        <Tabs.List ref={list}>
          {TABS.map(({ value, title, icon: Icon }) => (
            <Tabs.Tab key={value} value={value} leftSection={<Icon size={15} stroke={1.7} aria-hidden />}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ value, Part }) => (
          <Tabs.Panel key={value} value={value} pt="md">
            <Suspense fallback={<Waiting />}>{item ? <Part name={name} /> : <Waiting />}</Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
      {isAsked && row && <PowerConfirm row={row} onClose={() => setAsked(false)} onDone={refresh} />}
    </PageFrame>
  )
}

/** What else the address says is of the machine that one leaves. */
function tabOnly(search: URLSearchParams): string {
  const tab = search.get('tab')
  return tab === null ? '' : `?tab=${encodeURIComponent(tab)}`
}

interface StepProps {
  readonly label: string
  readonly to: string | undefined
  readonly go: (to: string | undefined) => void
  readonly icon: React.ReactNode
}

function Step({ label, to, go, icon }: StepProps) {
  return (
    <Tooltip label={to ?? 'there is none'}>
      <ActionIcon variant="subtle" color="gray" disabled={to === undefined} onClick={() => go(to)} aria-label={label}>
        {icon}
      </ActionIcon>
    </Tooltip>
  )
}

function Waiting() {
  return (
    <Center mih={200}>
      <Loader aria-label="Loading" />
    </Center>
  )
}

function Unknown({ name, error, retry }: { name: string; error: Error; retry: () => void }) {
  const isMissing = error instanceof Refusal && error.status === 404
  return (
    <PageFrame title={name}>
      {isMissing ? (
        <Empty
          title={`There is no machine ${name}`}
          action={
            <Anchor component={Link} to="/machines" underline="always">
              All machines
            </Anchor>
          }
        >
          It may have been removed or renamed. To enter it:
          <Text component="span" className="mono">
            {` orchestra system add --name=${name} --profile=… --mac=…`}
          </Text>
        </Empty>
      ) : (
        <Problem sentence={sentenceOf(error)} retry={retry} />
      )}
    </PageFrame>
  )
}
