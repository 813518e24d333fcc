/** What can be done to a machine's entry as a whole: edit, copy, rename, remove. */
import { Button, Group, Menu, Text, TextInput } from '@mantine/core'
import { IconChevronDown, IconCopy, IconEdit, IconPencil, IconTrash } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import type { System } from '../../../model/system.ts'
import { type Answer, api, call, post } from '../../api.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { useMay } from '../../session.tsx'
import { EditDialog } from './edit-dialog.tsx'

type Dialog = 'edit' | 'copy' | 'rename' | 'remove'

export function MachineMenu({ answer }: { answer: Answer<System> }) {
  const may = useMay('operator')
  const [dialog, setDialog] = useState<Dialog>()
  const close = () => setDialog(undefined)
  const why = may ? undefined : 'This needs the role operator'
  return (
    <>
      <Group gap={0} wrap="nowrap">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconEdit size={15} aria-hidden />}
          disabled={!may}
          title={why}
          onClick={() => setDialog('edit')}
        >
          Edit
        </Button>
        <Menu position="bottom-end" width={180}>
          <Menu.Target>
            <Button
              size="xs"
              ml={4}
              px={8}
              variant="default"
              disabled={!may}
              title={why}
              aria-label="More that can be done to it"
            >
              <IconChevronDown size={15} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => setDialog('copy')}>
              Copy …
            </Menu.Item>
            <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setDialog('rename')}>
              Rename …
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={() => setDialog('remove')}>
              Remove …
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      {dialog === 'edit' && <EditDialog answer={answer} onClose={close} />}
      {(dialog === 'copy' || dialog === 'rename') && <NameDialog how={dialog} answer={answer} onClose={close} />}
      {dialog === 'remove' && <RemoveDialog answer={answer} onClose={close} />}
    </>
  )
}

interface DialogProps {
  readonly answer: Answer<System>
  readonly onClose: () => void
}

function NameDialog({ how, answer: { body, etag }, onClose }: DialogProps & { how: 'copy' | 'rename' }) {
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { name } = body
  const [to, setTo] = useState('')
  const isCopy = how === 'copy'
  const path = isCopy ? api`/api/systems/${name}/copy` : api`/api/systems/${name}`
  // An address belongs to one machine: the copy begins without any.
  const change = isCopy
    ? { name: to, interfaces: Object.fromEntries(Object.keys(body.interfaces).map((port) => [port, null])) }
    : { name: to }
  return (
    <Confirm
      title={isCopy ? `Copy ${name}` : `Rename ${name}`}
      action={isCopy ? 'Copy' : 'Rename'}
      same={{
        cli: `orchestra system ${how} --name=${name} --newname=${to || 'NAME'}`,
        api: `${isCopy ? 'POST' : 'PATCH'} ${path} ${JSON.stringify(change)}`,
      }}
      run={async () => {
        if (isCopy) await post(path, change)
        else await call('PATCH', path, { body: change, ifMatch: etag })
        await queries.invalidateQueries({ queryKey: ['names'] })
        await navigate(`/machines/${encodeURIComponent(to)}`)
      }}
      onClose={onClose}
    >
      <TextInput
        label="Its new name"
        required
        withAsterisk={false}
        data-autofocus
        autoComplete="off"
        spellCheck={false}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value.trim())}
      />
      <Text size="sm" c="dimmed">
        {isCopy
          ? 'The copy has everything of it but its interfaces: an address belongs to one machine.'
          : 'Its uid, its boots and its log stay with it. What names it elsewhere (scripts, orchestrators) does not follow.'}
      </Text>
    </Confirm>
  )
}

function RemoveDialog({ answer: { body, etag }, onClose }: DialogProps) {
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { name } = body
  return (
    <Confirm
      title={`Remove ${name}?`}
      action={`Remove ${name}`}
      isDestructive
      typed={name}
      same={{ cli: `orchestra system remove --name=${name}`, api: `DELETE ${api`/api/systems/${name}`}` }}
      run={async () => {
        await call('DELETE', api`/api/systems/${name}`, { ifMatch: etag })
        await queries.invalidateQueries({ queryKey: ['names'] })
        await navigate('/machines')
      }}
      onClose={onClose}
    >
      <Text size="sm">
        Orchestra forgets the machine with its boots and its log. The machine itself is left as it is: nobody turns it
        off, and when it boots over the network again it is an unknown one.
      </Text>
    </Confirm>
  )
}
