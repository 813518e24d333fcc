/** The first run: an interface, what DHCP does there, a distribution, a machine; or all of it with virtual machines in the lab. */
import { Alert, Anchor, Button, Code, Group, Stack, Stepper, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { get, sentenceOf } from '../../api.ts'
import { EnrolDialog } from '../../parts/enrol-dialog.tsx'
import { Copy } from '../../parts/equivalent.tsx'
import { PageFrame } from '../../parts/page-frame.tsx'
import { Problem } from '../../parts/problem.tsx'
import type { Networks } from '../networks/networks.ts'
import { ImportDialog } from '../provisioning/import-dialog.tsx'
import type { Restarted } from '../settings/settings.ts'
import { DhcpForm } from './dhcp-form.tsx'

interface Setup {
  readonly needed: boolean
  readonly steps: {
    readonly interface: boolean
    readonly dhcp: boolean
    readonly distro: boolean
    readonly machine: boolean
  }
  readonly lab: string
  readonly restarted: Restarted | null
}

export function SetupPage() {
  const setup = useQuery({
    queryKey: ['setup'],
    queryFn: ({ signal }) => get<Setup>('/api/setup', signal),
    refetchInterval: 3_000,
  })
  const networks = useQuery({ queryKey: ['networks'], queryFn: ({ signal }) => get<Networks>('/api/networks', signal) })
  const [isImporting, setImporting] = useState(false)
  const [isAdding, setAdding] = useState(false)
  const { steps = { interface: false, dhcp: false, distro: false, machine: false }, lab = 'npm run lab' } =
    setup.data ?? {}
  const done = [steps.interface && steps.dhcp, steps.distro, steps.machine]
  const active = done.includes(false) ? done.indexOf(false) : done.length
  const again = () => {
    void setup.refetch()
    void networks.refetch()
  }
  return (
    <PageFrame title="First steps" lead="From nothing to the first machine that installs itself.">
      {setup.error && <Problem sentence={sentenceOf(setup.error)} retry={again} />}
      <Stepper active={active} orientation="vertical" size="sm" iconSize={30}>
        <Stepper.Step
          label="A network to serve"
          description="On which interface machines ask, and what they are told there"
        >
          {networks.data && <DhcpForm networks={networks.data} onDone={again} />}
        </Stepper.Step>
        <Stepper.Step
          label="A distribution to install"
          description="The netboot tree of an installer, which becomes a distro and a profile"
        >
          <Stack gap="sm">
            <Text size="sm">
              On Debian, the package <Code>debian-installer-12-netboot-amd64</Code> brings one to{' '}
              <Code>/usr/lib/debian-installer/images/12/amd64/text</Code>. Others go to the server or into the{' '}
              <Anchor component={Link} to="/store" underline="always">
                store
              </Anchor>{' '}
              first.
            </Text>
            <Group>
              <Button onClick={() => setImporting(true)}>Import a distribution</Button>
            </Group>
          </Stack>
        </Stepper.Step>
        <Stepper.Step
          label="The first machine"
          description="By its MAC address, or just switch it on: it shows up as unknown, and one click enrolls it"
        >
          <Group>
            <Button onClick={() => setAdding(true)}>Add a machine</Button>
            <Anchor component={Link} to="/" size="sm">
              See who asked
            </Anchor>
          </Group>
        </Stepper.Step>
        <Stepper.Completed>
          <Alert color="teal" variant="light" title="All is there">
            Switch a machine on, and{' '}
            <Anchor component={Link} to="/" underline="always">
              watch it install itself
            </Anchor>
            .
          </Alert>
        </Stepper.Completed>
      </Stepper>
      <section className="card-alone" aria-label="The lab">
        <Group justify="space-between">
          <div>
            <Text fw={600} component="h2">
              No machine at hand?
            </Text>
            <Text size="sm" c="dimmed">
              The lab builds a network of its own with virtual machines in it, on this computer or any other.
            </Text>
          </div>
          <Group gap={4}>
            <Code>{lab}</Code>
            <Copy text={lab} label="Copy the command" />
          </Group>
        </Group>
      </section>
      {isAdding && (
        <EnrolDialog
          onClose={() => {
            setAdding(false)
            again()
          }}
        />
      )}
      {isImporting && (
        <ImportDialog
          onClose={() => {
            setImporting(false)
            again()
          }}
        />
      )}
    </PageFrame>
  )
}
