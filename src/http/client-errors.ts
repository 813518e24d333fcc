/** Clients that send what is no HTTP are told so, counted by peer and said once in the log; and those that have gone. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { complaints } from '../lib/complaints.ts'
import type { Log } from '../lib/log.ts'
import { badRequest } from './errors.ts'

type Request = FastifyRequest['raw']
type Socket = Request['socket']

export interface ClientErrors {
  /** Of every request, before it is answered. */
  begin(request: Request, response: FastifyReply['raw']): void
  handle(error: NodeJS.ErrnoException, socket: Socket): void
}

const STATUS: Readonly<Record<string, readonly [status: number, words: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
}

export function createClientErrors(log: Log): ClientErrors {
  const complain = complaints(log, 'info')
  /** Whose answers are under way on a connection: several, where a client does not wait for one before it asks again. */
  const answering = new WeakMap<Socket, Set<Request>>()
  /** Connections that end with those answers. */
  const ending = new WeakSet<Socket>()

  return {
    begin(request, response) {
      const { socket } = request
      const requests = answering.get(socket) ?? new Set()
      answering.set(socket, requests.add(request))
      response.once('close', () => {
        requests.delete(request)
        if (requests.size === 0 && ending.has(socket)) socket.destroySoon()
      })
    },
    handle(error, socket) {
      const { remoteAddress } = socket
      // It has hung up, and nobody is there to be told. Node closes the connection only where nobody listens for this.
      if (error.code === 'ECONNRESET' || socket.destroyed || remoteAddress === undefined) {
        socket.destroy()
        return
      }
      complain(remoteAddress, `HTTP: ${error.message}`)
      const requests = [...(answering.get(socket) ?? [])]
      if (requests.length > 0) {
        // Written now, it would stand in the middle of the file that is being sent. And who waits for the rest of a body waits in vain.
        ending.add(socket)
        if (requests.some(({ complete }) => !complete)) socket.destroy()
        return
      }
      const [status, words] = STATUS[error.code ?? ''] ?? [400, 'Bad Request']
      const body = JSON.stringify(badRequest(status, error.message))
      const fields = {
        'Content-Type': 'application/problem+json',
        'Content-Length': Buffer.byteLength(body),
        Connection: 'close',
      }
      const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
      if (socket.writable) socket.write(`HTTP/1.1 ${status} ${words}\r\n${head.join('')}\r\n${body}`)
      socket.destroySoon()
    },
  }
}

/** Who has hung up before we come to what it asked has no address any more, and waits for nothing. */
export function isGone({ socket }: Request): boolean {
  return socket.remoteAddress === undefined
}
