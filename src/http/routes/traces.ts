/**
 * The traces of boots over HTTP: those of a system or of a MAC that is no system's, newest first and with their verdicts, or
 * with ?follow=1 what is seen of the machine as server-sent events. One boot, and those of all machines, are routes/boots.ts.
 */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Every } from '../../lib/clock.ts'
import { type Mac, parseMac } from '../../model/address.ts'
import { OrchestraError } from '../../model/errors.ts'
import { macsOf, type System } from '../../model/system.ts'
import type { BootAttempt } from '../../model/trace.ts'
import type { Catalog } from '../../services/catalog.ts'
import type { Traces } from '../../services/trace.ts'
import { bootSummary } from '../boot-summary.ts'
import { eventFrames, type Mailbox, mailbox } from '../event-stream.ts'
import { type TraceFrame, traceFrames } from '../trace-frames.ts'

export interface TraceRoutesOptions {
  readonly catalog: Pick<Catalog, 'get' | 'byUid'>
  readonly traces: Pick<Traces, 'of' | 'verdict' | 'follow'>
  readonly every: Every
}

/** Proxies and clients take a silent connection for a dead one. */
const HEARTBEAT = 15_000
/** A verdict may change because nothing comes. */
const LOOK = 1_000

export const traceRoutes: FastifyPluginAsyncZod<TraceRoutesOptions> = async (app, { catalog, traces, every }) => {
  const open = new Set<Mailbox<TraceFrame>>()
  // Before the server closes, or it would wait for streams that never end.
  app.addHook('preClose', async () => {
    for (const box of open) box.close()
  })

  const number = z.coerce.number().int().min(0)
  const querystring = z.object({
    /** Boots with a lesser id; unset: from the newest on. */
    before: number.optional(),
    limit: number.min(1).max(100).default(20),
    follow: z.stringbool().default(false),
  })
  type Query = z.infer<typeof querystring>

  const byName = { params: z.object({ name: z.string() }), querystring }
  app.get(
    '/api/systems/:name/boots',
    { schema: byName, config: { access: 'viewer' }, exposeHeadRoute: false },
    async (request, reply) => {
      const system = catalog.get('system', request.params.name)
      if (!system) throw new OrchestraError('item.missing', `there is no system ${request.params.name}`)
      return await answer(system, request.query, request, reply)
    },
  )

  const byMac = { params: z.object({ mac: z.string() }), querystring }
  app.get(
    '/api/machines/:mac/boots',
    { schema: byMac, config: { access: 'viewer' }, exposeHeadRoute: false },
    async (request, reply) => await answer(parseMac(request.params.mac, 'mac'), request.query, request, reply),
  )

  async function answer(machine: System | Mac, query: Query, request: FastifyRequest, reply: FastifyReply) {
    const { before, limit, follow: isFollowed } = query
    if (isFollowed) return follow(machine, request, reply)
    const found = await traces.of(machine, { before, limit })
    return found.map((attempt) => bootSummary(attempt, traces.verdict(attempt), catalog))
  }

  function follow(machine: System | Mac, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
    const macs: readonly string[] = typeof machine === 'string' ? [machine] : macsOf(machine)
    const uid = typeof machine === 'string' ? undefined : machine.uid
    const isIts = (attempt: BootAttempt) =>
      (uid !== undefined && attempt.uid === uid) || (attempt.mac !== undefined && macs.includes(attempt.mac))
    const resumed = number.safeParse(headers['last-event-id'] ?? 'none')
    const seen = resumed.success ? resumed.data : 0
    const box = mailbox<TraceFrame>()
    const frames = traceFrames(traces.verdict)
    const put = (attempt: BootAttempt | undefined) => {
      for (const frame of frames(attempt)) if (frame.id > seen) box.put(frame)
    }
    const stops = [
      traces.follow((attempt) => isIts(attempt) && put(attempt)),
      every(LOOK, () => put(undefined)),
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
    const history = historyOf(machine, frames, seen)
    reply.type('text/event-stream; charset=utf-8').header('x-accel-buffering', 'no')
    return reply.send(Readable.from(eventFrames(history, box, () => true)))
  }

  /** The boot that is under way, or was the last; for whoever comes back, what came since. */
  async function* historyOf(
    machine: System | Mac,
    frames: (attempt: BootAttempt) => TraceFrame[],
    seen: number,
  ): AsyncGenerator<TraceFrame> {
    const found = await traces.of(machine, { limit: seen === 0 ? 1 : 20 })
    for (const attempt of found.reverse()) for (const frame of frames(attempt)) if (frame.id > seen) yield frame
  }
}
