/** GET /api/names: the names of all objects, or of one type: what a list or a completion needs, a thousandth of the objects. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ITEM_TYPES } from '../../model/items.ts'
import type { Catalog } from '../../services/catalog.ts'

export interface NameRoutesOptions {
  readonly catalog: Pick<Catalog, 'list'>
}

export const nameRoutes: FastifyPluginAsyncZod<NameRoutesOptions> = async (app, { catalog }) => {
  const schema = { querystring: z.object({ type: z.enum(ITEM_TYPES).optional() }) }
  app.get('/api/names', { schema, config: { access: 'viewer' } }, async (request) => {
    const { type } = request.query
    const types = type === undefined ? ITEM_TYPES : [type]
    return Object.fromEntries(types.map((one) => [one, catalog.list(one).map(({ name }) => name)]))
  })
}
