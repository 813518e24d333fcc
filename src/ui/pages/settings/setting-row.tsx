/** One setting: its path, what it means, where its value comes from, and the value as it can be changed. */
import {
  Button,
  Group,
  JsonInput,
  NativeSelect,
  NumberInput,
  PasswordInput,
  Switch,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core'
import { useState } from 'react'
import type { Json } from '../../../lib/json.ts'
import { Pill } from '../../parts/pill.tsx'
import type { Fault, Setting } from './settings.ts'

const ORIGINS = { default: 'calm', file: 'good', environment: 'busy' } as const

export interface SettingRowProps {
  readonly setting: Setting
  /** As it would be; undefined: it is not changed. */
  readonly change: Json | undefined
  readonly fault: Fault | undefined
  readonly isReadOnly: boolean
  /** Undefined takes the change back. */
  readonly onChange: (value: Json | undefined) => void
}

export function SettingRow({ setting, change, fault, isReadOnly, onChange }: SettingRowProps) {
  const { path, meaning, origin, locked, kind, secret } = setting
  const isFixed = isReadOnly || locked !== null
  return (
    <div className="card setting">
      <div>
        <Group gap="xs">
          <Text className="mono" fw={650} component="h2">
            {path}
          </Text>
          <Pill tone={change === undefined ? ORIGINS[origin] : 'warn'}>
            {change === undefined ? origin : 'changed'}
          </Pill>
        </Group>
        <Text size="sm" c="dimmed">
          {meaning}
        </Text>
        {locked !== null && (
          <Text size="xs" c="dimmed">
            {locked}
          </Text>
        )}
      </div>
      <div>
        <Input setting={setting} change={change} error={fault?.message} isReadOnly={isFixed} onChange={onChange} />
        {(change !== undefined || (origin === 'file' && !isFixed && !secret)) && (
          <Group gap={4} pt={4}>
            {change !== undefined && (
              <Button size="compact-xs" variant="subtle" onClick={() => onChange(undefined)}>
                Take back<span className="for-ears"> the change of {path}</span>
              </Button>
            )}
            {origin === 'file' && change === undefined && kind !== 'boolean' && (
              <Button size="compact-xs" variant="subtle" onClick={() => onChange(null)}>
                Back to the default<span className="for-ears"> of {path}</span>
              </Button>
            )}
          </Group>
        )}
      </div>
    </div>
  )
}

interface InputProps {
  readonly setting: Setting
  readonly change: Json | undefined
  readonly error: string | undefined
  readonly isReadOnly: boolean
  readonly onChange: (value: Json) => void
}

function Input({ setting, change, error, isReadOnly, onChange }: InputProps) {
  const { path, kind, choices, secret, default: fallback } = setting
  const value = change === undefined ? setting.value : change
  const shared = { 'aria-label': path, size: 'xs', disabled: isReadOnly, error, autoComplete: 'off' } as const
  const hint = fallback === null || fallback === '' ? 'unset' : typeof fallback === 'object' ? '' : String(fallback)
  if (secret && kind === 'text') {
    return (
      <PasswordInput
        {...shared}
        autoComplete="new-password"
        placeholder={setting.value === null ? 'unset' : 'set; written, never read'}
        value={typeof change === 'string' ? change : ''}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    )
  }
  switch (kind) {
    case 'boolean':
      return (
        <Switch
          aria-label={path}
          disabled={isReadOnly}
          error={error}
          label={value === null ? 'unset' : value === true ? 'on' : 'off'}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      )
    case 'choice':
      return (
        <NativeSelect
          {...shared}
          data={value === null ? [{ value: '', label: hint }, ...choices] : [...choices]}
          value={value === null ? '' : String(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
    case 'number':
      return (
        <NumberInput
          {...shared}
          placeholder={hint}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(next === '' ? null : Number(next))}
        />
      )
    case 'list':
      return (
        <TagsInput
          {...shared}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={(next) => onChange(next)}
          placeholder={Array.isArray(value) && value.length > 0 ? '' : hint}
        />
      )
    case 'table':
      return <TableInput {...shared} value={value} onChange={onChange} />
    case 'text':
      return (
        <TextInput
          {...shared}
          placeholder={hint}
          value={value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)}
          onChange={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
        />
      )
  }
}

/** Rows as JSON; what is no JSON yet is not passed on. */
function TableInput({ value, onChange, ...shared }: { value: Json; onChange: (value: Json) => void }) {
  const [text, setText] = useState<string>()
  return (
    <JsonInput
      {...shared}
      autosize
      maxRows={16}
      formatOnBlur
      validationError="This is no JSON yet."
      classNames={{ input: 'mono' }}
      value={text ?? JSON.stringify(value, undefined, 2)}
      onChange={(next) => {
        setText(next)
        try {
          onChange(JSON.parse(next) as Json)
        } catch {
          // Not yet.
        }
      }}
    />
  )
}
