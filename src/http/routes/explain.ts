/**
 * GET /api/explain/:machine: what a machine would be told if it booted now, with what-ifs; and what its installer was really
 * sent the last time. Passwords are for operators.
 */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { OrchestraError } from '../../model/errors.ts'
import { ARCHITECTURES, FIRMWARES } from '../../model/explanation.ts'
import type { Catalog } from '../../services/catalog.ts'
import type { Explain } from '../../services/explain.ts'
import type { SentPreseeds } from '../../services/sent-preseeds.ts'
import { maySeeSecrets } from '../auth.ts'

export interface ExplainRoutesOptions {
  readonly catalog: Pick<Catalog, 'get'>
  readonly explain: Explain
  readonly sentPreseeds: Pick<SentPreseeds, 'last'>
}

const whatIf = z.object({
  firmware: z.enum(FIRMWARES).optional(),
  arch: z.enum(ARCHITECTURES).optional(),
  netboot: z.enum(['on', 'off']).optional(),
  profile: z.string().min(1).optional(),
})

export const explainRoutes: FastifyPluginAsyncZod<ExplainRoutesOptions> = async (app, options) => {
  const { catalog, explain, sentPreseeds } = options

  const machine = { params: z.object({ machine: z.string() }), querystring: whatIf }
  app.get('/api/explain/:machine', { schema: machine, config: { access: 'viewer' } }, async (request) => {
    const { firmware, arch, netboot, profile } = request.query
    const changes = { firmware, arch, netboot: netboot === undefined ? undefined : netboot === 'on', profile }
    return await explain(request.params.machine, changes, maySeeSecrets(request))
  })

  const system = { params: z.object({ name: z.string() }) }
  app.get('/api/systems/:name/autoinstall/last', { schema: system, config: { access: 'viewer' } }, async (request) => {
    const { name } = request.params
    const found = catalog.get('system', name)
    if (!found) throw new OrchestraError('item.missing', `there is no system ${name}`)
    const sent = await sentPreseeds.last(found.uid)
    if (!sent) throw new OrchestraError('item.missing', `no installer has asked for the preseed of ${name} yet`)
    const { text, masked, at, boot } = sent
    return { text: maySeeSecrets(request) ? text : masked, at, boot }
  })
}
