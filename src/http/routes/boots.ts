/**
 * /api/boots: the boots of all machines, newest first and in pages, those that are live now, and as a stream of what grows;
 * and one boot with all that was seen of it, as JSON or as the packets that were kept.
 */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Every } from '../../lib/clock.ts'
import { isLive } from '../../model/boot-summary.ts'
import { OrchestraError } from '../../model/errors.ts'
import type { BootAttempt } from '../../model/trace.ts'
import type { Catalog } from '../../services/catalog.ts'
import type { Traces } from '../../services/trace.ts'
import { type BootFrame, bootHub } from '../boot-hub.ts'
import { bootSummary } from '../boot-summary.ts'
import { eventFrames, type Mailbox, mailbox } from '../event-stream.ts'
import { nextUrl } from '../list-pages.ts'

export interface BootListRoutesOptions {
  readonly catalog: Pick<Catalog, 'byUid'>
  readonly traces: Pick<Traces, 'all' | 'get' | 'last' | 'capture' | 'verdict' | 'follow'>
  readonly every: Every
}

/** Proxies and clients take a silent connection for a dead one. */
const HEARTBEAT = 15_000
const MOST = 200

export const bootListRoutes: FastifyPluginAsyncZod<BootListRoutesOptions> = async (app, options) => {
  const { catalog, traces, every } = options
  const summaryOf = (attempt: BootAttempt) => bootSummary(attempt, traces.verdict(attempt), catalog)
  const hub = bootHub(traces, every, summaryOf)
  const open = new Set<Mailbox<BootFrame>>()
  // Before the server closes, or it would wait for streams that never end.
  app.addHook('preClose', async () => {
    for (const box of open) box.close()
  })

  const number = z.coerce.number().int().min(0)
  const querystring = z.object({
    /** Only those that are under way or stalled now. */
    live: z.stringbool().default(false),
    limit: number.min(1).max(MOST).default(50),
    /** Boots with a lesser id; unset: from the newest on. */
    cursor: number.optional(),
  })
  app.get('/api/boots', { schema: { querystring }, config: { access: 'viewer' } }, async (request, reply) => {
    const { live, limit, cursor: before } = request.query
    // One more shows whether there is a next page.
    const found = live ? liveBoots(traces, before) : await traces.all({ before, limit: limit + 1 })
    const page = found.slice(0, limit)
    const last = page.at(-1)
    if (last && found.length > limit) reply.header('link', `<${nextUrl(request, `${last.id}`)}>; rel="next"`)
    return page.map(summaryOf)
  })

  app.get('/api/boots/stream', { config: { access: 'viewer' }, exposeHeadRoute: false }, async (_request, reply) => {
    const box = mailbox<BootFrame>()
    const stops = [hub.join(box), every(HEARTBEAT, () => box.put('heartbeat')), () => open.delete(box)]
    open.add(box)
    const leave = () => {
      box.close()
      for (const stop of stops.splice(0)) stop()
    }
    reply.raw.once('close', leave)
    if (reply.raw.destroyed) leave()
    reply.type('text/event-stream; charset=utf-8').header('x-accel-buffering', 'no')
    return reply.send(
      Readable.from(
        eventFrames(
          hub.now(),
          box,
          () => true,
          ({ boot }) => boot,
        ),
      ),
    )
  })

  const byId = { params: z.object({ id: number }) }
  app.get('/api/boots/:id', { schema: byId, config: { access: 'viewer' } }, async (request) => {
    const attempt = await traces.get(request.params.id)
    if (!attempt) throw noBoot(request.params.id)
    return { ...summaryOf(attempt), entries: attempt.entries }
  })

  app.get(
    '/api/boots/:id/pcap',
    { schema: byId, config: { access: 'viewer' } },
    async (request, reply): Promise<FastifyReply> => {
      const { id } = request.params
      const bytes = await traces.capture(id)
      if (!bytes) throw noBoot(id)
      return reply
        .type('application/octet-stream')
        .header('content-disposition', `attachment; filename="boot-${id}.pcapng"`)
        .send(bytes)
    },
  )
}

function noBoot(id: number): OrchestraError {
  return new OrchestraError('item.missing', `there is no boot ${id}; only the last of each machine are kept`)
}

function liveBoots(traces: Pick<Traces, 'last'>, before: number | undefined): BootAttempt[] {
  return [...traces.last()]
    .filter((attempt) => (before === undefined || attempt.id < before) && isLive(attempt))
    .sort((one, other) => other.id - one.id)
}
