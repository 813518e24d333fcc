/**
 * GET /api/systems/:name/log: what the machine said while it was installed, as JSON (an array, or one object a line for
 * `Accept: application/x-ndjson`), as text, or with ?follow=1 as server-sent events.
 */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Every } from '../../lib/clock.ts'
import { OrchestraError } from '../../model/errors.ts'
import { formatLogLine, type LogLine } from '../../model/log-line.ts'
import type { Catalog } from '../../services/catalog.ts'
import type { InstallLog } from '../../services/install-log.ts'
import { eventFrames, type Mailbox, mailbox } from '../event-stream.ts'

export interface LogRoutesOptions {
  readonly catalog: Pick<Catalog, 'get'>
  readonly installLog: Pick<InstallLog, 'of' | 'follow'>
  readonly every: Every
}

/** Proxies and clients take a silent connection for a dead one. */
const HEARTBEAT = 15_000
const PAGE = 1000

export const logRoutes: FastifyPluginAsyncZod<LogRoutesOptions> = async (app, { catalog, installLog, every }) => {
  const open = new Set<Mailbox<LogLine>>()
  // Before the server closes, or it would wait for streams that never end.
  app.addHook('preClose', async () => {
    for (const box of open) box.close()
  })

  const count = z.coerce.number().int().min(0)
  const schema = {
    params: z.object({ name: z.string() }),
    querystring: z.object({
      /** Lines with a greater id; unset: the last ones. */
      after: count.optional(),
      limit: count.max(10_000).default(PAGE),
      follow: z.stringbool().default(false),
    }),
  }
  app.get(
    '/api/systems/:name/log',
    { schema, config: { access: 'viewer' }, exposeHeadRoute: false },
    async (request, reply) => {
      const { name } = request.params
      const { after, limit, follow: isFollowed } = request.query
      const system = catalog.get('system', name)
      if (!system) throw new OrchestraError('item.missing', `there is no system ${name}`)
      if (isFollowed) {
        // A client that comes back says what it saw last; its first ?after= is older.
        const resumed = count.safeParse(request.headers['last-event-id'] ?? 'none')
        return follow(reply, system.uid, resumed.success ? resumed.data : after, limit)
      }
      const lines = await installLog.of(system.uid, { after, limit })
      switch (wantedForm(request)) {
        case 'text':
          return reply.type('text/plain; charset=utf-8').send(lines.map((line) => `${formatLogLine(line)}\n`).join(''))
        case 'lines':
          return reply.type('application/x-ndjson').send(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
        case 'json':
          return lines
      }
    },
  )

  function follow(reply: FastifyReply, uid: string, after: number | undefined, limit: number): FastifyReply {
    const box = mailbox<LogLine>()
    const stops = [
      installLog.follow(uid, box.put),
      every(HEARTBEAT, () => box.put('heartbeat')),
      () => open.delete(box),
    ]
    open.add(box)
    const leave = () => {
      box.close()
      for (const stop of stops) stop()
    }
    reply.raw.once('close', leave)
    if (reply.raw.destroyed) leave()
    const history = after === undefined ? lastLines(uid, limit) : linesAfter(uid, after)
    reply.type('text/event-stream; charset=utf-8').header('x-accel-buffering', 'no')
    return reply.send(Readable.from(eventFrames(history, box, () => true)))
  }

  async function* lastLines(uid: string, limit: number): AsyncGenerator<LogLine> {
    yield* await installLog.of(uid, { limit })
  }

  async function* linesAfter(uid: string, id: number): AsyncGenerator<LogLine> {
    for (let after = id; ; ) {
      const page = await installLog.of(uid, { after, limit: PAGE })
      yield* page
      after = page.at(-1)?.id ?? after
      if (page.length < PAGE) return
    }
  }
}

/** The first that it names; who names none of them gets JSON. */
function wantedForm({ headers: { accept = '' } }: FastifyRequest): 'json' | 'lines' | 'text' {
  const named = /application\/json|application\/x-ndjson|text\/plain/i.exec(accept)?.[0].toLowerCase()
  if (named === 'text/plain') return 'text'
  return named === 'application/x-ndjson' ? 'lines' : 'json'
}
