/** Above the table: the search with its completion, what people filter by most, columns, density, and views that were kept. */
import { ActionIcon, Autocomplete, Checkbox, Group, Menu, NativeSelect, Stack, Text, Tooltip } from '@mantine/core'
import {
  IconBaselineDensityMedium,
  IconBaselineDensitySmall,
  IconColumns,
  IconSearch,
  IconX,
} from '@tabler/icons-react'
import { type RefObject, useMemo, useState } from 'react'
import { STAGES } from '../../../model/standing.ts'
import { COLUMNS, type Column } from './columns.tsx'
import type { Rows } from './patch.ts'
import { completions, SEARCH_KEYS, type Search, termValue, withTerm } from './search.ts'
import { Views } from './views.tsx'

interface ToolbarProps {
  readonly rows: Rows | undefined
  readonly text: string
  readonly onText: (text: string) => void
  readonly search: Search
  readonly columns: readonly Column[]
  readonly onColumns: (keys: readonly string[]) => void
  readonly isDense: boolean
  readonly onDense: (isDense: boolean) => void
  readonly box: RefObject<HTMLInputElement | null>
}

export function Toolbar(props: ToolbarProps) {
  const { rows, text, onText, search, columns, onColumns, isDense, onDense, box } = props
  const all = useMemo(() => [...(rows?.values() ?? [])], [rows])
  const offers = useMemo(() => [...new Set(completions(text, all))], [text, all])
  const [isOffering, setOffering] = useState(false)
  const profiles = useMemo(() => [...new Set(all.map(({ profile }) => profile))].sort(), [all])
  return (
    <Stack gap={6}>
      <Group gap="xs" align="flex-start">
        <Autocomplete
          ref={box}
          className="machine-search"
          aria-label="Search machines"
          placeholder="Search: rack7, stage:broken, -profile:debian, name:node*"
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={
            text !== '' && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label="Clear the search"
                onClick={() => onText('')}
              >
                <IconX size={14} />
              </ActionIcon>
            )
          }
          value={text}
          onChange={onText}
          data={offers}
          filter={({ options }) => options}
          dropdownOpened={isOffering}
          onDropdownOpen={() => setOffering(true)}
          onDropdownClose={() => setOffering(false)}
          // After a key its values are offered.
          onOptionSubmit={(value) => value.endsWith(':') && setTimeout(() => setOffering(true))}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur()
          }}
          comboboxProps={{ shadow: 'md' }}
          spellCheck={false}
          error={
            search.unknown.length > 0 &&
            `Machines have no ${search.unknown.map((key) => `"${key}"`).join(', ')}; they have ${SEARCH_KEYS.join(', ')}`
          }
        />
        <Filter label="Stage" name="stage" values={STAGES} text={text} onText={onText} />
        <Filter label="Power" name="power" values={['on', 'off', 'unknown']} text={text} onText={onText} />
        <Filter label="Profile" name="profile" values={profiles} text={text} onText={onText} />
        <Group gap={4} ml="auto" wrap="nowrap">
          <Views text={text} onText={onText} />
          <ColumnsMenu columns={columns} onColumns={onColumns} />
          <Tooltip label={isDense ? 'More room' : 'More rows'}>
            <ActionIcon
              variant="default"
              size="lg"
              aria-pressed={isDense}
              aria-label="Dense rows"
              onClick={() => onDense(!isDense)}
            >
              {isDense ? <IconBaselineDensitySmall size={16} /> : <IconBaselineDensityMedium size={16} />}
            </ActionIcon>
          </Tooltip>
        </Group>
      </Group>
    </Stack>
  )
}

interface FilterProps {
  readonly label: string
  readonly name: string
  readonly values: readonly string[]
  readonly text: string
  readonly onText: (text: string) => void
}

function Filter({ label, name, values, text, onText }: FilterProps) {
  const value = termValue(text, name) ?? ''
  const known = value === '' || values.includes(value) ? values : [value, ...values]
  return (
    <NativeSelect
      aria-label={label}
      className={value === '' ? 'machine-filter' : 'machine-filter is-on'}
      data={[{ value: '', label: `Any ${label.toLowerCase()}` }, ...known.filter((one) => one !== '')]}
      value={value}
      onChange={(event) => onText(withTerm(text, name, event.currentTarget.value || undefined))}
    />
  )
}

function ColumnsMenu({ columns, onColumns }: Pick<ToolbarProps, 'columns' | 'onColumns'>) {
  const shown = columns.map(({ key }) => key)
  return (
    <Menu position="bottom-end" closeOnItemClick={false} trapFocus>
      <Menu.Target>
        <Tooltip label="Columns">
          <ActionIcon variant="default" size="lg" aria-label="Columns">
            <IconColumns size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown p="sm">
        <Stack gap={6}>
          <Text size="xs" c="dimmed">
            Columns
          </Text>
          {COLUMNS.filter(({ key }) => key !== 'name').map(({ key, title }) => (
            <Checkbox
              key={key}
              size="xs"
              label={title}
              checked={shown.includes(key)}
              onChange={() => onColumns(shown.includes(key) ? shown.filter((one) => one !== key) : [...shown, key])}
            />
          ))}
        </Stack>
      </Menu.Dropdown>
    </Menu>
  )
}
