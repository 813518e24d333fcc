/** The interfaces of the server, and a look for other DHCP servers on each: a DISCOVER that takes no address. */
import { Alert, Button, Stack, Table, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { post, sentenceOf } from '../../api.ts'
import { Equivalent } from '../../parts/equivalent.tsx'
import { Pill } from '../../parts/pill.tsx'
import { Problem } from '../../parts/problem.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { useMay } from '../../session.tsx'
import type { Interface, Probed } from './networks.ts'

export function Interfaces({ interfaces }: { interfaces: readonly Interface[] }) {
  const isAdmin = useMay('admin')
  const { probe, asked } = useProbe()
  return (
    <Stack>
      <ScrollRegion label="Interfaces">
        <Table verticalSpacing="xs">
          <TableHead columns={['Interface', 'MAC', 'Addresses', 'State']} withActions />
          <Table.Tbody>
            {interfaces.map(({ name, mac, addresses, up, served }) => (
              <Table.Tr key={name}>
                <Table.Td fw={600}>{name}</Table.Td>
                <Table.Td className="mono">{mac}</Table.Td>
                <Table.Td className="mono">{addresses.join(', ')}</Table.Td>
                <Table.Td>
                  <Pill tone={served ? 'good' : up ? 'calm' : 'warn'}>
                    {served ? 'DHCP serves here' : up ? 'up' : 'down'}
                  </Pill>
                </Table.Td>
                <Table.Td ta="right">
                  <Button
                    size="xs"
                    variant="default"
                    disabled={!isAdmin || !up}
                    loading={probe.isPending && asked === name}
                    onClick={() => probe.mutate(name)}
                  >
                    Look for DHCP servers<span className="for-ears"> on {name}</span>
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
      {probe.error && <Problem sentence={sentenceOf(probe.error)} />}
      {probe.data && asked !== undefined && <ProbeResult found={probe.data} name={asked} />}
    </Stack>
  )
}

export function useProbe() {
  const queries = useQueryClient()
  const probe = useMutation({
    mutationFn: (name: string) => post<Probed>('/api/networks/probe', { interface: name }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['networks'] }),
  })
  return { probe, asked: probe.variables }
}

export function ProbeResult({ found: { servers, because }, name }: { found: Probed; name: string }) {
  const isAlone = servers.length === 0
  return (
    <Stack gap="xs">
      <Alert
        role="status"
        color={isAlone ? 'teal' : 'yellow'}
        variant="light"
        title={isAlone ? `Nobody else answers on ${name}` : `There is another DHCP server on ${name}`}
      >
        <Text size="sm">{because}</Text>
        {servers.map(({ server, offered }) => (
          <Text size="sm" key={server} className="mono">
            {server} offered {offered}
          </Text>
        ))}
      </Alert>
      <Equivalent
        cli={`orchestra doctor net --interface ${name}`}
        api={`POST /api/networks/probe ${JSON.stringify({ interface: name })}`}
      />
    </Stack>
  )
}
