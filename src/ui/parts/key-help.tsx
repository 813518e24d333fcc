/** `?`: which keys do what on this page. */
import { Group, Kbd, Modal, Table, Text } from '@mantine/core'
import { useBindings } from './keys.ts'

export function KeyHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const bindings = useBindings()
  return (
    <Modal opened={opened} onClose={onClose} title="Keys of this page" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Table>
        <Table.Tbody>
          <KeyRow keys="Ctrl K" does="go to a page or a machine" />
          {bindings.map(({ keys, does }) => (
            <KeyRow key={`${keys} ${does}`} keys={keys} does={does} />
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  )
}

function KeyRow({ keys, does }: { keys: string; does: string }) {
  return (
    <Table.Tr>
      <Table.Td w={110}>
        <Group gap={4}>
          {keys.split(' ').map((key) => (
            <Kbd key={key}>{key}</Kbd>
          ))}
        </Group>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{does}</Text>
      </Table.Td>
    </Table.Tr>
  )
}
