/** The fields of a machine that is being added. */
import {
  Autocomplete,
  Fieldset,
  NativeSelect,
  PasswordInput,
  SimpleGrid,
  Switch,
  TagsInput,
  TextInput,
} from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { get } from '../api.ts'
import { type EnrolForm, POWER_TYPES } from './enrol-form.ts'

interface FieldsProps {
  readonly form: EnrolForm
  readonly errors: Readonly<Partial<Record<keyof EnrolForm, string>>>
  readonly onChange: (part: Partial<EnrolForm>) => void
}

export function EnrolFields({
  form,
  errors,
  onChange,
  profiles,
}: FieldsProps & { readonly profiles: readonly string[] }) {
  const classes = useQuery({
    queryKey: ['names', 'mgmtclass'],
    queryFn: ({ signal }) => get<{ mgmtclass: readonly string[] }>('/api/names?type=mgmtclass', signal),
  })
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput
          label="Name"
          required
          data-autofocus
          placeholder="node01"
          value={form.name}
          error={errors.name}
          autoComplete="off"
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
        <TextInput
          label="MAC address"
          placeholder="52:54:00:12:34:56"
          classNames={{ input: 'mono' }}
          value={form.mac}
          error={errors.mac}
          autoComplete="off"
          onChange={(event) => onChange({ mac: event.currentTarget.value })}
        />
        <NativeSelect
          label="Profile"
          data={[{ value: '', label: 'choose one' }, ...profiles]}
          value={form.profile}
          error={errors.profile}
          onChange={(event) => onChange({ profile: event.currentTarget.value })}
        />
        <TagsInput
          label="Management classes"
          placeholder={form.classes.length === 0 ? 'orchestra-juju-available' : ''}
          data={[...(classes.data?.mgmtclass ?? [])]}
          value={[...form.classes]}
          error={errors.classes}
          splitChars={[',', ' ']}
          onChange={(next) => onChange({ classes: next })}
        />
      </SimpleGrid>
      <Switch
        label="Netboot: its next boot installs it"
        checked={form.netboot}
        onChange={(event) => onChange({ netboot: event.currentTarget.checked })}
      />
    </>
  )
}

export function PowerFields({ form, errors, onChange }: FieldsProps) {
  const isSet = form.powerType !== ''
  return (
    <Fieldset legend="Power" variant="filled">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <Autocomplete
          label="Type"
          placeholder="none: a person turns it on"
          data={POWER_TYPES}
          value={form.powerType}
          error={errors.powerType}
          onChange={(powerType) => onChange({ powerType })}
        />
        {isSet && (
          <>
            <TextInput
              label="Address"
              placeholder="10.0.0.7, or a URL"
              value={form.powerAddress}
              error={errors.powerAddress}
              autoComplete="off"
              onChange={(event) => onChange({ powerAddress: event.currentTarget.value })}
            />
            <TextInput
              label="User"
              value={form.powerUser}
              error={errors.powerUser}
              autoComplete="off"
              onChange={(event) => onChange({ powerUser: event.currentTarget.value })}
            />
            <PasswordInput
              label="Password"
              value={form.powerPass}
              error={errors.powerPass}
              autoComplete="new-password"
              onChange={(event) => onChange({ powerPass: event.currentTarget.value })}
            />
            <TextInput
              label="Id"
              description="Domain, outlet or system, where the address has several"
              value={form.powerId}
              error={errors.powerId}
              autoComplete="off"
              onChange={(event) => onChange({ powerId: event.currentTarget.value })}
            />
          </>
        )}
      </SimpleGrid>
    </Fieldset>
  )
}
