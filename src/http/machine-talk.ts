/** What machines ask by HTTP and are answered, as heads: for the packets of their boots. Bodies and secrets are left out. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

export interface HttpTalk {
  readonly peer: { readonly address: string; readonly port: number }
  readonly address: { readonly address: string; readonly port: number }
  /** The same for all exchanges of one connection. */
  readonly connection: number
  /** Lines and the empty one behind them. */
  readonly request: string
  readonly response: string
  /** Bytes of their bodies. */
  readonly received: number
  readonly sent: number
  /** From the request to the end of the answer, and to its beginning. */
  readonly milliseconds: number
  readonly answered: number
}

/** What is shown of a request's and an answer's head; of all other lines it is shown that they were there. */
const SHOWN = new Set([
  ...['host', 'user-agent', 'accept', 'accept-encoding', 'accept-ranges', 'connection', 'date', 'range', 'if-range'],
  ...['content-type', 'content-length', 'content-range', 'transfer-encoding', 'etag', 'last-modified', 'if-none-match'],
  ...['cache-control', 'keep-alive', 'x-content-type-options', 'referrer-policy', 'content-security-policy'],
])
/** Of a call-back these are shown; in others there may be anything. */
const SHOWN_PARAMETERS = new Set(['step', 'message'])

/** For the routes of machines. */
export function noteTalks(app: FastifyInstance, note: (talk: HttpTalk) => void): void {
  const connections = new WeakMap<FastifyRequest['socket'], number>()
  let last = 0

  function connectionOf(socket: FastifyRequest['socket']): number {
    const known = connections.get(socket) ?? ++last
    connections.set(socket, known)
    return known
  }

  // Not onResponse: a client that has its last byte may hang up before we come to the end, and then that is never called.
  app.addHook('onSend', async (request, reply) => {
    const answered = reply.elapsedTime
    const began = performance.now() - answered
    reply.raw.once('close', () => tell(request, reply, { answered, milliseconds: performance.now() - began }))
  })

  function tell(
    request: FastifyRequest,
    reply: FastifyReply,
    times: Pick<HttpTalk, 'answered' | 'milliseconds'>,
  ): void {
    const { raw, socket } = request
    const isEmpty = request.method === 'HEAD' || reply.statusCode === 304 || reply.statusCode === 204
    note({
      peer: { address: request.ip, port: socket.remotePort ?? 0 },
      address: { address: socket.localAddress ?? '', port: socket.localPort ?? 0 },
      connection: connectionOf(socket),
      request: headOf(`${request.method} ${maskedUrl(request.url)} HTTP/${raw.httpVersion}`, pairsOf(raw.rawHeaders)),
      response: headOf(`HTTP/1.1 ${reply.statusCode} ${reply.raw.statusMessage}`, headersOf(reply)),
      received: lengthOf(request.headers['content-length']),
      sent: isEmpty ? 0 : lengthOf(reply.getHeader('content-length')),
      answered: Math.round(times.answered),
      milliseconds: Math.ceil(times.milliseconds),
    })
  }
}

function headOf(first: string, headers: readonly (readonly [string, string])[]): string {
  const lines = headers.map(([name, value]) => `${name}: ${SHOWN.has(name.toLowerCase()) ? value : masked(value)}`)
  return `${[first, ...lines].join('\r\n')}\r\n\r\n`
}

function pairsOf(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? '', raw[at + 1] ?? ''])
  return pairs
}

function headersOf(reply: FastifyReply): [string, string][] {
  return Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)])
}

/** The token of the metadata service is in its path; that of others could be in what is behind the question mark. */
export function maskedUrl(url: string): string {
  const [path = '', query] = url.split(/\?(.*)/s, 2)
  const plain = path.replace(/(\/metadata\/+)([^/]+)/i, (_, before: string, token: string) => before + masked(token))
  if (query === undefined) return plain
  const parts = query.split('&').map((part) => {
    const [name = '', value] = part.split(/=(.*)/s, 2)
    return value === undefined || SHOWN_PARAMETERS.has(name) ? part : `${name}=${masked(value)}`
  })
  return `${plain}?${parts.join('&')}`
}

const masked = (text: string): string => '*'.repeat(text.length)

function lengthOf(header: unknown): number {
  const length = Number(header ?? 0)
  return Number.isSafeInteger(length) && length > 0 ? length : 0
}
