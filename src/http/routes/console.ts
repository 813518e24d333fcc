/**
 * The consoles of a machine: which there are, what was recorded, and two WebSockets. On the serial one binary frames are
 * bytes both ways, and text frames are JSON: states from us, `{"type":"break"}` to us. On the other it is RFB (VNC), unread.
 *
 * A browser shows nothing of an upgrade that was refused. So who may not, or finds none, is told by a state and a close code.
 */
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { createWebSocketStream, type RawData, type WebSocket } from 'ws'
import { z } from 'zod'
import type { Every } from '../../lib/clock.ts'
import { isJsonObject } from '../../lib/json.ts'
import { OrchestraError } from '../../model/errors.ts'
import type { Audit, Deed } from '../../services/audit.ts'
import type { Consoles } from '../../services/console.ts'
import { endWithLogin, mayAlso, userOf } from '../auth.ts'
import { bytesOf, closeSocket, keepAlive } from '../web-sockets.ts'

export interface ConsoleRoutesOptions {
  readonly consoles: Pick<Consoles, 'kinds' | 'watch' | 'screen' | 'log'>
  readonly audit: Pick<Audit, 'record'>
  readonly every: Every
}

/** Close codes (RFC 6455, 7.4.2: 4000 to 4999 are ours): 44 and the last two digits of the HTTP status that it would be. */
const CLOSE = { loggedOut: 4401, denied: 4403, missing: 4404, unsupported: 4422, slow: 4429, over: 4410, failed: 4502 }
const NORMAL = 1000
/** What waits for a slow watcher before he is let go; he comes back to the recording. */
const MOST_UNSENT = 8 * 1024 * 1024
const LONGEST_LOG = 1024 * 1024

export const consoleRoutes: FastifyPluginAsyncZod<ConsoleRoutesOptions> = async (app, { consoles, audit, every }) => {
  const params = z.object({ name: z.string() })
  const viewer = { access: 'viewer' } as const

  app.get('/api/systems/:name/consoles', { schema: { params }, config: viewer }, async (request) =>
    consoles.kinds(request.params.name),
  )

  const log = {
    params,
    querystring: z.object({ bytes: z.coerce.number().int().min(1).max(LONGEST_LOG).default(65_536) }),
  }
  app.get('/api/systems/:name/console/log', { schema: log, config: viewer }, async (request, reply) =>
    reply.type('text/plain; charset=utf-8').send(await consoles.log(request.params.name, request.query.bytes)),
  )

  const serial = { params, querystring: z.object({ mode: z.enum(['read', 'write']).default('read') }) }
  app.route({
    method: 'GET',
    url: '/api/systems/:name/console/serial',
    ...{ schema: serial, config: viewer, exposeHeadRoute: false },
    handler: noUpgrade,
    wsHandler: async (socket, request) => {
      const { name } = params.parse(request.params)
      const { mode } = serial.querystring.parse(request.query)
      await welcome(socket, request, mode === 'write' ? 'operator' : 'viewer', () =>
        showSerial(socket, request, name, mode),
      )
    },
  })

  app.route({
    method: 'GET',
    url: '/api/systems/:name/console/vnc',
    ...{ schema: { params }, config: viewer, exposeHeadRoute: false },
    handler: noUpgrade,
    wsHandler: async (socket, request) => {
      const { name } = params.parse(request.params)
      // A screen comes with keyboard and mouse.
      await welcome(socket, request, 'operator', () => showScreen(socket, request, name))
    },
  })

  /** What holds for every console; tells why there is none. */
  async function welcome(
    socket: WebSocket,
    request: FastifyRequest,
    needed: 'viewer' | 'operator',
    show: () => Promise<void>,
  ) {
    keepAlive(socket, every)
    try {
      if (!mayAlso(request, needed)) {
        const because = `${userOf(request)} may look, not type; this needs operator. Open it to read`
        throw new OrchestraError('auth.denied', because)
      }
      endWithLogin(request, needed, () => say(socket, CLOSE.loggedOut, 'the login ended, or its rights did'))
      await show()
    } catch (error) {
      if (error instanceof OrchestraError && error.code === 'auth.denied') await note(request, 'denied')
      say(socket, codeOf(error), error instanceof OrchestraError ? error.message : 'Something is broken in Orchestra')
      if (!(error instanceof OrchestraError)) request.log.error(error)
    }
  }

  async function showSerial(socket: WebSocket, request: FastifyRequest, name: string, mode: 'read' | 'write') {
    const early: [RawData, boolean][] = []
    const wait = (data: RawData, isBinary: boolean) => void early.push([data, isBinary])
    socket.on('message', wait)
    if (mode === 'write') await note(request, 'ok')
    const seat = await consoles.watch(name, {
      ...{ user: userOf(request), mode },
      data(bytes) {
        if (socket.readyState !== socket.OPEN) return
        socket.send(bytes, { binary: true })
        if (socket.bufferedAmount > MOST_UNSENT)
          closeSocket(socket, CLOSE.slow, 'what the machine says is not read fast enough')
      },
      told: (state) => socket.send(JSON.stringify({ type: 'state', ...state })),
      over: (because) => closeSocket(socket, CLOSE.over, because),
    })
    const take = (data: RawData, isBinary: boolean) => {
      if (isBinary) seat.write(bytesOf(data))
      else if (isBreak(data)) void seat.sendBreak()
    }
    socket.off('message', wait)
    socket.on('message', take)
    for (const [data, isBinary] of early) take(data, isBinary)
    socket.once('close', seat.leave)
    if (socket.readyState !== socket.OPEN) seat.leave()
  }

  async function showScreen(socket: WebSocket, request: FastifyRequest, name: string) {
    const left = new AbortController()
    socket.once('close', () => left.abort())
    // Before the screen: what comes first is not lost.
    const there = createWebSocketStream(socket)
    there.on('error', () => left.abort())
    await note(request, 'ok')
    const screen = await consoles.screen(name, left.signal)
    screen.once('close', () => closeSocket(socket, NORMAL, `the screen of ${name} was closed`))
    screen.pipe(there, { end: false })
    there.pipe(screen)
  }

  async function note(request: FastifyRequest, outcome: Deed['outcome']): Promise<void> {
    const [path = ''] = request.url.split('?')
    await audit.record({ user: userOf(request), peer: request.ip, door: 'api', action: `OPEN ${path}`, outcome })
  }
}

async function noUpgrade(): Promise<never> {
  const because = 'this is a WebSocket: ask for it with Upgrade: websocket (RFC 6455)'
  throw Object.assign(new Error(because), { statusCode: 426 })
}

function codeOf(error: unknown): number {
  if (!(error instanceof OrchestraError)) return CLOSE.failed
  if (error.code === 'auth.denied') return CLOSE.denied
  if (error.code === 'item.missing') return CLOSE.missing
  return error.code === 'power.unsupported' ? CLOSE.unsupported : CLOSE.failed
}

/** The last word: a state, and the reason again with its code. */
function say(socket: WebSocket, code: number, because: string): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ type: 'state', state: 'ended', because }))
  closeSocket(socket, code, because)
}

function isBreak(data: RawData): boolean {
  try {
    const said: unknown = JSON.parse(bytesOf(data).toString())
    return isJsonObject(said) && said['type'] === 'break'
  } catch {
    return false
  }
}
