/** GET /api/status: the installs of the last days, and how far they are. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Catalog } from '../../services/catalog.ts'
import type { InstallStatus } from '../../services/install-status.ts'

export interface StatusRoutesOptions {
  readonly catalog: Pick<Catalog, 'get'>
  readonly statuses: () => readonly InstallStatus[]
}

export const statusRoutes: FastifyPluginAsyncZod<StatusRoutesOptions> = async (app, { catalog, statuses }) => {
  app.get('/api/status', { config: { access: 'viewer' } }, async () =>
    statuses().map(({ system, started, ended, seen, state }) => {
      const interfaces = Object.values(catalog.get('system', system)?.interfaces ?? {})
      const ip = interfaces.find(({ ipAddress }) => ipAddress !== '')?.ipAddress ?? ''
      return { system, ip, started: started ?? null, ended: ended ?? null, seen, state }
    }),
  )
}
