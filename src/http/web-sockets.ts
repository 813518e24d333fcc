/** What holds for every WebSocket: how it is opened, kept, told its last word and closed. */
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import type { Every } from '../lib/clock.ts'

/** One frame: more is sent in several. */
const MOST_BYTES = 1024 * 1024
/** Who does not answer from one to the next is gone, and holds what he opened for nothing. */
const HEARTBEAT = 15_000
/** Milliseconds for the other side to take its leave. */
const PATIENCE = 1_000
/** The longest reason (RFC 6455, 5.5). */
const MOST_REASON = 123
const GOING_AWAY = 1001

/** For `http.createServer`: Java and curl offer h2c with requests that are otherwise ordinary, and are to be answered so. */
export function isWebSocketUpgrade({
  headers,
}: {
  readonly headers: { readonly upgrade?: string | undefined }
}): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

/** Before any route. */
export function addWebSockets(app: FastifyInstance): void {
  app.register(websocket, {
    options: { maxPayload: MOST_BYTES },
    errorHandler: (_error, socket) => socket.terminate(),
    // Before the server closes, or it would wait for sockets that never end.
    preClose(done) {
      for (const socket of app.websocketServer.clients) closeSocket(socket, GOING_AWAY, 'the daemon stops')
      done()
    },
  })
}

/** A WebSocket that was asked for at what is no path: no route takes the connection, and Node has given it out of its hands. */
export function endUpgrade({ raw }: FastifyRequest, reply: FastifyReply): void {
  if (isWebSocketUpgrade(raw)) reply.raw.once('finish', () => raw.socket.destroySoon())
}

/** Lets go of who does not answer. */
export function keepAlive(socket: WebSocket, every: Every): void {
  let isThere = true
  socket.on('pong', () => {
    isThere = true
  })
  const stop = every(HEARTBEAT, () => {
    if (!isThere) return socket.terminate()
    isThere = false
    socket.ping()
  })
  socket.once('close', stop)
}

export function closeSocket(socket: WebSocket, code: number, because: string): void {
  const reason = Buffer.from(because)
    .subarray(0, MOST_REASON)
    .toString()
    .replace(/\ufffd+$/, '')
  socket.close(code, reason)
  const timer = setTimeout(() => socket.terminate(), PATIENCE)
  socket.once('close', () => clearTimeout(timer))
}

export function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}
