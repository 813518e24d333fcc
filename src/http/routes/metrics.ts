/** GET /metrics: for Prometheus, with a token as everything else (`authorization: credentials_file` in its configuration). */
import type { FastifyPluginAsync } from 'fastify'
import type { Metrics } from '../../services/metrics.ts'

export interface MetricsRoutesOptions {
  readonly metrics: Pick<Metrics, 'text'>
}

export const metricsRoutes: FastifyPluginAsync<MetricsRoutesOptions> = async (app, { metrics }) => {
  app.get('/metrics', { config: { access: 'viewer' } }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics.text()),
  )
}
