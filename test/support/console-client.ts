/** A client of the consoles over WebSocket: what came, what state was told, and how it ended. */
import { expect } from 'vitest'
import { WebSocket } from 'ws'

export interface ConsoleClient {
  readonly socket: WebSocket
  /** All bytes so far, as text. */
  said(): string
  states(): Record<string, unknown>[]
  /** Resolves when the last state fits. */
  told(state: object): Promise<void>
  /** Resolves when this was said. */
  says(text: string, timeout?: number): Promise<void>
  type(text: string): void
  /** How it was closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  close(): Promise<void>
}

const clients: WebSocket[] = []

/** For afterEach. */
export function closeClients(): void {
  for (const socket of clients.splice(0)) socket.terminate()
}

/** Rejects with `status: body` when the upgrade is refused. */
export async function openConsole(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<ConsoleClient> {
  const socket = new WebSocket(url.replace(/^http/, 'ws') + path, { headers })
  clients.push(socket)
  let text = ''
  const states: Record<string, unknown>[] = []
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) text += data.toString('latin1')
    else states.push(JSON.parse(data.toString()))
  })
  const closed = new Promise<{ code: number; reason: string }>((done) => {
    socket.once('close', (code, reason) => done({ code, reason: reason.toString() }))
  })
  await new Promise<void>((opened, refused) => {
    socket.once('open', opened)
    socket.once('error', refused)
    socket.once('unexpected-response', async (_request, answer) => {
      let body = ''
      for await (const part of answer) body += part
      refused(new Error(`${answer.statusCode}: ${body}`))
    })
  })
  return {
    socket,
    said: () => text,
    states: () => states,
    told: (state) => expect.poll(() => states.at(-1), { timeout: 20_000 }).toMatchObject(state),
    says: (words, timeout = 20_000) => expect.poll(() => text, { timeout }).toContain(words),
    type: (words) => socket.send(Buffer.from(words)),
    closed,
    async close() {
      socket.close()
      await closed
    },
  }
}
