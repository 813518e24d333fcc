/** The screen of a machine, with its keyboard and mouse: noVNC, as it comes, in a frame of ours. */

import { Alert, Button, Group, PasswordInput, Stack, Switch, Text } from '@mantine/core'
import RFB from '@novnc/novnc'
import { IconArrowsMaximize, IconKeyboard, IconRefresh } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useMay } from '../session.tsx'
import './novnc-types.ts'
import { consoleUrl } from './console-socket.ts'
import { Pill, type Tone } from './pill.tsx'

type State = 'connecting' | 'connected' | 'ended'
const TONES: Readonly<Record<State, Tone>> = { connecting: 'busy', connected: 'good', ended: 'warn' }

export function ScreenConsole({ name }: { name: string }) {
  const mayWrite = useMay('operator')
  const [opening, setOpening] = useState(0)
  const [state, setState] = useState<State>('connecting')
  const [because, setBecause] = useState('')
  const [isScaled, setScaled] = useState(true)
  const [isAsked, setAsked] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  const first = useRef<HTMLButtonElement>(null)
  const screen = useRef<RFB>(undefined)

  // biome-ignore lint/correctness/useExhaustiveDependencies: opened again when a person asks for it
  useEffect(() => {
    if (!place.current || !mayWrite) return
    const socket = new WebSocket(consoleUrl(name, 'vnc'))
    // Before noVNC: the daemon says in words why there is no screen, and noVNC knows bytes alone.
    let reason = ''
    socket.addEventListener('message', (event) => {
      if (typeof event.data !== 'string') return
      event.stopImmediatePropagation()
      reason = String((JSON.parse(event.data) as { because?: string }).because)
    })
    const rfb = new RFB(place.current, socket, { shared: true })
    screen.current = rfb
    rfb.scaleViewport = isScaled
    rfb.background = '#0d1117'
    setState('connecting')
    setBecause('connecting …')
    rfb.addEventListener('connect', () => {
      setState('connected')
      setBecause(`connected to the screen of ${name}`)
      rfb.focus()
    })
    rfb.addEventListener('credentialsrequired', () => setAsked(true))
    rfb.addEventListener('disconnect', () => {
      setState('ended')
      setBecause(reason || `the screen of ${name} was closed`)
    })
    return () => rfb.disconnect()
  }, [name, opening, mayWrite])

  useEffect(() => {
    if (screen.current) screen.current.scaleViewport = isScaled
  }, [isScaled])

  if (!mayWrite) return <Alert color="yellow">A screen comes with keyboard and mouse; it needs an operator.</Alert>
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
          disabled={state !== 'connected'}
          leftSection={<IconKeyboard size={14} aria-hidden />}
          onClick={() => screen.current?.sendCtrlAltDel()}
        >
          Ctrl-Alt-Del
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconArrowsMaximize size={14} aria-hidden />}
          onClick={() => void place.current?.requestFullscreen()}
        >
          Full screen
        </Button>
        <Switch
          size="sm"
          label="Fit to the page"
          checked={isScaled}
          onChange={(event) => setScaled(event.currentTarget.checked)}
        />
      </Group>
      <Group gap="xs" role="status" aria-label="State of the screen">
        <Pill tone={TONES[state]}>{state}</Pill>
        <Text size="sm">{because}</Text>
      </Group>
      {isAsked && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            const password = String(new FormData(event.currentTarget).get('password') ?? '')
            screen.current?.sendCredentials({ password })
            setAsked(false)
          }}
        >
          <Group align="end" gap="xs">
            <PasswordInput name="password" label="Password of the screen" autoComplete="off" />
            <Button type="submit">Log in</Button>
          </Group>
        </form>
      )}
      {/* Keys go to the machine; this one, which it is seldom sent, leads out again. */}
      <div
        ref={place}
        className="screen-view takes-keys"
        onKeyDownCapture={(event) => {
          if (event.key !== 'Escape' || !event.shiftKey) return
          event.stopPropagation()
          first.current?.focus()
        }}
      />
      <Text size="xs" c="dimmed">
        Shift-Escape leaves the screen.
      </Text>
    </Stack>
  )
}
