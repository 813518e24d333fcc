/**
 * HTTP as the Ensemble client of 2011 speaks it: HTTP/1.0, a connection for each request, no chunks, and no port in the
 * Host header. It is as intolerant as the original: whatever that would not have understood is an error here.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface HttpRequest {
  readonly method: string
  readonly host: string
  readonly port: number
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array
}

export interface HttpAnswer {
  readonly status: number
  /** Names in lower case, in the order in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** Makes a connection; another way than TCP leads into a network that this process is not in. */
export type Dial = (host: string, port: number) => Socket

/** The answer was none that the client of the day would have understood. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
}

/** Milliseconds for a whole exchange. */
const PATIENCE = 30_000

export async function exchange(request: HttpRequest, dial: Dial = dialTcp): Promise<HttpAnswer> {
  const { method, host, path, port, body } = request
  const named = `${method} http://${host}:${port}${path}`
  const head = [
    `${method} ${path} HTTP/1.0`,
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
    `Host: ${host}`,
    ...(body ? [`Content-length: ${body.length}`] : []),
  ]
  const socket = dial(host, port)
  const parts: Buffer[] = []
  socket.setTimeout(PATIENCE, () => socket.destroy(new TransportError(`${named}: no end within ${PATIENCE} ms`)))
  socket.on('data', (part: Buffer) => parts.push(part))
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  if (body) socket.write(body)
  // The server closes: that is how an answer of HTTP/1.0 ends. (`once` rejects when the connection breaks before.)
  await once(socket, 'end')
  socket.destroy()
  return readAnswer(Buffer.concat(parts), named)
}

function dialTcp(host: string, port: number): Socket {
  return connect({ host, port })
}

function readAnswer(bytes: Buffer, named: string): HttpAnswer {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) throw new TransportError(`${named}: an answer without an end of its headers`)
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1]
  if (status === undefined) throw new TransportError(`${named}: "${first}" is no status line`)
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    if (colon < 1) throw new TransportError(`${named}: "${line}" is no header`)
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  const answer = { status: Number(status), headers, body: bytes.subarray(end + 4) }
  if (valuesOf(answer, 'transfer-encoding').length > 0) throw new TransportError(`${named}: the answer is in chunks`)
  const lengths = valuesOf(answer, 'content-length')
  if (lengths.length > 1 || (lengths[0] !== undefined && Number(lengths[0]) !== answer.body.length))
    throw new TransportError(`${named}: ${answer.body.length} bytes came, announced were ${lengths.join(' and ')}`)
  return answer
}

export function valuesOf({ headers }: Pick<HttpAnswer, 'headers'>, name: string): string[] {
  return headers.filter(([one]) => one === name).map(([, value]) => value)
}
