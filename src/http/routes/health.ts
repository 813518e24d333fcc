/** GET /healthz for watchers, GET /api/version for clients. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

export interface HealthRoutesOptions {
  readonly version: string
}

export const healthRoutes: FastifyPluginAsyncZod = async (app) => {
  app.get('/healthz', { schema: { response: { 200: z.object({ status: z.literal('ok') }) } } }, async () => ({
    status: 'ok' as const,
  }))
}

export const versionRoutes: FastifyPluginAsyncZod<HealthRoutesOptions> = async (app, { version }) => {
  const schema = { response: { 200: z.object({ version: z.string() }) } }
  app.get('/api/version', { schema, config: { access: 'viewer' } }, async () => ({ version }))
}
