/** A mirror that does what a test wants, and a client of a proxy that is not a browser. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Mirror {
  readonly port: number
  readonly url: (path: string) => string
  /** What was asked for, `GET /a`, with its headers. */
  readonly asked: { readonly line: string; readonly headers: IncomingMessage['headers'] }[]
  /** By path; others are not found. */
  readonly files: Map<string, (request: IncomingMessage, reply: ServerResponse) => void>
  close(): Promise<void>
}

export async function startMirror(port = 0): Promise<Mirror> {
  const asked: Mirror['asked'] = []
  const files: Mirror['files'] = new Map()
  const server = createServer((request, reply) => {
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers })
    const file = files.get(request.url ?? '')
    if (file) file(request, reply)
    else reply.writeHead(404).end('no such file')
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const at = (server.address() as AddressInfo).port
  return {
    port: at,
    url: (path) => `http://127.0.0.1:${at}${path}`,
    asked,
    files,
    async close() {
      if (!server.listening) return
      const ended = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await ended
    },
  }
}

/** A file with a time, and 304 for who has it. */
export function fileOf(body: string | Buffer, modified = 'Mon, 23 Nov 2026 08:00:00 GMT') {
  return (request: IncomingMessage, reply: ServerResponse): void => {
    const headers = { 'last-modified': modified, 'content-type': 'application/octet-stream' }
    if (request.headers['if-modified-since'] === modified) reply.writeHead(304, headers).end()
    else
      reply
        .writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) })
        .end(request.method === 'HEAD' ? undefined : body)
  }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Begins a request through a proxy; answers when the headers are there. */
export async function open(
  proxy: { port: number },
  target: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<IncomingMessage> {
  const asking = request({ host: '127.0.0.1', port: proxy.port, method, path: target, headers, agent: false })
  asking.end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  asking.on('error', () => {})
  return answer
}

/** @throws when the answer breaks off */
export async function ask(...args: Parameters<typeof open>): Promise<Answer> {
  return await whole(await open(...args))
}

export async function whole(answer: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = []
  for await (const part of answer) parts.push(part as Buffer)
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }
}
