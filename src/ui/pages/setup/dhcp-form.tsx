/** What DHCP is to do on an interface: look for others first, then serve a pool there, serve beside another, or stay off. */
import { Alert, Button, Group, NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { sentenceOf } from '../../api.ts'
import { Equivalent } from '../../parts/equivalent.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useMay } from '../../session.tsx'
import { ProbeResult, useProbe } from '../networks/interfaces.tsx'
import type { DhcpMode, Networks } from '../networks/networks.ts'
import { type Changes, checkChanges, restart, saveChanges } from '../settings/settings.ts'
import { networkOf, poolFor } from './subnet.ts'

export function DhcpForm({ networks, onDone }: { networks: Networks; onDone: () => void }) {
  const queries = useQueryClient()
  const isAdmin = useMay('admin')
  const choices = networks.interfaces.filter(({ up, addresses, name }) => up && addresses.length > 0 && name !== 'lo')
  const [name, setName] = useState(choices[0]?.name ?? '')
  const [mode, setMode] = useState<DhcpMode>('authoritative')
  const [pool, setPool] = useState<string>()
  const { probe, asked } = useProbe()
  const chosen = choices.find((one) => one.name === name)
  const network = chosen?.addresses.map(networkOf).find((one) => one !== undefined)
  const wanted = pool ?? (network ? poolFor(network) : '')
  const changes = changesOf(mode, network?.subnet, wanted)
  const save = useMutation({
    mutationFn: async () => {
      const faults = await checkChanges(changes)
      if (faults.length > 0) throw new Error(faults.map(({ path, message }) => `${path}: ${message}`).join(' '))
      await saveChanges(changes)
      const { because } = await restart()
      if (because !== null) throw new Error(because)
      await queries.invalidateQueries()
    },
    onSuccess: onDone,
  })
  if (choices.length === 0) {
    return (
      <Alert color="yellow" variant="light" title="No interface has an IPv4 address">
        Give one to the interface that the machines are on (ip address add 10.77.0.1/24 dev eth1), then load this page
        again.
      </Alert>
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack gap="sm" maw={620}>
        <Group align="flex-end">
          <NativeSelect
            label="Interface"
            data={choices.map((one) => ({ value: one.name, label: `${one.name} (${one.addresses.join(', ')})` }))}
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value)
              setPool(undefined)
            }}
          />
          <Button variant="default" disabled={!isAdmin} loading={probe.isPending} onClick={() => probe.mutate(name)}>
            Look for other DHCP servers
          </Button>
        </Group>
        {probe.error && <Problem sentence={sentenceOf(probe.error)} />}
        {probe.data && asked !== undefined && <ProbeResult found={probe.data} name={asked} />}
        <Radio.Group label="What DHCP does there" value={mode} onChange={(value) => setMode(value as DhcpMode)}>
          <Stack gap={6} mt={6}>
            <Radio value="authoritative" label="Serve the network: Orchestra gives the addresses" />
            <Radio value="beside" label="Serve beside another server: only what Orchestra knows is answered" />
            <Radio value="proxy" label="Only tell machines what to boot: another server gives the addresses" />
            <Radio value="off" label="Stay off: another server gives addresses and names ours as the next server" />
          </Stack>
        </Radio.Group>
        {(mode === 'authoritative' || mode === 'beside') && (
          <TextInput
            label="Pool"
            description={
              network
                ? `Addresses of ${network.subnet} that machines may be given`
                : 'This interface has no subnet to choose from'
            }
            value={wanted}
            onChange={(event) => setPool(event.currentTarget.value)}
          />
        )}
        {save.error && <Problem sentence={sentenceOf(save.error)} />}
        <Equivalent
          cli={`orchestra config set ${Object.entries(changes)
            .map(([path, value]) => `${path}='${JSON.stringify(value)}'`)
            .join(' ')}; orchestra restart`}
          api={`PATCH /api/settings ${JSON.stringify({ changes })}`}
        />
        <Group>
          <Button type="submit" loading={save.isPending} disabled={!isAdmin || (mode !== 'off' && !network)}>
            {mode === 'off' ? 'Leave DHCP off' : `Serve ${name}`}
          </Button>
          {!isAdmin && (
            <Text size="sm" c="dimmed">
              Only an admin changes settings.
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  )
}

function changesOf(mode: DhcpMode, subnet: string | undefined, pool: string): Changes {
  if (mode === 'off' || subnet === undefined) return { 'dhcp.enabled': false }
  const served = { subnet, ...(pool !== '' && mode !== 'proxy' && { pool }), ...(mode !== 'authoritative' && { mode }) }
  return { 'dhcp.enabled': true, 'dhcp.subnets': [served] }
}
