/** The serial console of a machine: a terminal that is shared with whoever else watches, and what can be done with it. */
import { Alert, Button, Group, Stack, Switch, Text, Tooltip } from '@mantine/core'
import { IconClipboard, IconCopy, IconDownload, IconPlugConnected, IconRefresh } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { api } from '../api.ts'
import { useMay, useSession } from '../session.tsx'
import { type ConsoleNews, type ConsoleSocket, openConsoleSocket } from './console-socket.ts'
import { Pill, type Tone } from './pill.tsx'
import { openTerminal, type TerminalView } from './terminal.ts'

const TONES: Readonly<Record<ConsoleNews['state'], Tone>> = { connecting: 'busy', connected: 'good', ended: 'warn' }
const NOTHING: ConsoleNews = { state: 'connecting', because: '' }

export function SerialConsole({ name }: { name: string }) {
  const mayWrite = useMay('operator')
  const { user } = useSession()
  const [isReading, setReading] = useState(!mayWrite)
  const [opening, setOpening] = useState(0)
  const [news, setNews] = useState(NOTHING)
  const [complaint, setComplaint] = useState('')
  const place = useRef<HTMLDivElement>(null)
  const first = useRef<HTMLButtonElement>(null)
  const view = useRef<TerminalView>(undefined)
  const socket = useRef<ConsoleSocket>(undefined)

  useEffect(() => {
    if (!place.current) return
    const terminal = openTerminal(place.current, {
      typed: (keys) => socket.current?.send(keys),
      left: () => first.current?.focus(),
    })
    view.current = terminal
    terminal.focus()
    return () => terminal.close()
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: opened again when a person asks for it
  useEffect(() => {
    const opened = openConsoleSocket(name, isReading ? 'read' : 'write', {
      opened: () => view.current?.clear(),
      data: (bytes) => view.current?.write(bytes),
      news(told) {
        setNews((before) => ({ ...before, isOver: false, ...told }))
        if (told.mode !== undefined) view.current?.takesKeys(told.mode === 'write')
      },
    })
    socket.current = opened
    return () => opened.close()
  }, [name, isReading, opening])

  async function paste(): Promise<void> {
    try {
      view.current?.paste(await navigator.clipboard.readText())
      setComplaint('')
    } catch {
      setComplaint('The browser does not give its clipboard to this button; press Ctrl-Shift-V in the terminal.')
    }
    view.current?.focus()
  }

  const isMine = news.mode === 'write' && news.state === 'connected'
  const watchers = news.watchers ?? []
  const me = watchers.findIndex((one) => one.user === user)
  const others = watchers.filter((_, at) => at !== me)
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Button
          ref={first}
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={14} aria-hidden />}
          onClick={() => setOpening(opening + 1)}
        >
          Reconnect
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconCopy size={14} aria-hidden />}
          onClick={() => void navigator.clipboard?.writeText(view.current?.marked() ?? '')}
        >
          Copy
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={!isMine}
          leftSection={<IconClipboard size={14} aria-hidden />}
          onClick={() => void paste()}
        >
          Paste
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={!isMine}
          leftSection={<IconPlugConnected size={14} aria-hidden />}
          onClick={() => {
            socket.current?.sendBreak()
            view.current?.focus()
          }}
        >
          Send break
        </Button>
        <Button
          component="a"
          size="xs"
          variant="default"
          href={`${api`/api/systems/${name}/console`}/log?bytes=1048576`}
          download={`${name}-serial.txt`}
          leftSection={<IconDownload size={14} aria-hidden />}
        >
          Recording
        </Button>
        <Tooltip
          label={mayWrite ? 'Look on, and leave the keyboard to others' : 'To type, one needs to be an operator'}
        >
          <Switch
            size="sm"
            label="Only read"
            checked={isReading}
            disabled={!mayWrite}
            onChange={(event) => setReading(event.currentTarget.checked)}
          />
        </Tooltip>
      </Group>
      <Group gap="xs" role="status" aria-label="State of the console">
        <Pill tone={TONES[news.state]}>{news.state}</Pill>
        <Text size="sm">
          {news.because}
          {others.length > 0 &&
            `. Also here: ${others.map((one) => `${one.user}${one.mode === 'write' ? ' (has the keyboard)' : ''}`).join(', ')}`}
        </Text>
      </Group>
      {news.state === 'connected' && news.mode === 'read' && !isReading && (
        <Alert color="yellow" variant="light">
          Somebody else has the keyboard. Reconnect takes it back.
        </Alert>
      )}
      {complaint !== '' && <Alert color="yellow">{complaint}</Alert>}
      <div ref={place} className="serial-view takes-keys" />
      <Text size="xs" c="dimmed">
        Shift-Escape leaves the terminal. Ctrl-Shift-C copies what is marked, Ctrl-Shift-V pastes.
      </Text>
    </Stack>
  )
}
