/** What is entered of a machine: its identity and classes, and its interfaces with what can be copied. */
import { Anchor, Group, Table, Text } from '@mantine/core'
import { Link } from 'react-router'
import { classesOf } from '../../../model/custody.ts'
import { INHERIT } from '../../../model/item.ts'
import type { System } from '../../../model/system.ts'
import { Ago } from '../../parts/ago.tsx'
import { Copy } from '../../parts/equivalent.tsx'
import { Pill } from '../../parts/pill.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { Fact, Facts, Part } from './card.tsx'
import { type MachineRow, useBlend } from './machine-data.ts'

interface CardProps {
  readonly system: System
  readonly row: MachineRow | undefined
}

export function FactsCard({ system, row }: CardProps) {
  const classes = classesOf(system)
  return (
    <Part title="Identity">
      <Facts>
        <Fact label="Name" copy={system.name}>
          {system.name}
        </Fact>
        <Fact label="Host name">{system.hostname || `${system.name} (its name)`}</Fact>
        <Fact label="uid" copy={system.uid}>
          <span className="mono">{system.uid}</span>
        </Fact>
        <Fact label="Profile">
          <Chain system={system} />
        </Fact>
        {system.image !== '' && <Fact label="Image">{system.image}</Fact>}
        <Fact label="Architecture">{row?.arch}</Fact>
        <Fact label="Classes">
          {classes.length > 0 && (
            <Group gap={4}>
              {classes.map((one) => (
                <Pill key={one} tone="calm">
                  {one}
                </Pill>
              ))}
            </Group>
          )}
        </Fact>
        <Fact label="Owners">{system.owners === INHERIT ? 'inherited' : system.owners.join(' ')}</Fact>
        <Fact label="Gateway" copy={system.gateway || undefined}>
          {system.gateway}
        </Fact>
        <Fact label="Name servers">{textOf(system.nameServers)}</Fact>
        <Fact label="Search">{textOf(system.nameServersSearch)}</Fact>
        <Fact label="Status">{system.status}</Fact>
        <Fact label="Comment">{system.comment}</Fact>
        <Fact label="Changed">
          <span>
            <Ago at={system.mtime} />
            <Text span size="xs" c="dimmed">
              {' '}
              revision {system.revision}, made <Ago at={system.ctime} />
            </Text>
          </span>
        </Fact>
      </Facts>
    </Part>
  )
}

function textOf(list: System['nameServers']): string {
  return list === INHERIT ? 'inherited' : list.join(' ')
}

/** The profile, its parents and the distro at the end, each a way to its page. */
function Chain({ system }: { system: System }) {
  const blend = useBlend(system)
  if (system.profile === '') return null
  if (!blend.data?.ok) {
    return (
      <span>
        <Anchor component={Link} to={`/profiles/${encodeURIComponent(system.profile)}`}>
          {system.profile}
        </Anchor>
        {(blend.error || blend.data) && (
          <Text span size="xs" className="wrong">
            {' '}
            does not lead to a distro
          </Text>
        )}
      </span>
    )
  }
  const names = [
    blend.data.profile.name,
    ...blend.data.profiles
      .map(({ name }) => name)
      .reverse()
      .slice(1),
  ]
  return (
    <Group gap={4} component="span">
      {names.map((name) => (
        <span key={name}>
          <Anchor component={Link} to={`/profiles/${encodeURIComponent(name)}`} size="sm">
            {name}
          </Anchor>
          {' ›'}
        </span>
      ))}
      <Anchor component={Link} to={`/distros/${encodeURIComponent(blend.data.distro.name)}`} size="sm">
        {blend.data.distro.name}
      </Anchor>
      <Text span size="xs" c="dimmed">
        distro
      </Text>
    </Group>
  )
}

export function InterfacesCard({ system, row }: CardProps) {
  const ports = Object.entries(system.interfaces)
  return (
    <Part title="Interfaces">
      {ports.length === 0 ? (
        <Text size="sm" c="dimmed">
          It has none: DHCP cannot know it. Edit it, and add its MAC address.
        </Text>
      ) : (
        <ScrollRegion label="Table of interfaces">
          <Table fz="sm" verticalSpacing={5}>
            <TableHead columns={['Name', 'MAC', 'IP', 'More']} />
            <Table.Tbody>
              {ports.map(([name, port], index) => {
                const leased = index === 0 && port.ipAddress === '' ? (row?.ip ?? '') : ''
                const ip = port.ipAddress || leased
                return (
                  <Table.Tr key={name}>
                    <Table.Td>{name}</Table.Td>
                    <Table.Td>
                      <Copied text={port.macAddress} />
                    </Table.Td>
                    <Table.Td>
                      <Copied text={ip} note={leased === '' ? undefined : 'by lease'} />
                    </Table.Td>
                    <Table.Td>
                      <Text size="xs" c="dimmed">
                        {moreOf(port) || '—'}
                      </Text>
                    </Table.Td>
                  </Table.Tr>
                )
              })}
            </Table.Tbody>
          </Table>
        </ScrollRegion>
      )}
    </Part>
  )
}

function Copied({ text, note }: { text: string; note?: string | undefined }) {
  if (text === '') return <Text c="dimmed">—</Text>
  return (
    <Group gap={2} wrap="nowrap">
      <span className="mono nowrap">{text}</span>
      <Copy text={text} label={`Copy ${text}`} />
      {note && (
        <Text size="xs" c="dimmed" className="nowrap">
          {note}
        </Text>
      )}
    </Group>
  )
}

function moreOf({
  netmask,
  gateway,
  dnsName,
  mtu,
  static: isStatic,
  management,
}: System['interfaces'][string]): string {
  const words = [
    netmask && `mask ${netmask}`,
    gateway && `gateway ${gateway}`,
    dnsName,
    mtu && `MTU ${mtu}`,
    isStatic && 'static',
    management && 'management',
  ]
  return words.filter((word) => typeof word === 'string' && word !== '').join(', ')
}
