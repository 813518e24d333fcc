/**
 * /api/jobs: every long task, the newest first; one with what came of each machine; what it says, as lines or with ?follow=1
 * as server-sent events that end with it.
 */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Every } from '../../lib/clock.ts'
import { OrchestraError } from '../../model/errors.ts'
import { hasEnded, JOB_STATES, type Job, type JobLine } from '../../model/job.ts'
import type { JobNews, Jobs } from '../../services/jobs.ts'
import { userOf } from '../auth.ts'
import { eventFrames, type Mailbox, mailbox } from '../event-stream.ts'

export interface JobRoutesOptions {
  readonly jobs: Pick<Jobs, 'list' | 'get' | 'cancel' | 'lines' | 'follow'>
  readonly every: Every
}

/** Proxies and clients take a silent connection for a dead one. */
const HEARTBEAT = 15_000

/** A line, or the job as it has ended, which comes after all lines. */
interface Frame {
  readonly id: number
  readonly name?: 'end'
  readonly shown: JobLine | Job
}

export const jobRoutes: FastifyPluginAsyncZod<JobRoutesOptions> = async (app, { jobs, every }) => {
  const open = new Set<Mailbox<Frame>>()
  // Before the server closes, or it would wait for streams that never end.
  app.addHook('preClose', async () => {
    for (const box of open) box.close()
  })

  const querystring = z.strictObject({
    limit: z.coerce.number().int().min(1).max(1_000).default(100),
    cursor: z.string().max(100).optional().describe('From the Link header of the page before.'),
    state: z.enum(JOB_STATES).optional(),
  })
  app.get('/api/jobs', { schema: { querystring }, config: { access: 'viewer' } }, async (request, reply) => {
    const { limit, cursor, state } = request.query
    const before = cursor === undefined ? undefined : placeOf(cursor)
    const page = await jobs.list({ state, before, limit })
    const last = page.at(-1)
    if (last && page.length === limit) {
      const query = new URLSearchParams({ limit: String(limit), ...(state && { state }), cursor: cursorOf(last) })
      reply.header('link', `</api/jobs?${query}>; rel="next"`)
    }
    return page
  })

  const params = z.object({ id: z.string() })
  const find = async (id: string): Promise<Job> => {
    const job = await jobs.get(id)
    if (!job) throw new OrchestraError('item.missing', `there is no job ${id}`)
    return job
  }

  app.get('/api/jobs/:id', { schema: { params }, config: { access: 'viewer' } }, async (request) =>
    find(request.params.id),
  )

  app.delete('/api/jobs/:id', { schema: { params }, config: { access: 'operator' } }, async (request) =>
    jobs.cancel(request.params.id, userOf(request)),
  )

  const after = z.coerce.number().int().min(0)
  const output = {
    params,
    querystring: z.strictObject({
      follow: z.stringbool().default(false),
      after: after.default(0).describe('Lines with a greater number.'),
    }),
  }
  app.get(
    '/api/jobs/:id/output',
    { schema: output, config: { access: 'viewer' }, exposeHeadRoute: false },
    async (request, reply) => {
      const { id } = request.params
      await find(id)
      if (!request.query.follow) return await jobs.lines(id, request.query.after)
      // A client that comes back says what it saw last; its first ?after= is older.
      const resumed = after.safeParse(request.headers['last-event-id'] ?? 'none')
      return follow(reply, id, resumed.success ? resumed.data : request.query.after)
    },
  )

  function follow(reply: FastifyReply, id: string, from: number): FastifyReply {
    const box = mailbox<Frame>()
    let isOver = false
    const hear = (news: JobNews) => {
      if ('line' in news) return box.put(lineFrame(news.line))
      if (!isOver) box.put(endFrame(news.end))
      isOver = true
      box.end()
    }
    const stops = [jobs.follow(id, hear), every(HEARTBEAT, () => box.put('heartbeat')), () => open.delete(box)]
    open.add(box)
    const leave = () => {
      box.close()
      for (const stop of stops) stop()
    }
    reply.raw.once('close', leave)
    if (reply.raw.destroyed) leave()
    reply.type('text/event-stream; charset=utf-8').header('x-accel-buffering', 'no')
    const frames = eventFrames(
      history(id, from, hear),
      box,
      () => true,
      ({ shown }) => shown,
    )
    return reply.send(Readable.from(frames))
  }

  /** What was said before; of a job that has ended, its end is the news. */
  async function* history(id: string, from: number, hear: (news: JobNews) => void): AsyncGenerator<Frame> {
    const job = await jobs.get(id)
    for (const line of await jobs.lines(id, from)) yield lineFrame(line)
    if (job && hasEnded(job)) hear({ end: job })
  }
}

const lineFrame = (line: JobLine): Frame => ({ id: line.n, shown: line })

/** Its number is greater than any line's. */
function endFrame({ results: _, ...job }: Job): Frame {
  return { id: Number.MAX_SAFE_INTEGER, name: 'end', shown: job }
}

const cursorOf = ({ started, id }: Job): string => `${started}/${id}`

/** @throws OrchestraError item.invalid */
function placeOf(cursor: string): { started: number; id: string } {
  const [, started, id] = /^(\d{1,16})\/([^/]+)$/.exec(cursor) ?? []
  if (started === undefined || id === undefined) {
    throw new OrchestraError('item.invalid', 'the cursor is of no list of jobs', { field: 'cursor' })
  }
  return { started: Number(started), id }
}
