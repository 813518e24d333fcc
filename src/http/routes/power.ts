/** Power over HTTP: an action becomes a task, a question a reading. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { OrchestraError } from '../../model/errors.ts'
import type { Power } from '../../services/power.ts'

export interface PowerRoutesOptions {
  readonly power: Power
}

export const powerRoutes: FastifyPluginAsyncZod<PowerRoutesOptions> = async (app, { power }) => {
  const params = z.object({ name: z.string() })
  const body = z.strictObject({ action: z.enum(['on', 'off', 'reboot']) })

  app.post(
    '/api/systems/:name/power',
    { schema: { params, body }, config: { access: 'operator' } },
    async (request, reply) => {
      const task = await power.start(request.params.name, request.body.action)
      return reply
        .code(202)
        .header('location', `/api/tasks/${encodeURIComponent(task.id)}`)
        .send({ task })
    },
  )

  app.get('/api/systems/:name/power', { schema: { params }, config: { access: 'viewer' } }, async (request) =>
    power.read(request.params.name),
  )

  const schema = { params: z.object({ id: z.string() }) }
  app.get('/api/tasks/:id', { schema, config: { access: 'viewer' } }, async (request) => {
    const task = power.task(request.params.id)
    if (!task) throw new OrchestraError('item.missing', `there is no task ${request.params.id}`)
    return task
  })
}
