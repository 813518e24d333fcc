/** The head of a table. */
import { Table } from '@mantine/core'

/** @param withActions a last column of buttons, whose name only a screen reader says */
export function TableHead({ columns, withActions = false }: { columns: readonly string[]; withActions?: boolean }) {
  return (
    <Table.Thead>
      <Table.Tr>
        {columns.map((column) => (
          <Table.Th key={column}>{column}</Table.Th>
        ))}
        {withActions && (
          <Table.Th>
            <span className="for-ears">What can be done</span>
          </Table.Th>
        )}
      </Table.Tr>
    </Table.Thead>
  )
}
