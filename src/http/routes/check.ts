/** GET /api/check: what would keep a machine from booting, a sentence each that says how to mend it. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

export interface CheckRoutesOptions {
  readonly advice: () => readonly string[]
}

export const checkRoutes: FastifyPluginAsyncZod<CheckRoutesOptions> = async (app, { advice }) => {
  app.get('/api/check', { config: { access: 'viewer' } }, async () => advice())
}
