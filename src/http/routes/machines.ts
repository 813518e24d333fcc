/** GET /api/machines and /api/summary: all machines at one look, one row each, and how many there are of which kind. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Machines } from '../../services/machines.ts'
import { sendTagged } from '../preconditions.ts'

export interface MachineRoutesOptions {
  readonly machines: Machines
}

export const machineRoutes: FastifyPluginAsyncZod<MachineRoutesOptions> = async (app, { machines }) => {
  const querystring = z.strictObject({
    names: z
      .string()
      .max(100_000)
      .optional()
      .describe('Only these, with commas between them; unknown ones are left out.'),
  })
  app.get('/api/machines', { schema: { querystring }, config: { access: 'viewer' } }, async (request, reply) => {
    const { names } = request.query
    const { text, tag } = names === undefined ? machines.rows() : machines.rowsOf(names.split(','))
    return sendTagged(request, reply, tag, text)
  })

  app.get('/api/summary', { config: { access: 'viewer' } }, async () => machines.summary())
}
