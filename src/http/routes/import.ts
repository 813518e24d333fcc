/** POST /api/import: a Debian netboot tree on this server, or in its store, becomes a distro and a profile. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Imports } from '../../services/imports.ts'
import { json } from '../answer-shapes.ts'
import { userOf } from '../auth.ts'

export interface ImportRoutesOptions {
  readonly imports: Imports
}

const word = z.string().min(1).max(255)

export const importRoutes: FastifyPluginAsyncZod<ImportRoutesOptions> = async (app, { imports }) => {
  const body = z
    .strictObject({
      path: z
        .string()
        .max(4096)
        .regex(/^(\/|store:.)/, 'must be an absolute path on the server, or one in its store (store:debian-13)'),
      name: word,
      arch: word,
      breed: word,
      osVersion: word,
      autoinstall: word,
      kernelOptions: z.record(z.string(), json),
      background: z.boolean().describe('Answer at once with the job that does it.'),
    })
    .exactPartial({
      ...{ arch: true, breed: true, osVersion: true, autoinstall: true, kernelOptions: true },
      background: true,
    })

  app.post('/api/import', { schema: { body }, config: { access: 'admin' } }, async (request, reply) => {
    const { background = false, ...wanted } = request.body
    const { job, result } = imports.start(wanted, userOf(request))
    if (background) return reply.code(202).header('location', `/api/jobs/${job.id}`).send({ job })
    const imported = await result
    return reply.code(imported.changed ? 201 : 200).send(imported)
  })
}
