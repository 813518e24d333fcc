/** How machines stand, over HTTP: all or those that somebody must look at, one, and a person's word that one was mended. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { OrchestraError } from '../../model/errors.ts'
import { STAGES } from '../../model/standing.ts'
import type { Catalog } from '../../services/catalog.ts'
import type { MachineStanding, Standings } from '../../services/standing.ts'
import { userOf } from '../auth.ts'

export interface StandingRoutesOptions {
  readonly catalog: Pick<Catalog, 'get'>
  readonly standings: Pick<Standings, 'of' | 'list' | 'repair'>
}

export const standingRoutes: FastifyPluginAsyncZod<StandingRoutesOptions> = async (app, { catalog, standings }) => {
  const filter = z.strictObject({
    stage: z.enum(STAGES).optional(),
    overdue: z.stringbool().optional(),
    /** Broken, overdue, or in classes that contradict each other. */
    attention: z.stringbool().optional(),
  })
  app.get('/api/standings', { schema: { querystring: filter }, config: { access: 'viewer' } }, async (request) => {
    const { stage, overdue, attention } = request.query
    return standings
      .list()
      .map(answerOf)
      .filter((one) => stage === undefined || one.stage === stage)
      .filter((one) => overdue === undefined || one.overdue === overdue)
      .filter((one) => attention === undefined || one.needsAttention === attention)
  })

  const schema = { params: z.object({ name: z.string() }) }
  app.get('/api/systems/:name/standing', { schema, config: { access: 'viewer' } }, async (request) => {
    const system = catalog.get('system', request.params.name)
    if (!system) throw new OrchestraError('item.missing', `there is no system ${request.params.name}`)
    return answerOf(standings.of(system))
  })

  app.post('/api/systems/:name/repair', { schema, config: { access: 'operator' } }, async (request) =>
    answerOf(await standings.repair(request.params.name, userOf(request))),
  )
}

/** Times are milliseconds since 1970. */
function answerOf(standing: MachineStanding) {
  const { system, stage, since, evidence, next, overdue, installs, custody, holder, netboot, broken } = standing
  const { deadline = null, stopped = null, contradiction = null } = standing
  return {
    ...{ system, stage, since, evidence, deadline, next, overdue, installs, stopped },
    broken: broken ? { at: broken.at, because: broken.because } : null,
    ...{ custody, holder, netboot, contradiction },
    needsAttention: overdue || broken !== undefined || contradiction !== null,
  }
}
