/** POST /api/bulk: one action for many machines; who is to be had for it, or a job that does it. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { BULK_ACTIONS } from '../../model/bulk.ts'
import type { Bulk } from '../../services/bulk.ts'
import { userOf } from '../auth.ts'

export interface BulkRoutesOptions {
  readonly bulk: Bulk
}

/** More in one request are two requests. */
const MOST_SYSTEMS = 10_000

export const bulkRoutes: FastifyPluginAsyncZod<BulkRoutesOptions> = async (app, { bulk }) => {
  const body = z.strictObject({
    action: z.enum(BULK_ACTIONS),
    systems: z.array(z.string().max(255)).min(1).max(MOST_SYSTEMS),
    profile: z.string().max(255).optional().describe('Which one they get, where the action is "profile".'),
    dryRun: z.boolean().optional().describe('Only say who is to be had for it, and why the others are not.'),
  })
  app.post('/api/bulk', { schema: { body }, config: { access: 'operator' } }, async (request, reply) => {
    const { systems, dryRun, ...order } = request.body
    if (dryRun) return { action: order.action, ...bulk.look(order, systems) }
    const job = bulk.start(order, systems, userOf(request))
    return reply.code(202).header('location', `/api/jobs/${job.id}`).send({ job })
  })
}
