/** Asks before a machine is turned on or off, or restarted, by key or button. */
import { Text } from '@mantine/core'
import type { PowerAction } from '../../../model/power.ts'
import { api, post } from '../../api.ts'
import { Confirm } from '../../parts/confirm.tsx'
import type { MachineRow } from './machine-data.ts'

interface PowerConfirmProps {
  readonly row: MachineRow
  /** Unset: the other of what it is. */
  readonly action?: PowerAction
  readonly onClose: () => void
  readonly onDone: () => void
}

export function PowerConfirm({ row, action = row.power === 'on' ? 'off' : 'on', onClose, onDone }: PowerConfirmProps) {
  const { name } = row
  const words = action === 'reboot' ? `Restart ${name}` : `Turn ${name} ${action}`
  const verb = { on: 'poweron', off: 'poweroff', reboot: 'reboot' }[action]
  return (
    <Confirm
      title={`${words}?`}
      action={words}
      isDestructive={action !== 'on'}
      same={{
        cli: `orchestra system ${verb} --name ${name}`,
        api: `POST ${api`/api/systems/${name}/power`} ${JSON.stringify({ action })}`,
      }}
      run={async () => {
        await post(api`/api/systems/${name}/power`, { action })
        onDone()
      }}
      onClose={onClose}
    >
      <Text size="sm">{CONSEQUENCE[action]}</Text>
    </Confirm>
  )
}

const CONSEQUENCE: Readonly<Record<PowerAction, string>> = {
  on: 'With netboot on it installs, and what is on its disk is lost; with netboot off it boots from its disk.',
  off: 'Its power is cut: what runs on it ends at once, without a word to its system.',
  reboot: 'Its power is cut and given again. With netboot on it installs, and what is on its disk is lost.',
}
