/** What waits for a person: machines that broke or do not get on, machines that nobody knows, other DHCP servers. */
import { Button, Group, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import { api, post, Refusal, sentenceOf } from '../../api.ts'
import { Ago } from '../../parts/ago.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Copy } from '../../parts/equivalent.tsx'
import { Pill, StagePill } from '../../parts/pill.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useMay } from '../../session.tsx'
import type { ForeignServer, StandingAnswer, UnknownMachine } from './overview-data.ts'

export function StandingItem({ standing }: { standing: StandingAnswer }) {
  const { system, stage, overdue, broken, contradiction, evidence, next, since } = standing
  const queries = useQueryClient()
  const may = useMay('operator')
  const [isAsking, setAsking] = useState(false)
  const path = `/machines/${encodeURIComponent(system)}`
  return (
    <Item
      tone={broken || contradiction !== null ? 'bad' : 'warn'}
      title={
        <>
          <Link className="machine-name" to={path}>
            {system}
          </Link>
          {overdue && !broken ? <Pill tone="warn">{`overdue: ${stage}`}</Pill> : <StagePill stage={stage} />}
        </>
      }
      at={broken?.at ?? since}
      actions={
        <>
          <Button size="compact-sm" variant="default" component={Link} to={`${path}?tab=boots`}>
            See its boots
          </Button>
          {(broken || overdue) && (
            <Button
              size="compact-sm"
              variant="light"
              disabled={!may}
              title={may ? undefined : 'Operators mark machines as mended'}
              onClick={() => setAsking(true)}
            >
              Mark as mended
            </Button>
          )}
        </>
      }
    >
      <Text size="sm">{broken?.because ?? contradiction ?? evidence.text}</Text>
      <Text size="sm" c="dimmed">
        Next: {next}
      </Text>
      {isAsking && (
        <Confirm
          title={`Is ${system} mended?`}
          action={`${system} is mended`}
          same={{ cli: `orchestra repair ${system}`, api: `POST ${api`/api/systems/${system}/repair`}` }}
          run={async () => {
            await post(api`/api/systems/${system}/repair`)
            await queries.invalidateQueries({ queryKey: ['standings'] })
          }}
          onClose={() => setAsking(false)}
        >
          <Text size="sm">It may be given to somebody again, and counts its installs from none.</Text>
        </Confirm>
      )}
    </Item>
  )
}

interface UnknownItemProps {
  readonly machine: UnknownMachine
  /** Asks for what cannot be known. */
  readonly onAsk: (mac: string) => void
}

export function UnknownItem({ machine, onAsk }: UnknownItemProps) {
  const { mac, ip, vendor, last, times, asked, verdict } = machine
  const queries = useQueryClient()
  const may = useMay('operator')
  const enrol = useMutation({
    mutationFn: () => post(api`/api/unknown-machines/${mac}/enroll`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['unknown-machines'] }),
    // What it gets is not clear: several profiles, or none.
    onError: (error) => {
      if (error instanceof Refusal && error.field !== undefined) onAsk(mac)
    },
  })
  return (
    <Item
      tone="busy"
      title={
        <>
          <span className="mono">{mac}</span>
          <Copy text={mac} label={`Copy ${mac}`} />
          <Pill tone="busy">unknown machine</Pill>
        </>
      }
      at={last}
      actions={
        <>
          <Button
            size="compact-sm"
            disabled={!may}
            title={may ? undefined : 'Operators enrol machines'}
            loading={enrol.isPending}
            aria-label={`Enrol ${mac}`}
            onClick={() => enrol.mutate()}
          >
            Enrol
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            disabled={!may}
            aria-label={`Enrol ${mac} with a name and more`}
            onClick={() => onAsk(mac)}
          >
            Enrol as …
          </Button>
        </>
      }
    >
      <Text size="sm">
        It asked for {asked}
        {times > 1 && `, ${times} times`}
        {ip !== null && `, from ${ip}`}
        {vendor !== null && ` (${vendor})`}.{verdict !== null && ` ${verdict}`}
      </Text>
      {enrol.error && !(enrol.error instanceof Refusal && enrol.error.field !== undefined) && (
        <Problem sentence={sentenceOf(enrol.error)} />
      )}
    </Item>
  )
}

export function ForeignItem({ server }: { server: ForeignServer }) {
  const { server: address, interface: link, offered, last, times } = server
  return (
    <Item
      tone="bad"
      title={
        <>
          <span className="mono">{address}</span>
          <Pill tone="bad">another DHCP server</Pill>
        </>
      }
      at={last}
      actions={
        <Button size="compact-sm" variant="default" component={Link} to="/networks">
          See networks
        </Button>
      }
    >
      <Text size="sm">
        It answers machines{link !== null && ` on ${link}`}
        {offered !== '' && `, with ${offered} last`}
        {times > 1 && `; seen ${times} times`}. Machines that take its offer do not boot from here: turn it off, or let
        this one serve beside it.
      </Text>
    </Item>
  )
}

interface ItemProps {
  readonly tone: 'bad' | 'warn' | 'busy'
  readonly title: ReactNode
  readonly at: number
  readonly actions: ReactNode
  readonly children: ReactNode
}

function Item({ tone, title, at, actions, children }: ItemProps) {
  return (
    <li className={`attention attention-${tone}`}>
      <Group justify="space-between" gap="xs" align="flex-start">
        <Group gap={8}>
          {title}
          <Text size="xs" c="dimmed">
            <Ago at={at} />
          </Text>
        </Group>
        <Group gap={6}>{actions}</Group>
      </Group>
      {children}
    </li>
  )
}
