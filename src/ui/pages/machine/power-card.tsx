/** The power of a machine: what was seen and when, the orders that can be given, and whether its controller would obey. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { PowerTask } from '../../../model/power.ts'
import type { System } from '../../../model/system.ts'
import { api, call, get, post, sentenceOf } from '../../api.ts'
import { Equivalent } from '../../parts/equivalent.tsx'
import { PowerWords } from '../../parts/power-toggle.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useMay } from '../../session.tsx'
import { Fact, Facts, Part } from './card.tsx'
import type { MachineRow } from './machine-data.ts'
import { PowerConfirm } from './power-confirm.tsx'

interface PowerCardProps {
  readonly system: System
  readonly row: MachineRow
  readonly refresh: () => void
}

interface Told {
  readonly ok: boolean
  readonly sentence: string
  readonly same: { readonly cli: string; readonly api: string }
}

export function PowerCard({ system, row, refresh }: PowerCardProps) {
  const may = useMay('operator')
  const [isAsked, setAsked] = useState(false)
  const { name, power } = system
  const path = api`/api/systems/${name}/power`
  const work = useMutation({ mutationFn: (ask: () => Promise<Told>) => ask(), onSettled: refresh })

  const task = useQuery({
    queryKey: ['machine', name, 'task', row.task?.id],
    queryFn: ({ signal }) => get<PowerTask>(api`/api/tasks/${row.task?.id ?? ''}`, signal),
    enabled: row.task !== null,
  })

  const look = async (): Promise<Told> => {
    const { state, because } = await get<{ state: string; because: string }>(path)
    const same = { cli: `orchestra power status ${name}`, api: `GET ${path}` }
    return { ok: state !== 'unknown', sentence: `It is ${state}: ${because}`, same }
  }
  const test = async (): Promise<Told> => {
    const { ok, because, can } = await post<{ ok: boolean; because: string; can: string[] }>(`${path}/test`)
    const same = { cli: `orchestra power test ${name}`, api: `POST ${path}/test` }
    return { ok, sentence: `${because}${can.length > 0 ? ` (it can: ${can.join(', ')})` : ''}`, same }
  }
  const identify = async (): Promise<Told> => {
    await post(`${path}/identify`, { seconds: 15 })
    const same = { cli: `orchestra power identify ${name}`, api: `POST ${path}/identify {"seconds":15}` }
    return { ok: true, sentence: 'Its lamp blinks for 15 seconds.', same }
  }
  const cancel = async (): Promise<Told> => {
    await call('DELETE', path)
    const same = { cli: `orchestra power cancel ${name}`, api: `DELETE ${path}` }
    return { ok: true, sentence: 'What was under way or waited is given up.', same }
  }
  const confirmed = (state: 'on' | 'off') => async (): Promise<Told> => {
    await post(`${path}/confirm`, { state })
    const same = { cli: `orchestra power confirm ${name} ${state}`, api: `POST ${path}/confirm {"state":"${state}"}` }
    return { ok: true, sentence: `Noted: it is ${state}.`, same }
  }
  const button = (words: string, ask: () => Promise<Told>, needsRole = true) => (
    <Button
      size="xs"
      variant="default"
      disabled={(needsRole && !may) || work.isPending}
      title={needsRole && !may ? 'This needs the role operator' : undefined}
      onClick={() => work.mutate(ask)}
    >
      {words}
    </Button>
  )

  return (
    <Part title="Power">
      {power.type === '' ? (
        <Text size="sm" c="dimmed">
          No power type is set: Orchestra cannot turn it on. Edit it, and say how its power is reached (ipmi, redfish,
          virsh, wol …), or choose manual, where a person is asked.
        </Text>
      ) : (
        <Stack gap="sm">
          <Facts>
            <Fact label="State">
              <PowerWords sight={row} requested={row.task?.action} />
            </Fact>
            {row.task && <Fact label="Order">{task.data?.because ?? '…'}</Fact>}
            <Fact label="Type">{power.type}</Fact>
            <Fact label="Address" copy={power.address || undefined}>
              {power.address && <span className="mono">{power.address}</span>}
            </Fact>
            {power.user !== '' && <Fact label="User">{power.user}</Fact>}
            {power.id !== '' && (
              <Fact label="Id" copy={power.id}>
                <span className="mono">{power.id}</span>
              </Fact>
            )}
            {power.options !== '' && <Fact label="Options">{power.options}</Fact>}
          </Facts>
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              disabled={!may}
              title={may ? undefined : 'This needs the role operator'}
              onClick={() => setAsked(true)}
            >
              Reboot
            </Button>
            {button('Ask now', look, false)}
            {button('Test', test)}
            {button('Identify', identify)}
            {row.task && button('Cancel the order', cancel)}
            {row.powerType === 'manual' && button('I saw it on', confirmed('on'))}
            {row.powerType === 'manual' && button('I saw it off', confirmed('off'))}
          </Group>
          <div role="status">
            {work.data && (
              <Stack gap={6}>
                <Text size="sm" className={work.data.ok ? undefined : 'wrong'}>
                  {work.data.sentence}
                </Text>
                <Equivalent {...work.data.same} />
              </Stack>
            )}
          </div>
          {work.error && <Problem sentence={sentenceOf(work.error)} />}
        </Stack>
      )}
      {isAsked && <PowerConfirm row={row} action="reboot" onClose={() => setAsked(false)} onDone={refresh} />}
    </Part>
  )
}
