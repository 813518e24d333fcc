/** /api/distros, profiles, systems and mgmtclasses: read, make, change, copy and remove objects, with the revision as ETag. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod, ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { isJsonObject } from '../../lib/json.ts'
import { OrchestraError } from '../../model/errors.ts'
import { copyItem, ITEM_TYPES, type ItemOf, type ItemType, PLURALS } from '../../model/items.ts'
import type { System } from '../../model/system.ts'
import type { Catalog, SaveOptions } from '../../services/catalog.ts'
import type { Power } from '../../services/power.ts'
import type { Standings } from '../../services/standing.ts'
import { userOf } from '../auth.ts'
import { type KeptRequests, keepWith } from '../idempotency.ts'
import { answerOf, applyChange, CHANGES, type ItemChange } from '../item-shapes.ts'
import { listQuery, pageOf, systemsQuery } from '../list-pages.ts'
import { checkMatch, sendVersion, wantedRevision } from '../preconditions.ts'

export interface ItemRoutesOptions {
  readonly catalog: Pick<Catalog, 'get' | 'list' | 'draft' | 'save' | 'remove'>
  readonly kept: KeptRequests
  readonly power: Pick<Power, 'last'>
  readonly standings: Pick<Standings, 'of'>
}

export const itemRoutes: FastifyPluginAsyncZod<ItemRoutesOptions> = async (app, options) => {
  for (const type of ITEM_TYPES) addRoutes(app, type, options)
}

const params = z.object({ name: z.string() })

/** How often a change without If-Match is laid over an object that others keep changing. */
const TRIES = 5

function addRoutes<Type extends ItemType>(
  untyped: FastifyInstance,
  type: Type,
  { catalog, kept, power, standings }: ItemRoutesOptions,
): void {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  const all = `/api/${PLURALS[type]}`
  const one = `${all}/:name`
  const body = CHANGES[type]
  // Checked by that schema; TypeScript cannot follow a type word to it by itself.
  const changeOf = (request: FastifyRequest) => request.body as ItemChange[Type]

  const send = (request: FastifyRequest, reply: FastifyReply, item: ItemOf[Type]) =>
    sendVersion(request, reply, item.revision, answerOf(type, item))

  const sights = {
    powerOf: (name: string) => power.last(name)?.state ?? 'unknown',
    stageOf: (system: System) => standings.of(system).stage,
  }

  const find = (name: string): ItemOf[Type] => {
    const item = catalog.get(type, name)
    if (!item) throw new OrchestraError('item.missing', `there is no ${type} ${name}`)
    return item
  }

  const querystring = type === 'system' ? systemsQuery : listQuery
  app.get(all, { schema: { querystring }, config: { access: 'viewer' } }, async (request, reply) =>
    pageOf(catalog.list(type), request.query, request, reply, sights).map((item) => answerOf(type, item)),
  )

  app.get(one, { schema: { params }, config: { access: 'viewer' } }, async (request, reply) =>
    send(request, reply, find(request.params.name)),
  )

  const make = async (request: FastifyRequest, reply: FastifyReply, item: ItemOf[Type]) => {
    const location = `${all}/${encodeURIComponent(item.name)}`
    const also: SaveOptions<Type>['also'] = (tx, saved) => {
      const headers = { etag: `"${saved.revision}"`, location }
      return keepWith(kept, tx, request, { status: 201, headers, body: JSON.stringify(answerOf(type, saved)) })
    }
    const saved = await catalog.save(type, item, { ...writtenBy(request), also })
    return send(request, reply.code(201).header('location', location), saved)
  }

  const create = { body, querystring: z.object({ replace: z.stringbool().default(false) }) }
  app.post(all, { schema: create, config: { access: 'operator' } }, async (request, reply) => {
    const change = changeOf(request)
    const before = request.query.replace ? catalog.get(type, change.name ?? '') : undefined
    // Replaced, it is the same object to those who know it by its uid.
    const kept = before && { uid: before.uid, revision: before.revision, ctime: before.ctime }
    return make(request, reply, applyChange(type, { ...catalog.draft(type), ...kept }, change))
  })

  app.post(`${one}/copy`, { schema: { params, body }, config: { access: 'operator' } }, async (request, reply) => {
    const change = changeOf(request)
    const copy = copyItem(type, find(request.params.name), catalog.draft(type).uid, change.name ?? '')
    return make(request, reply, applyChange(type, copy, change))
  })

  app.patch(one, { schema: { params, body }, config: { access: 'operator' } }, async (request, reply) => {
    for (let tries = 1; ; tries++) {
      const before = find(request.params.name)
      checkMatch(request, before)
      try {
        const after = applyChange(type, before, changeOf(request))
        return send(request, reply, await catalog.save(type, after, { uid: before.uid, ...writtenBy(request) }))
      } catch (error) {
        const isRace = error instanceof OrchestraError && error.code === 'item.stale'
        if (!isRace || request.headers['if-match'] !== undefined || tries === TRIES) throw error
      }
    }
  })

  const remove = { params, querystring: z.object({ recursive: z.stringbool().default(false) }) }
  app.delete(one, { schema: remove, config: { access: 'operator' } }, async (request, reply) => {
    checkMatch(request, find(request.params.name))
    await catalog.remove(type, request.params.name, { ...request.query, revision: wantedRevision(request) })
    return reply.code(204).send()
  })
}

/** Who names the revision that he has read knows whose a machine is; who writes its classes without, may have lost a race. */
function writtenBy(request: FastifyRequest): { by: string; isBlind: boolean } {
  const wanted = request.headers['if-match']
  const writesClasses = isJsonObject(request.body) && request.body['mgmtClasses'] !== undefined
  return { by: userOf(request), isBlind: writesClasses && (wanted === undefined || wanted.trim() === '*') }
}
