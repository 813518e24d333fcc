/** HTTP written by hand over a socket: what no library sends any more, and what breaks off in the middle. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** Names in lower case; every line of its own. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  header(name: string): string | undefined
}

/** Opens a connection and writes the beginning of a request. */
export async function begin(url: string, text: string | Uint8Array): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {}) // whoever reads finds out
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

/** One request on a connection of its own, read until the server closes it. */
export async function ask(url: string, text: string | Uint8Array): Promise<RawAnswer> {
  const socket = await begin(url, text)
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  return readAnswer(Buffer.concat(parts).toString('utf8'))
}

export function readAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = lines.map((line) => {
    const at = line.indexOf(':')
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const
  })
  return {
    status: Number(first.split(' ')[1]),
    headers,
    body: text.slice(end + 4),
    header: (name) => headers.find(([one]) => one === name)?.[1],
  }
}
