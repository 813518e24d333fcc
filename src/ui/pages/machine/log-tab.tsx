/** What the machine said while it was installed, live: followed or paused, filtered, wrapped, with a link to each line. */

import { ActionIcon, Button, Group, NativeSelect, Stack, Switch, Text, TextInput, Tooltip } from '@mantine/core'
import { IconDownload, IconPlayerPause, IconPlayerPlay, IconSearch } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { formatLogLine, type LogLine } from '../../../model/log-line.ts'
import { api } from '../../api.ts'
import { useAddress } from '../../parts/address.ts'
import { Empty } from '../../parts/empty.tsx'
import { Equivalent } from '../../parts/equivalent.tsx'
import { useKeys } from '../../parts/keys.ts'
import { visible } from '../../parts/visible.ts'
import { saveText } from './code-view.tsx'
import { LEVELS, linesShown } from './log-lines.ts'
import { LogLines } from './log-rows.tsx'
import { useLogStream } from './log-stream.ts'
import type { TabProps } from './tabs.ts'

export function LogTab({ name }: TabProps) {
  const [search, setAddress] = useAddress()
  const { lines, isConnected } = useLogStream(name)
  /** As it was when it was paused; undefined: it is followed. */
  const [paused, setPaused] = useState<readonly LogLine[] | undefined>()
  const [text, setText] = useState(search.get('q') ?? '')
  const find = useRef<HTMLInputElement>(null)
  useKeys([{ keys: '/', does: 'find in the log', run: () => find.current?.focus() }])
  const level = search.get('level') ?? 'debug'
  const isRelative = search.get('time') === 'relative'
  const isWrapped = search.get('wrap') !== 'off'
  const chosen = Number(search.get('line')) || undefined
  const shown = linesShown(paused ?? lines, { level, text })
  const news = paused ? lines.length - paused.length : 0
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end">
        <TextInput
          ref={find}
          size="xs"
          label="Find"
          placeholder="partman, error, 10.77.0.1"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value)
            setAddress({ q: event.currentTarget.value })
          }}
        />
        <NativeSelect
          size="xs"
          label="Level"
          data={LEVELS.map(({ value, label }) => ({ value, label }))}
          value={level}
          onChange={(event) =>
            setAddress({ level: event.currentTarget.value === 'debug' ? undefined : event.currentTarget.value })
          }
        />
        <Group gap="sm" pb={4}>
          <Switch
            size="sm"
            label="Wrap"
            checked={isWrapped}
            onChange={(event) => setAddress({ wrap: event.currentTarget.checked ? undefined : 'off' })}
          />
          <Switch
            size="sm"
            label="Time since the start"
            checked={isRelative}
            onChange={(event) => setAddress({ time: event.currentTarget.checked ? 'relative' : undefined })}
          />
        </Group>
        <Group gap="xs" ml="auto">
          <Text size="xs" c="dimmed" role="status">
            {paused
              ? `paused, ${news} new`
              : isConnected
                ? `${shown.length} of ${lines.length} lines, following`
                : 'connecting …'}
          </Text>
          <Button
            size="xs"
            variant={paused ? 'filled' : 'default'}
            leftSection={paused ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />}
            onClick={() => setPaused(paused ? undefined : lines)}
          >
            {paused ? 'Follow' : 'Pause'}
          </Button>
          <Tooltip label="Download what is shown">
            <ActionIcon
              variant="default"
              size={30}
              aria-label="Download what is shown"
              onClick={() => saveText(`${name}.log`, shown.map((line) => `${visible(formatLogLine(line))}\n`).join(''))}
            >
              <IconDownload size={15} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Group>
      {isConnected && lines.length === 0 ? (
        <Empty title="It has not said anything yet">
          Installers send their log here while they run, when the daemon’s syslog is on. Boot it, and its lines come as
          they are said.
        </Empty>
      ) : (
        <LogLines
          lines={shown}
          first={lines[0]?.at ?? 0}
          wanted={text.trim()}
          chosen={chosen}
          isFollowing={paused === undefined && chosen === undefined}
          isWrapped={isWrapped}
          isRelative={isRelative}
        />
      )}
      <Equivalent cli={`orchestra log ${name} --follow`} api={`GET ${api`/api/systems/${name}/log`}?follow=1`} />
    </Stack>
  )
}
