/** The parts of the form of a machine: what it is, its network, its install, its power. */
import {
  Button,
  Fieldset,
  Group,
  NativeSelect,
  PasswordInput,
  SimpleGrid,
  Stack,
  Switch,
  Textarea,
  TextInput,
} from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { emptyInterfaceFields, type Fields, interfacesOf, withoutInterface } from './fields.ts'
import { useNames } from './machine-data.ts'

export interface Form {
  readonly fields: Fields
  readonly change: (key: string, value: string) => void
  readonly replace: (fields: Fields) => void
  /** What the server said of this field. */
  readonly faultOf: (key: string) => string | undefined
}

interface TextProps {
  readonly form: Form
  readonly of: string
  readonly label: string
  readonly hint?: string
  readonly placeholder?: string
  readonly isCode?: boolean
}

function Text({ form, of, label, hint, placeholder, isCode = false }: TextProps) {
  return (
    <TextInput
      label={label}
      description={hint}
      placeholder={placeholder}
      autoComplete="off"
      spellCheck={false}
      value={form.fields[of] ?? ''}
      error={form.faultOf(of)}
      onChange={(event) => form.change(of, event.currentTarget.value)}
      {...(isCode && { classNames: { input: 'mono' } })}
    />
  )
}

function Flag({ form, of, label }: { form: Form; of: string; label: string }) {
  return (
    <Switch
      label={label}
      checked={form.fields[of] === 'yes'}
      onChange={(event) => form.change(of, event.currentTarget.checked ? 'yes' : 'no')}
    />
  )
}

function Options({ form, of, label, hint }: { form: Form; of: string; label: string; hint: string }) {
  return (
    <Textarea
      label={label}
      description={hint}
      autosize
      minRows={1}
      maxRows={6}
      spellCheck={false}
      classNames={{ input: 'mono' }}
      value={form.fields[of] ?? ''}
      error={form.faultOf(of)}
      onChange={(event) => form.change(of, event.currentTarget.value)}
    />
  )
}

export function EditMain({ form }: { form: Form }) {
  const profiles = useNames('profile')
  const profile = form.fields['profile'] ?? ''
  const isKnown = profile === '' || profiles.includes(profile)
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
      <NativeSelect
        label="Profile"
        description="What it gets when it installs"
        data={[{ value: '', label: 'none' }, ...(isKnown ? [] : [profile]), ...profiles]}
        value={profile}
        error={form.faultOf('profile')}
        onChange={(event) => form.change('profile', event.currentTarget.value)}
      />
      <Text form={form} of="image" label="Image" hint="Instead of a profile" />
      <Text form={form} of="hostname" label="Host name" hint="Empty: its name" />
      <Text form={form} of="status" label="Status" hint="A word of your own: production, testing …" />
      <Text form={form} of="mgmtClasses" label="Management classes" hint="Parted by blanks" />
      <Text form={form} of="owners" label="Owners" hint="Parted by blanks; empty: inherited" />
      <Text form={form} of="comment" label="Comment" />
      <Group align="flex-end" pb={8}>
        <Flag form={form} of="netbootEnabled" label="Netboot: its next boot installs it" />
      </Group>
    </SimpleGrid>
  )
}

export function EditNetwork({ form }: { form: Form }) {
  const ports = interfacesOf(form.fields)
  const [port, setPort] = useState('')
  const next = port.trim()
  const isFree = /^[A-Za-z0-9_.:-]{1,32}$/.test(next) && !ports.includes(next)
  return (
    <Stack gap="sm">
      {ports.map((name) => (
        <Fieldset key={name} legend={name} p="sm">
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="xs">
            <Text form={form} of={`interfaces.${name}.macAddress`} label="MAC address" isCode />
            <Text form={form} of={`interfaces.${name}.ipAddress`} label="IP address" placeholder="by lease" isCode />
            <Text form={form} of={`interfaces.${name}.netmask`} label="Netmask" isCode />
            <Text form={form} of={`interfaces.${name}.gateway`} label="Gateway" isCode />
            <Text form={form} of={`interfaces.${name}.dnsName`} label="DNS name" isCode />
            <Text form={form} of={`interfaces.${name}.mtu`} label="MTU" isCode />
          </SimpleGrid>
          <Group justify="space-between" mt="sm">
            <Group>
              <Flag form={form} of={`interfaces.${name}.static`} label="Static: its system uses no DHCP" />
              <Flag form={form} of={`interfaces.${name}.management`} label="Management" />
            </Group>
            <Button
              size="xs"
              variant="subtle"
              color="red"
              onClick={() => form.replace(withoutInterface(form.fields, name))}
            >
              Take {name} away
            </Button>
          </Group>
        </Fieldset>
      ))}
      <Group align="flex-end" gap="xs">
        <TextInput
          label="Another interface"
          placeholder={`eth${ports.length}`}
          autoComplete="off"
          spellCheck={false}
          value={port}
          onChange={(event) => setPort(event.currentTarget.value)}
        />
        <Button
          variant="default"
          leftSection={<IconPlus size={15} aria-hidden />}
          disabled={!isFree}
          onClick={() => {
            form.replace({ ...form.fields, ...emptyInterfaceFields(next) })
            setPort('')
          }}
        >
          Add
        </Button>
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
        <Text form={form} of="gateway" label="Gateway" isCode />
        <Text form={form} of="nameServers" label="Name servers" hint="Empty: inherited" isCode />
        <Text form={form} of="nameServersSearch" label="Search domains" hint="Empty: inherited" isCode />
      </SimpleGrid>
    </Stack>
  )
}

export function EditInstall({ form }: { form: Form }) {
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Text form={form} of="autoinstall" label="Preseed" hint="A file below preseeds/; empty: inherited" isCode />
        <Text form={form} of="server" label="Server" hint="What it fetches from; empty: inherited" isCode />
        <Text form={form} of="bootLoaders" label="Boot loaders" hint="pxe, grub or ipxe; empty: inherited" isCode />
        <Text form={form} of="filename" label="Boot file" hint="What DHCP names; empty: the loader" isCode />
      </SimpleGrid>
      <Options
        form={form}
        of="kernelOptions"
        label="Kernel options"
        hint="Of the installer, laid over what it inherits: a=1 b; !a takes an inherited a away"
      />
      <Options form={form} of="kernelOptionsPost" label="Kernel options, installed" hint="Of the installed system" />
      <Options form={form} of="meta" label="Meta" hint="Values for templates: a=1 b='two words'" />
    </Stack>
  )
}

export function EditPower({ form }: { form: Form }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
      <Text form={form} of="power.type" label="Type" hint="ipmi, redfish, virsh, wol, snmp, webhook, manual …" />
      <Text form={form} of="power.address" label="Address" hint="Host, URL or libvirt URI" isCode />
      <Text form={form} of="power.user" label="User" />
      <PasswordInput
        label="Password"
        description="Kept sealed, and never shown again"
        autoComplete="new-password"
        value={form.fields['power.pass'] ?? ''}
        error={form.faultOf('power.pass')}
        onChange={(event) => form.change('power.pass', event.currentTarget.value)}
      />
      <Text form={form} of="power.id" label="Id" hint="Domain, outlet or system id" isCode />
      <Text form={form} of="power.options" label="Options" hint="For the driver" isCode />
    </SimpleGrid>
  )
}
