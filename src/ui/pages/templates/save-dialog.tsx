/** Saves a template with a word on why; one that does not lint only when somebody insists. */
import { Checkbox, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { call } from '../../api.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Problems } from './problems.tsx'
import { type TemplateProblem, templatePath } from './templates.ts'

interface Props {
  readonly path: string
  readonly text: string
  /** Of what the change began with; undefined: there was nothing. */
  readonly etag: string | undefined
  readonly problems: readonly TemplateProblem[]
  readonly onSaved: () => Promise<void>
  readonly onClose: () => void
}

export function SaveDialog({ path, text, etag, problems, onSaved, onClose }: Props) {
  const [comment, setComment] = useState('')
  const [isForced, setForced] = useState(false)
  const errors = problems.filter(({ severity }) => severity === 'error')
  const url = `/api/templates/${templatePath(path)}${isForced ? '?force=true' : ''}`
  return (
    <Confirm
      title={`Save ${path}`}
      action="Save"
      isDestructive={isForced}
      same={{
        cli: `orchestra template save ${path} --file FILE --comment '${comment}'${isForced ? ' --force' : ''}`,
        api: `PUT ${url} ${JSON.stringify({ comment, text: '…' })}`,
      }}
      run={async () => {
        await call('PUT', url, { body: { text, comment }, ifMatch: etag })
        notifications.show({ color: 'teal', message: `${path} is saved; the next machine that asks gets it` })
        await onSaved()
      }}
      onClose={onClose}
    >
      <TextInput
        label="What changes"
        placeholder="Say it in a few words"
        data-autofocus
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      {errors.length > 0 && (
        <>
          <Problems problems={errors} />
          <Checkbox
            label="Save it all the same: machines that need it cannot install until it is mended"
            checked={isForced}
            onChange={(event) => setForced(event.currentTarget.checked)}
          />
        </>
      )}
      {errors.length === 0 && (
        <Text size="sm" c="dimmed">
          It renders for every profile that uses it.
        </Text>
      )}
    </Confirm>
  )
}
