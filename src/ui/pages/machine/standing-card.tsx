/** Where a machine stands: the way through its stages, until when what must be seen, what shows it, and what can be done now. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { System } from '../../../model/system.ts'
import { api, call, post } from '../../api.ts'
import { Ago, spanOf, useNow } from '../../parts/ago.tsx'
import { Confirm, type ConfirmProps } from '../../parts/confirm.tsx'
import { Pill } from '../../parts/pill.tsx'
import { useMay } from '../../session.tsx'
import { Part } from './card.tsx'
import type { StandingAnswer } from './machine-data.ts'
import { stagePath } from './stage-path.ts'

interface StandingCardProps {
  readonly system: System
  readonly etag: string | undefined
  readonly standing: StandingAnswer
  readonly refresh: () => void
}

type Asked = Omit<ConfirmProps, 'onClose'>

const ROLE = 'This needs the role operator'

export function StandingCard({ system, etag, standing, refresh }: StandingCardProps) {
  const may = useMay('operator')
  const [asked, setAsked] = useState<Asked>()
  const { broken, overdue, deadline, contradiction, stopped, custody, installs } = standing
  const actions = actionsOf(system, etag, standing)
  return (
    <Part
      title="Where it stands"
      actions={actions.map(({ words, ask }) => (
        <Button
          key={words}
          size="xs"
          variant="default"
          disabled={!may}
          title={may ? undefined : ROLE}
          onClick={() => setAsked({ ...ask, run: () => ask.run().then(refresh) })}
        >
          {words}
        </Button>
      ))}
    >
      <Stack gap="sm">
        <StagePath standing={standing} />
        <Group gap="xs">
          <Text size="sm">
            For <Ago at={standing.since} suffix="" />.
          </Text>
          <Text size="sm">
            Netboot is <b>{standing.netboot ? 'on' : 'off'}</b>: its next boot{' '}
            {standing.netboot && stopped === null ? 'installs it' : 'goes to its disk'}.
          </Text>
          {standing.holder !== '' && (
            <Text size="sm">
              Taken as <span className="mono">{standing.holder}</span>.
            </Text>
          )}
          {installs > 1 && <Pill tone="warn">{`${installs} installs in a row`}</Pill>}
          {overdue && <Pill tone="bad">overdue</Pill>}
          {custody === 'contradictory' && <Pill tone="bad">classes contradict</Pill>}
        </Group>
        {broken && <Wrong>{`Broken: ${broken.because}`}</Wrong>}
        {stopped !== null && <Wrong>{stopped}</Wrong>}
        {contradiction !== null && <Wrong>{contradiction}</Wrong>}
        <dl className="facts">
          <dt>Seen last</dt>
          <dd>
            <Text size="sm" component="span">
              {standing.evidence.text}{' '}
              <Text span size="xs" c="dimmed">
                <Ago at={standing.evidence.at} />
              </Text>
            </Text>
          </dd>
          {deadline !== null && (
            <>
              <dt>Until</dt>
              <dd>
                <Deadline at={deadline} />
              </dd>
            </>
          )}
          <dt>Next</dt>
          <dd>
            <Text size="sm" component="span">
              {standing.next}
            </Text>
          </dd>
        </dl>
      </Stack>
      {asked && <Confirm {...asked} onClose={() => setAsked(undefined)} />}
    </Part>
  )
}

function Wrong({ children }: { children: string }) {
  return (
    <Text size="sm" className="wrong">
      {children}
    </Text>
  )
}

function Deadline({ at }: { at: number }) {
  const now = useNow()
  const time = new Date(at)
  return (
    <Text size="sm" component="span">
      <time dateTime={time.toISOString()} title={time.toISOString()}>
        {time.toLocaleTimeString()}
      </time>
      {at > now ? `, in ${spanOf(at - now)}` : `, ${spanOf(now - at)} ago`}
    </Text>
  )
}

const WORDS = { behind: 'done', here: 'now', ahead: 'to come', broken: 'broken' } as const

function StagePath({ standing: { stage, custody } }: { standing: StandingAnswer }) {
  return (
    <ol className="stages" aria-label="Its stages">
      {stagePath(stage, custody).map((station) => (
        <li
          key={station.stage}
          className={`stage stage-${station.is}`}
          aria-current={station.is === 'here' || station.is === 'broken' ? 'step' : undefined}
        >
          <span className="stage-name">{station.stage}</span>
          <span className="stage-word">{WORDS[station.is]}</span>
        </li>
      ))}
    </ol>
  )
}

interface Action {
  readonly words: string
  readonly ask: Asked
}

/** What makes sense as it stands now. */
function actionsOf({ name }: System, etag: string | undefined, standing: StandingAnswer): readonly Action[] {
  const { broken, overdue, custody, netboot, installs } = standing
  const system = api`/api/systems/${name}`
  const to = netboot ? 'off' : 'on'
  const netbootAction: Action = {
    words: `Netboot ${to}`,
    ask: {
      title: `Turn netboot of ${name} ${to}?`,
      action: `Turn netboot ${to}`,
      same: {
        cli: `orchestra system edit --name=${name} --netboot-enabled=${netboot ? 'no' : 'yes'}`,
        api: `PATCH ${system} ${JSON.stringify({ netbootEnabled: !netboot })}`,
      },
      children: (
        <Text size="sm">
          {netboot
            ? 'Its next boot goes to its disk.'
            : 'Its next boot over the network installs it: what is on its disk is lost then. It is not restarted now.'}
        </Text>
      ),
      run: () => call('PATCH', system, { body: { netbootEnabled: !netboot }, ifMatch: etag }),
    },
  }
  return [
    ...(broken || overdue || installs > 1 ? [repairOf(name)] : []),
    ...(custody === 'available' ? [acquireOf(name)] : []),
    ...(custody === 'acquired' ? [releaseOf(name)] : []),
    netbootAction,
  ]
}

function repairOf(name: string): Action {
  return {
    words: 'Repaired',
    ask: {
      title: `Was ${name} mended?`,
      action: 'It was mended',
      same: { cli: `orchestra repair ${name}`, api: `POST ${api`/api/systems/${name}/repair`}` },
      children: (
        <Text size="sm">Your word that it works: it may be taken and installed again, and nothing is overdue.</Text>
      ),
      run: () => post(api`/api/systems/${name}/repair`),
    },
  }
}

function acquireOf(name: string): Action {
  return {
    words: 'Acquire',
    ask: {
      title: `Take ${name}?`,
      action: `Take ${name}`,
      same: { cli: `orchestra acquire --name ${name}`, api: `POST /api/acquire ${JSON.stringify({ name })}` },
      children: <Text size="sm">It is nobody else’s then, until it is given back. Its power is left as it is.</Text>,
      run: () => post('/api/acquire', { name }),
    },
  }
}

function releaseOf(name: string): Action {
  return {
    words: 'Release',
    ask: {
      title: `Give ${name} back?`,
      action: `Give ${name} back`,
      isDestructive: true,
      same: { cli: `orchestra release ${name}`, api: `POST ${api`/api/systems/${name}/release`}` },
      children: (
        <Text size="sm">
          It is turned off and free for whoever takes it next, who installs it anew: what is on its disk is lost.
        </Text>
      ),
      run: () => post(api`/api/systems/${name}/release`),
    },
  }
}
