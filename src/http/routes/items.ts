/** /api/distros, profiles, systems and mgmtclasses: read, make, change, copy and remove objects, with the revision as ETag. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod, ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { isJsonObject } from '../../lib/json.ts'
import { OrchestraError } from '../../model/errors.ts'
import { copyItem, ITEM_TYPES, type ItemOf, type ItemType, PLURALS } from '../../model/items.ts'
import type { Catalog } from '../../services/catalog.ts'
import { userOf } from '../auth.ts'
import { answerOf, applyChange, CHANGES, type ItemChange } from '../item-shapes.ts'

export interface ItemRoutesOptions {
  readonly catalog: Pick<Catalog, 'get' | 'list' | 'draft' | 'save' | 'remove'>
}

export const itemRoutes: FastifyPluginAsyncZod<ItemRoutesOptions> = async (app, options) => {
  for (const type of ITEM_TYPES) addRoutes(app, type, options)
}

const params = z.object({ name: z.string() })

/** How often a change without If-Match is laid over an object that others keep changing. */
const TRIES = 5

function addRoutes<Type extends ItemType>(untyped: FastifyInstance, type: Type, { catalog }: ItemRoutesOptions): void {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  const all = `/api/${PLURALS[type]}`
  const one = `${all}/:name`
  const body = CHANGES[type]
  // Checked by that schema; TypeScript cannot follow a type word to it by itself.
  const changeOf = (request: FastifyRequest) => request.body as ItemChange[Type]

  const send = (reply: FastifyReply, item: ItemOf[Type]) =>
    reply.header('etag', `"${item.revision}"`).send(answerOf(type, item))

  const find = (name: string): ItemOf[Type] => {
    const item = catalog.get(type, name)
    if (!item) throw new OrchestraError('item.missing', `there is no ${type} ${name}`)
    return item
  }

  app.get(all, { config: { access: 'viewer' } }, async () => catalog.list(type).map((item) => answerOf(type, item)))

  app.get(one, { schema: { params }, config: { access: 'viewer' } }, async (request, reply) =>
    send(reply, find(request.params.name)),
  )

  const make = async (request: FastifyRequest, reply: FastifyReply, item: ItemOf[Type]) => {
    const saved = await catalog.save(type, item, writtenBy(request))
    return send(reply.code(201).header('location', `${all}/${encodeURIComponent(saved.name)}`), saved)
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
        return send(reply, await catalog.save(type, after, { uid: before.uid, ...writtenBy(request) }))
      } catch (error) {
        const isRace = error instanceof OrchestraError && error.code === 'item.stale'
        if (!isRace || request.headers['if-match'] !== undefined || tries === TRIES) throw error
      }
    }
  })

  const remove = { params, querystring: z.object({ recursive: z.stringbool().default(false) }) }
  app.delete(one, { schema: remove, config: { access: 'operator' } }, async (request, reply) => {
    checkMatch(request, find(request.params.name))
    await catalog.remove(type, request.params.name, request.query)
    return reply.code(204).send()
  })
}

/** Who names the revision that he has read knows whose a machine is; who writes its classes without, may have lost a race. */
function writtenBy(request: FastifyRequest): { by: string; isBlind: boolean } {
  const wanted = request.headers['if-match']
  const writesClasses = isJsonObject(request.body) && request.body['mgmtClasses'] !== undefined
  return { by: userOf(request), isBlind: writesClasses && (wanted === undefined || wanted.trim() === '*') }
}

/** `If-Match` (RFC 9110 13.1.1). @throws OrchestraError item.stale */
function checkMatch(request: FastifyRequest, { name, revision }: { name: string; revision: number }): void {
  const wanted = request.headers['if-match']
  if (wanted === undefined || wanted.trim() === '*') return
  if (wanted.split(',').some((tag) => tag.trim() === `"${revision}"`)) return
  throw new OrchestraError(
    'item.stale',
    `${name} was changed in between (it is at revision ${revision}); read it again`,
  )
}
