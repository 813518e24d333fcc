/** GET /api/audit: who changed what, and which logins were refused, the newest first. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type Audit, OUTCOMES } from '../../services/audit.ts'

export interface AuditRoutesOptions {
  readonly audit: Pick<Audit, 'find' | 'record'>
}

const entry = z.object({
  id: z.number().int(),
  at: z.number().int().describe('Milliseconds since 1970.'),
  user: z.string(),
  peer: z.string(),
  door: z.string(),
  action: z.string(),
  fields: z.array(z.string()).describe('What was written, by name; never what was in it.'),
  outcome: z.string(),
})

export const auditRoutes: FastifyPluginAsyncZod<AuditRoutesOptions> = async (app, { audit }) => {
  const schema = {
    querystring: z.object({
      user: z.string().optional(),
      peer: z.string().optional(),
      door: z.string().optional(),
      action: z.string().optional().describe('Part of the action: a method, or the name of an object.'),
      outcome: z.enum(OUTCOMES).optional(),
      before: z.coerce.number().int().min(0).optional().describe('Entries with a lesser id: the next page.'),
      limit: z.coerce.number().int().min(1).max(10_000).default(100),
    }),
    response: { 200: z.array(entry) },
  }
  app.get('/api/audit', { schema, config: { access: 'admin' } }, async (request) => {
    const { before = Number.MAX_SAFE_INTEGER, limit, ...filter } = request.query
    return (await audit.find(filter, before, limit)).map((one) => ({ ...one, fields: [...one.fields] }))
  })
}
