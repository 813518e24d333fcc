/** GET /api/leases: which address is whose, and until when. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Lease } from '../../model/lease.ts'

export interface LeaseRoutesOptions {
  readonly leases: () => readonly Lease[]
}

export const leaseRoutes: FastifyPluginAsyncZod<LeaseRoutesOptions> = async (app, { leases }) => {
  app.get('/api/leases', { config: { access: 'viewer' } }, async () => leases())
}
