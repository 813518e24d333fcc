/** The networks that are served: subnets with the use of their pools, leases as they change, and other DHCP servers. */
import { Alert, Anchor, Progress, SimpleGrid, Skeleton, Stack, Tabs, Text, TextInput } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { get, sentenceOf } from '../../api.ts'
import { useEvents } from '../../live.ts'
import { useAddress } from '../../parts/address.ts'
import { Ago } from '../../parts/ago.tsx'
import { Empty } from '../../parts/empty.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Pill } from '../../parts/pill.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useMay } from '../../session.tsx'
import { Interfaces } from './interfaces.tsx'
import { Leases } from './leases.tsx'
import type { Networks, Subnet } from './networks.ts'

const MODES = {
  authoritative: ['good', 'serves these subnets'],
  beside: ['calm', 'beside another DHCP server'],
  proxy: ['calm', 'tells only what to boot'],
  off: ['warn', 'DHCP is off'],
} as const

export function NetworksPage() {
  const [search, setSearch] = useAddress()
  const tab = search.get('tab') ?? 'subnets'
  const networks = useQuery({
    queryKey: ['networks'],
    queryFn: ({ signal }) => get<Networks>('/api/networks', signal),
    refetchInterval: 5_000,
  })
  useEvents(['dhcp.foreign'], () => void networks.refetch())
  const { dhcp, subnets = [], interfaces = [], foreign = [] } = networks.data ?? {}
  const [tone, words] = MODES[dhcp?.mode ?? 'off']
  const choose = (next: string | null) => setSearch({ tab: next ?? undefined })
  return (
    <PageFrame title="Networks" mark={dhcp && <Pill tone={tone}>{words}</Pill>} lead={dhcp?.because}>
      {networks.error && <Problem sentence={sentenceOf(networks.error)} retry={() => void networks.refetch()} />}
      {networks.isPending && <Skeleton height={160} />}
      {foreign.map(({ server, interface: name, offered, last, times }) => (
        <Alert
          key={`${server} ${name}`}
          color="yellow"
          variant="light"
          icon={<IconAlertTriangle aria-hidden />}
          title={`Another DHCP server answers here: ${server}`}
        >
          Seen {times} {times === 1 ? 'time' : 'times'}
          {name !== null && ` on ${name}`}, last <Ago at={last} />
          {offered !== '' && `; it gave ${offered}`}. Machines take whichever answer comes first: stop one of the two,
          or set dhcp.subnets[].mode to proxy, so that we only tell machines what to boot.
        </Alert>
      ))}
      <Tabs value={tab} onChange={choose} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="subnets">Subnets</Tabs.Tab>
          <Tabs.Tab value="leases">Leases</Tabs.Tab>
          <Tabs.Tab value="interfaces">Interfaces</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="subnets" pt="md">
          {networks.isSuccess && subnets.length === 0 ? (
            <NoSubnets />
          ) : (
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              {subnets.map((subnet) => (
                <SubnetCard key={subnet.subnet} subnet={subnet} />
              ))}
            </SimpleGrid>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="leases" pt="md">
          <Leases />
        </Tabs.Panel>
        <Tabs.Panel value="interfaces" pt="md">
          <Interfaces interfaces={interfaces} />
        </Tabs.Panel>
      </Tabs>
    </PageFrame>
  )
}

function NoSubnets() {
  const isAdmin = useMay('admin')
  return (
    <Empty
      title="No subnet is served"
      action={
        isAdmin && (
          <Anchor component={Link} to="/setup">
            Choose what to serve
          </Anchor>
        )
      }
    >
      Machines get their addresses elsewhere, or none. A subnet that is served has a line in dhcp.subnets, like{' '}
      {'{subnet: 10.77.0.0/24, pool: 10.77.0.100-10.77.0.250}'}.
    </Empty>
  )
}

function SubnetCard({ subnet }: { subnet: Subnet }) {
  const { pool, gateway, dns, domain, mode, leaseSeconds, size, used, reserved, free } = subnet
  const percent = size === 0 ? 0 : Math.round((100 * used) / size)
  const facts: readonly (readonly [string, string])[] = [
    ['Pool', pool ?? 'none: only machines with a fixed address'],
    ['Gateway', gateway ?? 'none'],
    ['Name servers', dns.join(', ') || 'this server'],
    ['Domain', domain || 'none'],
    ['Leases last', `${Math.round(leaseSeconds / 60)} minutes`],
    ['Fixed addresses', String(reserved)],
  ]
  return (
    <section className="card-alone" aria-label={`Subnet ${subnet.subnet}`}>
      <Stack gap="xs">
        <Text fw={650} component="h2" size="md">
          {subnet.subnet} <Pill tone={MODES[mode][0]}>{mode}</Pill>
        </Text>
        {size > 0 && (
          <>
            <Progress.Root size="md">
              <Progress.Section
                value={percent}
                color={percent > 90 ? 'red' : percent > 75 ? 'yellow' : 'teal'}
                aria-label={`${percent} percent of the pool are in use`}
              />
            </Progress.Root>
            <Text size="sm">
              {used} of {size} addresses in use, {free} free
            </Text>
          </>
        )}
        <dl className="figures">
          {facts.map(([word, value]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Stack>
    </section>
  )
}

/** Shared by the tables below. */
export function FindInput({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (to: string) => void
}) {
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      maw={360}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
