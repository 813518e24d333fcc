/** One field of an object as it is edited, whatever its kind; with a switch where it may be inherited. */
import { Autocomplete, JsonInput, Stack, Switch, TagsInput, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { INHERIT, type Options } from '../../model/item.ts'
import { linesOf, optionsOf } from './options-text.ts'

export interface FieldInputProps {
  readonly label: string
  readonly help?: string | undefined
  readonly kind: 'text' | 'long' | 'options' | 'list' | 'choice'
  /** Of a choice. */
  readonly choices?: readonly string[]
  readonly inherits?: boolean
  readonly required?: boolean
  readonly isReadOnly: boolean
  readonly error?: string | undefined
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}

const EMPTY = { text: '', long: '', choice: '', options: {}, list: [] } as const

export function FieldInput(props: FieldInputProps) {
  const { label, kind, inherits = false, isReadOnly, value, onChange } = props
  const isInherited = value === INHERIT
  return (
    <Stack gap={4}>
      {isInherited ? (
        <TextInput
          label={label}
          description={props.help}
          value="inherited"
          readOnly
          variant="filled"
          error={props.error}
        />
      ) : (
        <Own {...props} />
      )}
      {inherits && (
        <Switch
          size="xs"
          label="inherit"
          aria-label={`Inherit ${label}`}
          disabled={isReadOnly}
          checked={isInherited}
          onChange={(event) => onChange(event.currentTarget.checked ? INHERIT : EMPTY[kind])}
        />
      )}
    </Stack>
  )
}

function Own({
  label,
  help,
  kind,
  choices = [],
  required = false,
  isReadOnly,
  error,
  value,
  onChange,
}: FieldInputProps) {
  const shared = { label, description: help, required, readOnly: isReadOnly, error, autoComplete: 'off' }
  switch (kind) {
    case 'text':
      return <TextInput {...shared} value={String(value)} onChange={(event) => onChange(event.currentTarget.value)} />
    case 'long':
      return (
        <Textarea
          {...shared}
          autosize
          minRows={2}
          value={String(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
    case 'choice':
      return <Autocomplete {...shared} data={[...choices]} value={String(value)} onChange={onChange} />
    case 'list':
      return (
        <TagsInput {...shared} value={[...(value as readonly string[])]} onChange={onChange} splitChars={[' ', ',']} />
      )
    case 'options':
      return <OptionsInput {...shared} value={value as Options} onChange={onChange} />
  }
}

/** The text is the person's own while it is written: what it means goes up with every stroke. */
function OptionsInput({
  value,
  onChange,
  ...shared
}: {
  value: Options
  onChange: (value: unknown) => void
  label: string
}) {
  const [text, setText] = useState(() => linesOf(value))
  const [json, setJson] = useState(() => JSON.stringify(value, undefined, 2))
  if (text === undefined) {
    return (
      <JsonInput
        {...shared}
        autosize
        minRows={2}
        value={json}
        classNames={{ input: 'mono' }}
        onChange={(next) => {
          setJson(next)
          try {
            onChange(JSON.parse(next))
          } catch {
            // Not yet; what was good last is kept.
          }
        }}
      />
    )
  }
  return (
    <Textarea
      {...shared}
      autosize
      minRows={2}
      maxRows={14}
      value={text}
      classNames={{ input: 'mono' }}
      onChange={(event) => {
        setText(event.currentTarget.value)
        onChange(optionsOf(event.currentTarget.value))
      }}
    />
  )
}
