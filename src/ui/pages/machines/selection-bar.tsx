/** Between search and table: how many machines match; and when some are selected, what can be done to them. */
import { Button, Group, Menu, Text, Tooltip } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import type { BulkAction } from '../../../model/bulk.ts'
import { BULK_WORDS } from './bulk-words.ts'
import { type Selection, scopeWords } from './selection.ts'

interface SelectionBarProps {
  readonly selection: Selection
  readonly found: readonly string[]
  readonly total: number
  /** Rows that would come, go or move. */
  readonly waiting: number
  readonly onLetGo: () => void
  readonly onSelectAll: () => void
  readonly onSelectNone: () => void
  readonly mayAct: boolean
  readonly onAct: (action: BulkAction) => void
}

const FIRST: readonly BulkAction[] = ['on', 'off', 'reboot']
const ALL: readonly BulkAction[] = [
  ...FIRST,
  ...(['acquire', 'release', 'netboot-on', 'netboot-off', 'profile', 'repair', 'remove'] as const),
]

export function SelectionBar(props: SelectionBarProps) {
  const { selection, found, total, waiting, onLetGo, onSelectAll, onSelectNone, mayAct, onAct } = props
  const isAny = selection.size > 0
  const isAll = isAny && found.length > 0 && found.every((uid) => selection.has(uid))
  return (
    <div className={isAny ? 'machine-bar is-on' : 'machine-bar'}>
      <Text size="sm" fw={isAny ? 600 : 400} role="status" className="nowrap">
        {isAny ? scopeWords(selection, found) : matchWords(found.length, total)}
      </Text>
      {!isAll && found.length > 0 && (
        <Button size="compact-sm" variant="subtle" onClick={onSelectAll}>
          Select all {found.length}
        </Button>
      )}
      {isAny && (
        <Button size="compact-sm" variant="subtle" color="gray" onClick={onSelectNone}>
          Select none
        </Button>
      )}
      {waiting > 0 && (
        <Tooltip label="Rows stay where they are while machines are selected">
          <Button size="compact-sm" variant="light" color="yellow" onClick={onLetGo}>
            {waiting} {waiting === 1 ? 'change waits' : 'changes wait'}: show
          </Button>
        </Tooltip>
      )}
      {isAny && <Actions mayAct={mayAct} onAct={onAct} />}
    </div>
  )
}

function Actions({ mayAct, onAct }: Pick<SelectionBarProps, 'mayAct' | 'onAct'>) {
  return (
    <Tooltip label="You may look; operators act on machines" disabled={mayAct}>
      <Group gap={6} ml="auto" wrap="nowrap">
        {FIRST.map((action) => (
          <Button
            key={action}
            className="act-first"
            size="compact-sm"
            variant="default"
            disabled={!mayAct}
            onClick={() => onAct(action)}
          >
            {BULK_WORDS[action].verb} …
          </Button>
        ))}
        <Menu position="bottom-end">
          <Menu.Target>
            <Button
              size="compact-sm"
              variant="default"
              disabled={!mayAct}
              rightSection={<IconChevronDown size={14} aria-hidden />}
            >
              Actions
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {ALL.map((action) => (
              <Menu.Item key={action} {...(action === 'remove' && { color: 'red' })} onClick={() => onAct(action)}>
                {BULK_WORDS[action].verb} …
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </Group>
    </Tooltip>
  )
}

function matchWords(found: number, total: number): string {
  if (found === total) return `${total} ${total === 1 ? 'machine' : 'machines'}`
  return `${found} of ${total} match`
}
