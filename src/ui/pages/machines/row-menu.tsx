/** What can be done to one machine, at the button of its row. One menu for the whole table. */
import { Menu } from '@mantine/core'
import { IconActivity, IconBinaryTree, IconPower, IconRefresh, IconServer, IconTerminal2 } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { useNavigate } from 'react-router'
import type { BulkAction } from '../../../model/bulk.ts'
import type { MachineRow } from '../../../model/machine-row.ts'
import { BULK_WORDS } from './bulk-words.ts'

interface RowMenuProps {
  readonly row: MachineRow
  readonly at: HTMLElement
  readonly mayAct: boolean
  readonly onAct: (action: BulkAction) => void
  readonly onClose: () => void
}

/** Where each of a machine's sides is shown. */
export function machinePath(name: string, side?: 'boots' | 'explain' | 'console'): string {
  const path = `/machines/${encodeURIComponent(name)}`
  if (side === 'console') return `${path}/console`
  return side === undefined ? path : `${path}?tab=${side}`
}

export function RowMenu({ row, at, mayAct, onAct, onClose }: RowMenuProps) {
  const navigate = useNavigate()
  const anchor = useRef<HTMLSpanElement>(null)
  const { left, bottom } = at.getBoundingClientRect()
  useEffect(() => () => at.focus({ preventScroll: true }), [at])
  const others: readonly BulkAction[] = [
    row.netboot ? 'netboot-off' : 'netboot-on',
    ...(row.custody === 'available' ? (['acquire'] as const) : []),
    ...(row.custody === 'acquired' ? (['release'] as const) : []),
    ...(row.broken === null ? [] : (['repair'] as const)),
    'profile',
  ]
  return (
    <Menu opened onClose={onClose} position="bottom-end" width={210} returnFocus={false}>
      <Menu.Target>
        <span ref={anchor} className="menu-anchor" style={{ left: left + 24, top: bottom }} />
      </Menu.Target>
      <Menu.Dropdown aria-label={`Actions for ${row.name}`}>
        <Menu.Label>{row.name}</Menu.Label>
        <Menu.Item leftSection={<IconServer size={15} />} onClick={() => navigate(machinePath(row.name))}>
          Open
        </Menu.Item>
        <Menu.Item leftSection={<IconActivity size={15} />} onClick={() => navigate(machinePath(row.name, 'boots'))}>
          Boots
        </Menu.Item>
        <Menu.Item
          leftSection={<IconBinaryTree size={15} />}
          onClick={() => navigate(machinePath(row.name, 'explain'))}
        >
          Explain
        </Menu.Item>
        <Menu.Item leftSection={<IconTerminal2 size={15} />} onClick={() => navigate(machinePath(row.name, 'console'))}>
          Console
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconPower size={15} />}
          disabled={!mayAct}
          onClick={() => onAct(row.power === 'on' ? 'off' : 'on')}
        >
          {BULK_WORDS[row.power === 'on' ? 'off' : 'on'].verb} …
        </Menu.Item>
        <Menu.Item leftSection={<IconRefresh size={15} />} disabled={!mayAct} onClick={() => onAct('reboot')}>
          Reboot …
        </Menu.Item>
        {others.map((action) => (
          <Menu.Item key={action} disabled={!mayAct} onClick={() => onAct(action)}>
            {BULK_WORDS[action].verb} …
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item color="red" disabled={!mayAct} onClick={() => onAct('remove')}>
          Remove …
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
