/** Power over HTTP: an action becomes a task, a question a reading, a test a sentence. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { OrchestraError } from '../../model/errors.ts'
import type { PowerTask } from '../../model/power.ts'
import type { Catalog } from '../../services/catalog.ts'
import type { Power } from '../../services/power.ts'
import { userOf } from '../auth.ts'

export interface PowerRoutesOptions {
  readonly power: Power
}

/** How one of many was answered: with its task, or why there is none. */
type Answer =
  | { readonly system: string; readonly task: PowerTask }
  | { readonly system: string; readonly because: string }

/** More in one request are two requests. */
const MOST_SYSTEMS = 10_000

interface Options extends PowerRoutesOptions {
  readonly catalog: Pick<Catalog, 'list'>
}

export const powerRoutes: FastifyPluginAsyncZod<Options> = async (app, { power, catalog }) => {
  const params = z.object({ name: z.string() })
  const action = z.enum(['on', 'off', 'reboot'])
  const viewer = { access: 'viewer' } as const
  const operator = { access: 'operator' } as const

  app.post(
    '/api/systems/:name/power',
    { schema: { params, body: z.strictObject({ action }) }, config: operator },
    async (request, reply) => {
      const task = await power.start(request.params.name, request.body.action, { by: userOf(request) })
      return reply
        .code(202)
        .header('location', `/api/tasks/${encodeURIComponent(task.id)}`)
        .send({ task })
    },
  )

  app.get('/api/systems/:name/power', { schema: { params }, config: viewer }, async (request) =>
    power.read(request.params.name),
  )

  /** What was last seen of each machine, and when; nobody is asked now. */
  app.get('/api/power', { config: viewer }, async () =>
    catalog.list('system').map(({ name }) => ({ system: name, ...(power.last(name) ?? NEVER_SEEN) })),
  )

  const many = z.strictObject({ action, systems: z.array(z.string()).min(1).max(MOST_SYSTEMS) })
  app.post('/api/power', { schema: { body: many }, config: operator }, async (request, reply) => {
    const { systems, action: wanted } = request.body
    const by = userOf(request)
    const answer = async (system: string): Promise<Answer> => {
      try {
        return { system, task: await power.start(system, wanted, { by }) }
      } catch (error) {
        if (error instanceof OrchestraError) return { system, because: error.message }
        throw error
      }
    }
    return reply.code(202).send({ results: await Promise.all([...new Set(systems)].map(answer)) })
  })

  app.post('/api/systems/:name/power/test', { schema: { params }, config: operator }, async (request) =>
    power.test(request.params.name),
  )

  const sight = z.strictObject({ state: z.enum(['on', 'off']) })
  app.post('/api/systems/:name/power/confirm', { schema: { params, body: sight }, config: operator }, async (request) =>
    power.confirm(request.params.name, request.body.state, userOf(request)),
  )

  const lamp = z.strictObject({ seconds: z.number().int().min(0).max(3600).default(15) })
  app.post(
    '/api/systems/:name/power/identify',
    { schema: { params, body: lamp }, config: operator },
    async (request, reply) => {
      await power.identify(request.params.name, request.body.seconds)
      return reply.code(204).send()
    },
  )

  const task = { params: z.object({ id: z.string() }) }
  app.get('/api/tasks/:id', { schema: task, config: viewer }, async (request) => {
    const found = power.task(request.params.id)
    if (!found) throw new OrchestraError('item.missing', `there is no task ${request.params.id}`)
    return found
  })

  app.delete('/api/tasks/:id', { schema: task, config: operator }, async (request) => {
    power.cancel(request.params.id, userOf(request))
    return await power.finished(request.params.id)
  })

  /** All that is under way or waits for a machine. */
  app.delete('/api/systems/:name/power', { schema: { params }, config: operator }, async (request) => {
    const cancelled = power.cancelAll(request.params.name, userOf(request))
    return { tasks: await Promise.all(cancelled.map(({ id }) => power.finished(id))) }
  })
}

const NEVER_SEEN = { state: 'unknown', at: null, because: 'nobody has asked yet' } as const
