/**
 * GET /api/events: the journal as server-sent events (HTML Living Standard, 9.2), from any point on; GET /api/events.json:
 * the same as pages.
 */
import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Every } from '../../lib/clock.ts'
import type { RecordedEvent } from '../../model/event.ts'
import type { Journal } from '../../services/journal.ts'
import { eventFrames, type Mailbox, mailbox } from '../event-stream.ts'

export interface EventRoutesOptions {
  readonly journal: Pick<Journal, 'since' | 'follow' | 'lastId'>
  readonly every: Every
}

/** Proxies and clients take a silent connection for a dead one. */
const HEARTBEAT = 15_000
const PAGE = 500

export const eventRoutes: FastifyPluginAsyncZod<EventRoutesOptions> = async (app, { journal, every }) => {
  const open = new Set<Mailbox<RecordedEvent>>()
  // Before the server closes, or it would wait for streams that never end.
  app.addHook('preClose', async () => {
    for (const box of open) box.close()
  })

  const since = z.coerce.number().int().min(0)
  const stream = { querystring: z.object({ since: since.optional(), system: z.string().optional() }) }
  app.get(
    '/api/events',
    { schema: stream, config: { access: 'viewer' }, exposeHeadRoute: false },
    async (request, reply) => {
      // A client that comes back says what it saw last; its first ?since= is older.
      const resumed = since.safeParse(request.headers['last-event-id'])
      const from =
        request.headers['last-event-id'] !== undefined && resumed.success ? resumed.data : request.query.since
      const box = mailbox<RecordedEvent>()
      const stops = [journal.follow(box.put), every(HEARTBEAT, () => box.put('heartbeat')), () => open.delete(box)]
      open.add(box)
      const leave = () => {
        box.close()
        for (const stop of stops) stop()
      }
      reply.raw.once('close', leave)
      if (reply.raw.destroyed) leave()
      const history = from === undefined ? [] : eventsAfter(journal, from)
      reply.type('text/event-stream; charset=utf-8').header('x-accel-buffering', 'no')
      return reply.send(Readable.from(eventFrames(history, box, (event) => isAbout(event, request.query.system))))
    },
  )

  const pages = {
    querystring: z.object({
      since: since.default(0),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      /** In place of `since`: only among the last so many. */
      last: z.coerce.number().int().min(1).max(1000).optional(),
      system: z.string().optional(),
    }),
  }
  app.get('/api/events.json', { schema: pages, config: { access: 'viewer' } }, async (request) => {
    const { limit, system, last } = request.query
    const from = last === undefined ? request.query.since : Math.max(0, journal.lastId() - last)
    const events: RecordedEvent[] = []
    for await (const event of eventsAfter(journal, from)) {
      if (isAbout(event, system)) events.push(event)
      if (events.length === limit) break
    }
    return events
  })
}

async function* eventsAfter(journal: Pick<Journal, 'since'>, id: number): AsyncGenerator<RecordedEvent> {
  for (let last = id; ; ) {
    const page = await journal.since(last, PAGE)
    yield* page
    last = page.at(-1)?.id ?? last
    if (page.length < PAGE) return
  }
}

function isAbout({ payload }: RecordedEvent, system: string | undefined): boolean {
  if (system === undefined) return true
  if ('system' in payload) return payload.system === system
  return 'name' in payload && payload.type === 'system' && payload.name === system
}
