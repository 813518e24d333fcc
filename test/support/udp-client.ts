/** A UDP client of Node's, which keeps what comes until it is asked for; closed after the test. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

export interface UdpClient {
  readonly socket: Socket
  readonly peer: { readonly address: string; readonly port: number }
  /** The next message, in the order of arrival. */
  next(): Promise<{ readonly text: string; readonly port: number }>
  /** The texts of the next ones. */
  texts(count: number): Promise<string[]>
  /** Messages that came and were not asked for. */
  waiting(): number
  close(): Promise<void>
}

export async function udpClient(address = '127.0.0.1'): Promise<UdpClient> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  const inbox: { text: string; port: number }[] = []
  let tell = () => {}
  socket.on('message', (bytes, { port }) => {
    inbox.push({ text: bytes.toString('latin1'), port })
    tell()
  })
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= new Promise<void>((done) => void socket.close(() => done()))
    return closed
  }
  onTestFinished(close)
  const next = async () => {
    for (;;) {
      const one = inbox.shift()
      if (one) return one
      await new Promise<void>((told) => (tell = told))
    }
  }
  return {
    ...{ socket, peer: { address, port: socket.address().port }, next, close, waiting: () => inbox.length },
    async texts(count) {
      const all: string[] = []
      while (all.length < count) all.push((await next()).text)
      return all
    },
  }
}
