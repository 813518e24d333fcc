/** Searches that are wanted again and again: some that everybody has, and those that a person has kept in this browser. */
import { ActionIcon, Button, Group, Menu, TextInput, Tooltip } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { IconBookmark, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'

interface View {
  readonly name: string
  readonly text: string
}

const EVERYBODYS: readonly View[] = [
  { name: 'All machines', text: '' },
  { name: 'Broken', text: 'stage:broken' },
  { name: 'Installing', text: 'stage:installing' },
  { name: 'Free', text: 'custody:available -stage:broken' },
  { name: 'On, and nobody’s', text: 'power:on custody:none' },
]

export function Views({ text, onText }: { text: string; onText: (text: string) => void }) {
  const [own, setOwn] = useLocalStorage<readonly View[]>({ key: 'orchestra-machine-views', defaultValue: [] })
  const [name, setName] = useState('')
  const keep = () => {
    const wanted = name.trim()
    if (wanted === '') return
    setOwn([...own.filter((view) => view.name !== wanted), { name: wanted, text }])
    setName('')
  }
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <Tooltip label="Views">
          <ActionIcon variant="default" size="lg" aria-label="Views">
            <IconBookmark size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {EVERYBODYS.map((view) => (
          <Menu.Item key={view.name} onClick={() => onText(view.text)}>
            {view.name}
          </Menu.Item>
        ))}
        {own.length > 0 && <Menu.Label>Kept in this browser</Menu.Label>}
        {own.map((view) => (
          <Group key={view.name} gap={4} wrap="nowrap">
            <Menu.Item onClick={() => onText(view.text)}>{view.name}</Menu.Item>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`Forget the view ${view.name}`}
              onClick={() => setOwn(own.filter((one) => one !== view))}
            >
              <IconTrash size={14} />
            </ActionIcon>
          </Group>
        ))}
        {text !== '' && (
          <>
            <Menu.Label>Keep this search</Menu.Label>
            <Group gap={6} px="sm" pb="xs" wrap="nowrap">
              <TextInput
                size="xs"
                aria-label="Name of the view"
                placeholder="Name"
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
                onKeyDown={(event) => {
                  event.stopPropagation()
                  if (event.key === 'Enter') keep()
                }}
              />
              <Button size="xs" variant="default" onClick={keep} disabled={name.trim() === ''}>
                Keep
              </Button>
            </Group>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
