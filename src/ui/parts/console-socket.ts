/** The serial console of a machine as a WebSocket: bytes and states, opened again by itself while only the connection was lost. */
import { api } from '../api.ts'

export interface ConsoleNews {
  readonly state: 'connecting' | 'connected' | 'ended'
  readonly because: string
  /** What we may do now: another may have taken the keyboard. */
  readonly mode?: 'read' | 'write'
  readonly watchers?: readonly { readonly user: string; readonly mode: 'read' | 'write' }[]
  /** Only a person opens it again. */
  readonly isOver?: boolean
}

export interface ConsoleSocket {
  send(keys: string | Uint8Array): void
  sendBreak(): void
  close(): void
}

interface Listener {
  /** Before the first bytes of each connection. */
  readonly opened: () => void
  readonly data: (bytes: Uint8Array) => void
  readonly news: (news: ConsoleNews) => void
}

/** Of the server's own codes (4400 and above) each has a reason that does not go away by itself. */
const OURS = 4000
const AGAIN = 2_000

export function openConsoleSocket(name: string, mode: 'read' | 'write', listener: Listener): ConsoleSocket {
  let socket: WebSocket
  let timer: number | undefined
  let isClosed = false

  function open(): void {
    listener.news({ state: 'connecting', because: 'connecting …' })
    socket = new WebSocket(`${consoleUrl(name, 'serial')}?mode=${mode}`)
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => listener.opened()
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') listener.news(JSON.parse(data) as ConsoleNews)
      else listener.data(new Uint8Array(data))
    }
    socket.onclose = ({ code, reason }) => {
      if (isClosed) return
      if (code >= OURS) return listener.news({ state: 'ended', because: reason, isOver: true })
      listener.news({ state: 'ended', because: 'the connection to the server was lost; trying again' })
      timer = window.setTimeout(open, AGAIN)
    }
  }

  function send(what: string | Uint8Array): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(what as string | Uint8Array<ArrayBuffer>)
  }

  open()
  return {
    // Text frames are for orders.
    send: (keys) => send(typeof keys === 'string' ? new TextEncoder().encode(keys) : keys),
    sendBreak: () => send(JSON.stringify({ type: 'break' })),
    close() {
      isClosed = true
      window.clearTimeout(timer)
      socket.close()
    },
  }
}

export function consoleUrl(name: string, kind: 'serial' | 'vnc'): string {
  const base = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return `${base}//${location.host}${api`/api/systems/${name}/console`}/${kind}`
}
