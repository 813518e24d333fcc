/** POST /api/acquire and /api/systems/:name/release: take a free machine, and give it back. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { OrchestraError } from '../../model/errors.ts'
import type { Acquire, NoneFree } from '../../services/acquire.ts'
import { userOf } from '../auth.ts'

export interface AcquireRoutesOptions {
  readonly acquire: Acquire
}

const text = z.string().min(1).max(255)

/** What is left out is anything: no body at all asks for any free machine. */
const body = z
  .strictObject({
    classes: z.array(text).max(100),
    arch: text,
    name: text,
    pair: text,
    dryRun: z.boolean(),
  })
  .partial()
  .nullish()

export const acquireRoutes: FastifyPluginAsyncZod<AcquireRoutesOptions> = async (app, { acquire }) => {
  app.post('/api/acquire', { schema: { body }, config: { access: 'operator' } }, async (request, reply) => {
    const { classes = [], dryRun = false, ...rest } = request.body ?? {}
    const answer = await acquire.acquire({ ...rest, classes, dryRun }, askerOf(request))
    if (!answer.ok) return sendNoneFree(reply, answer)
    const { ok: _, ...taken } = answer
    return taken
  })

  const params = z.object({ name: z.string() })
  app.post('/api/systems/:name/release', { schema: { params }, config: { access: 'operator' } }, async (request) =>
    acquire.release(request.params.name, askerOf(request)),
  )
}

/** Whose key it is counts too: two users may think of one. */
function askerOf(request: FastifyRequest): { user: string; key: string | undefined } {
  const key = request.headers['idempotency-key']
  if (key === undefined) return { user: userOf(request), key }
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new OrchestraError('item.invalid', 'Idempotency-Key: 1 to 255 printable characters without blanks')
  }
  return { user: userOf(request), key }
}

/** Problem details (RFC 9457) with all that were looked at. */
function sendNoneFree(reply: FastifyReply, { because, passedOver }: NoneFree): FastifyReply {
  const code = 'machine.none-free'
  const problem = {
    type: `urn:orchestra:error:${code}`,
    title: 'No machine is free',
    status: 409,
    detail: because,
    code,
  }
  return reply
    .code(409)
    .type('application/problem+json')
    .send(JSON.stringify({ ...problem, passedOver }))
}
