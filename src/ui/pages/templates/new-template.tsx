/** A new file of the site: its path says what it is. It is written when it is saved in the editor. */
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useMay } from '../../session.tsx'
import { templatePath } from './templates.ts'

export function NewTemplate() {
  const may = useMay('admin')
  const navigate = useNavigate()
  const [isOpen, dialog] = useDisclosure()
  const [path, setPath] = useState('preseeds/')
  return (
    <>
      <Button variant="default" disabled={!may} onClick={dialog.open}>
        New file
      </Button>
      <Modal opened={isOpen} onClose={dialog.close} title="A new file" closeButtonProps={{ 'aria-label': 'Close' }}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void navigate(`/templates/${templatePath(path.trim())}`)
          }}
        >
          <Stack>
            <TextInput
              label="Path"
              description="preseeds/web.seed for an installer's answers, templates/snippets/disks.seed for a piece of others"
              data-autofocus
              required
              autoComplete="off"
              value={path}
              onChange={(event) => setPath(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit">Write it</Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  )
}
