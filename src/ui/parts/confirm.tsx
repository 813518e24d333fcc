/** Asks before something is done: what it does, the same as a command, and what went wrong if it was refused. */
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { sentenceOf } from '../api.ts'
import { Equivalent, type EquivalentProps } from './equivalent.tsx'
import { Problem } from './problem.tsx'

export interface ConfirmProps {
  /** The question: `Remove node01?` */
  readonly title: string
  /** What happens then. */
  readonly children: ReactNode
  /** On the button: `Remove node01`. */
  readonly action: string
  readonly same: EquivalentProps
  /** It cannot be undone. */
  readonly isDestructive?: boolean
  /** Has to be typed first: the name, or the number of machines. */
  readonly typed?: string
  /** Does it; the dialog closes when it was done. */
  readonly run: () => Promise<unknown>
  readonly onClose: () => void
}

/** Rendered while it is open. */
export function Confirm({ title, children, action, same, isDestructive = false, typed, run, onClose }: ConfirmProps) {
  const [text, setText] = useState('')
  const work = useMutation({ mutationFn: run, onSuccess: onClose })
  const isReady = typed === undefined || text.trim() === typed
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady) work.mutate()
        }}
      >
        <Stack>
          {children}
          {typed !== undefined && (
            <TextInput
              label={`Type ${typed} to go on`}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              data-autofocus
              autoComplete="off"
            />
          )}
          {work.error && <Problem sentence={sentenceOf(work.error)} />}
          <Equivalent {...same} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Leave it
            </Button>
            <Button
              type="submit"
              color={isDestructive ? 'red' : 'indigo'}
              loading={work.isPending}
              disabled={!isReady}
              {...(typed === undefined && { 'data-autofocus': true })}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
